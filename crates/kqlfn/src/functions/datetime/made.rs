//! Datetimes and timespans that are made of numbers, or of any one value.

use kql::values::{TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND};

use crate::column::Cell;
use crate::function::Call;

/// A whole number within a range; fractions are cut off.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn whole(call: &Call<'_>, argument: usize, row: usize, least: i64, most: i64) -> Option<i64> {
    let cell = call.cell(argument, row);
    let number = match cell.long() {
        Some(number) => number,
        None => cell
            .real()
            .filter(|real| real.abs() < 9.2e18)
            .map(|real| real.trunc() as i64)?,
    };
    (least..=most).contains(&number).then_some(number)
}

/// The ticks of hours, minutes and seconds, which begin at an argument. What was left out is 0.
pub(super) fn clock_ticks(call: &Call<'_>, first: usize, row: usize) -> Option<i64> {
    let part = |argument, most| {
        if call.has(argument) {
            whole(call, argument, row, 0, most)
        } else {
            Some(0)
        }
    };
    let ticks = part(first, 23)? * TICKS_PER_HOUR + part(first + 1, 59)? * TICKS_PER_MINUTE;
    Some(ticks + seconds(call, first + 2, row)?)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a minute has far less than 2^53 ticks"
)]
fn seconds(call: &Call<'_>, argument: usize, row: usize) -> Option<i64> {
    if !call.has(argument) {
        return Some(0);
    }
    let seconds = call.real(argument, row)?;
    (0.0..60.0)
        .contains(&seconds)
        .then(|| (seconds * TICKS_PER_SECOND as f64).round() as i64)
}

/// The ticks of one value: itself, a number of ticks, or a text that is read.
pub(super) fn converted(cell: Cell<'_>, read: fn(&str) -> Option<i64>) -> Option<i64> {
    match cell.plain() {
        Cell::String(text) => read(text),
        Cell::Datetime(ticks) | Cell::Timespan(ticks) => Some(ticks),
        other => other.long(),
    }
}
