//! Numbers and times as whole numbers and decimals.

use crate::column::Cell;
use crate::decimal::Decimal;

/// The whole number, or the ticks of a time. A real counts where it has no fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers far below 2^63 are taken"
)]
pub(super) fn whole(cell: Cell<'_>) -> Option<i64> {
    match cell.plain() {
        Cell::Real(value) if value.fract() == 0.0 && value.abs() < 9.0e18 => Some(value as i64),
        cell => cell.long().or_else(|| cell.ticks()),
    }
}

/// The number as a decimal.
pub(super) fn decimal(cell: Cell<'_>) -> Option<Decimal> {
    match cell.plain() {
        Cell::Decimal(digits) => Decimal::parse(digits),
        Cell::Real(value) => Decimal::from_real(value),
        cell => cell.long().map(Decimal::from_long),
    }
}
