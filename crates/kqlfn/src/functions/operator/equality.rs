//! `==` and `!=`. A value is never equal to null; two nulls are neither equal nor unequal.

use super::comparison::{compared, numbers};
use crate::column::Cell;
use crate::function::{Call, Computed, Function};

const SIGNATURES: &[&str] = &["(a:Scalar, b:Scalar) -> bool"];

pub(super) const EQUAL: Function = Function {
    name: "==",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if both are the same; texts letter by letter.",
    notes: "A value beside null is false, two nulls are null. Numbers of different types compare as numbers.",
    examples: &[
        ("1 == 1.0", "true"),
        ("'a' == 'A'", "false"),
        ("long(null) == 1", "false"),
        ("long(null) == long(null)", "bool(null)"),
        ("dynamic(5) == 5", "true"),
        ("dynamic([1, 2]) == dynamic([1, 2])", "true"),
        ("real(nan) == real(nan)", "false"),
    ],
    kernel: |call| equality(call, true),
};

pub(super) const NOT_EQUAL: Function = Function {
    name: "!=",
    aliases: &["<>"],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if both differ.",
    notes: "A value beside null is true, two nulls are null.",
    examples: &[
        ("1 != 2", "true"),
        ("long(null) != 1", "true"),
        ("long(null) != long(null)", "bool(null)"),
        ("'a' != 'a'", "false"),
    ],
    kernel: |call| equality(call, false),
};

fn equality(call: &Call<'_>, wanted: bool) -> Computed {
    if let (Some(left), Some(right)) = (call.column(0), call.column(1))
        && let (Some(lefts), Some(rights)) = (left.strings(), right.strings())
    {
        let at = |constant: bool, row: usize| if constant { 0 } else { row };
        return call.bools(|row| {
            let same = lefts.value(at(left.is_constant, row)) == rights.value(at(right.is_constant, row));
            Some(same == wanted)
        });
    }
    call.bools(|row| {
        let (left, right) = (call.cell(0, row), call.cell(1, row));
        match (left.is_null(), right.is_null()) {
            (true, true) => None,
            (true, false) | (false, true) => Some(!wanted),
            (false, false) => Some(same(left, right) == wanted),
        }
    })
}

/// True if two values are the same.
pub(super) fn same(left: Cell<'_>, right: Cell<'_>) -> bool {
    let (left, right) = (left.plain(), right.plain());
    match (left, right) {
        (Cell::String(left), Cell::String(right)) => left == right,
        (Cell::Bool(left), Cell::Bool(right)) => left == right,
        (Cell::Guid(left), Cell::Guid(right)) => left == right,
        (Cell::Dynamic(left), Cell::Dynamic(right)) => crate::dynamic::compare(left, right).is_eq(),
        (Cell::String(text), other) | (other, Cell::String(text)) => reads_as(text, other),
        _ => match (compared(left, right), numbers(left, right)) {
            (Some(order), _) => order.is_eq(),
            (None, Some((left, right))) => left == right,
            (None, None) => false,
        },
    }
}

/// A text beside a value of another type is read as that type.
fn reads_as(text: &str, other: Cell<'_>) -> bool {
    match other {
        Cell::Datetime(ticks) => kql::values::parse_datetime(text) == Some(ticks),
        Cell::Timespan(ticks) => kql::values::parse_timespan(text) == Some(ticks),
        Cell::Guid(guid) => kql::values::parse_guid(text) == Some(guid),
        _ => false,
    }
}
