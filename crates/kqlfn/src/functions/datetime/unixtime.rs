//! Datetimes from what has passed since 1970.

use kql::values::{TICKS_PER_SECOND, UNIX_EPOCH_TICKS};

use super::clock::in_range;
use crate::column::Cell;
use crate::function::{Call, Computed};

/// A column of datetimes; so many units make a second.
pub(super) fn datetimes(call: &Call<'_>, units_per_second: i64) -> Computed {
    call.longs(|row| {
        let cell = call.cell(0, row);
        let since = match cell.plain() {
            Cell::Real(_) | Cell::Decimal(_) => ticks_of_real(cell.real()?, units_per_second)?,
            // Units are either longer than a tick or shorter.
            _ if units_per_second > TICKS_PER_SECOND => cell.long()? / (units_per_second / TICKS_PER_SECOND),
            _ => cell.long()?.checked_mul(TICKS_PER_SECOND / units_per_second)?,
        };
        in_range(UNIX_EPOCH_TICKS.checked_add(since)?)
    })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "units are far below 2^53, and the range is checked"
)]
fn ticks_of_real(value: f64, units_per_second: i64) -> Option<i64> {
    let ticks = value * (TICKS_PER_SECOND as f64 / units_per_second as f64);
    (ticks.abs() < 9.2e18).then_some(ticks.round() as i64)
}
