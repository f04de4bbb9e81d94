//! How values of one type are read as another, the same for all conversions.

use std::sync::Arc;

use crate::column::Cell;
use crate::decimal::Decimal;
use crate::function::{Call, Computed};
use crate::real::{parse_real, truncated};

/// The column as it is where it has the type already, else what it is converted to.
pub(super) fn unless_held(call: &Call<'_>, convert: impl FnOnce() -> Computed) -> Computed {
    match call.column(0) {
        Some(column) if column.kind == call.gives && !column.is_constant => Ok(Arc::clone(&column.array)),
        _ => convert(),
    }
}

/// A whole number as text says it, between blanks or not: decimal with a sign, or hexadecimal without one, which
/// fills all 64 bits.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    match hexadecimal(text) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
        None => text.parse().ok(),
    }
}

/// The same for 32 bits.
pub(super) fn whole_number_of_32_bits(text: &str) -> Option<i32> {
    let text = text.trim();
    match hexadecimal(text) {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(u32::cast_signed),
        None => text.parse().ok(),
    }
}

fn hexadecimal(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    // A sign behind the prefix is none of the digits.
    Some(if digits.starts_with(['+', '-']) {
        ""
    } else {
        digits
    })
}

/// A value as a long.
pub(super) fn long(cell: Cell<'_>) -> Option<i64> {
    match cell.plain() {
        Cell::String(text) => whole_number(text),
        Cell::Bool(value) => Some(i64::from(value)),
        Cell::Int(value) => Some(i64::from(value)),
        Cell::Long(value) | Cell::Datetime(value) | Cell::Timespan(value) => Some(value),
        Cell::Real(value) => truncated(value),
        Cell::Decimal(digits) => Decimal::parse(digits)?.to_long(),
        Cell::Null | Cell::Guid(_) | Cell::Dynamic(_) => None,
    }
}

/// A value as an int. What comes from a wider number keeps its lower 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "as Kusto narrows longs")]
pub(super) fn int(cell: Cell<'_>) -> Option<i32> {
    match cell.plain() {
        Cell::Int(value) => Some(value),
        Cell::String(text) => whole_number_of_32_bits(text),
        cell @ (Cell::Real(_) | Cell::Decimal(_)) => long(cell).and_then(|value| i32::try_from(value).ok()),
        cell => long(cell).map(|value| value as i32),
    }
}

/// A value as a real.
#[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
pub(super) fn real(cell: Cell<'_>) -> Option<f64> {
    match cell.plain() {
        Cell::String(text) => parse_real(text),
        Cell::Bool(value) => Some(f64::from(u8::from(value))),
        Cell::Datetime(ticks) | Cell::Timespan(ticks) => Some(ticks as f64),
        cell => cell.real(),
    }
}
