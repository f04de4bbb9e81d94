//! The largest or smallest of some values, as `max_of` and `min_of` look for them.

use std::cmp::Ordering;

use crate::column::Cell;
use crate::decimal::Decimal;
use crate::dynamic::compare as compare_dynamics;
use crate::function::{Call, Computed};

/// The value that stands to all others as asked for.
pub(super) fn outermost(call: &Call<'_>, wanted: Ordering) -> Computed {
    call.cells(|row| {
        let mut held = Cell::Null;
        for argument in 0..call.arguments.len() {
            let cell = call.cell(argument, row);
            if is_no_number(cell) {
                return cell;
            }
            if held.is_null() || compare(cell, held) == Some(wanted) {
                held = cell;
            }
        }
        held
    })
}

const fn is_no_number(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Real(value) if value.is_nan())
}

/// None if either is null, or if their types cannot be compared.
fn compare(left: Cell<'_>, right: Cell<'_>) -> Option<Ordering> {
    match (left, right) {
        (Cell::String(left), Cell::String(right)) => Some(left.cmp(right)),
        (Cell::Guid(left), Cell::Guid(right)) => Some(left.cmp(&right)),
        (Cell::Dynamic(left), Cell::Dynamic(right)) => Some(compare_dynamics(left, right)),
        (Cell::Decimal(_), _) | (_, Cell::Decimal(_)) => Some(decimal(left)?.cmp(&decimal(right)?)),
        _ => None
            .or_else(|| Some(left.long()?.cmp(&right.long()?)))
            .or_else(|| Some(left.ticks()?.cmp(&right.ticks()?)))
            .or_else(|| Some(left.bool()?.cmp(&right.bool()?)))
            .or_else(|| left.real()?.partial_cmp(&right.real()?)),
    }
}

fn decimal(cell: Cell<'_>) -> Option<Decimal> {
    match cell {
        Cell::Decimal(digits) => Decimal::parse(digits),
        Cell::Real(value) => Decimal::from_real(value),
        cell => cell.long().map(Decimal::from_long),
    }
}
