//! Where days, weeks, months and years begin and end.

use kql::values::{TICKS_PER_DAY, days_from_civil};

use super::clock::{civil, days, in_range, weekday};
use crate::function::{Call, Computed};

/// What has a beginning and an end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Period {
    Day,
    Week,
    Month,
    Year,
}

/// More periods than there are days in the calendar, so that computing with them cannot overflow.
const OFFSET_MAX: i64 = 10_000_000;

/// The day, since 0001-01-01, on which a period begins that comes so many periods after the one of the ticks.
fn first_day(period: Period, ticks: i64, offset: i64) -> Option<i64> {
    if offset.unsigned_abs() > OFFSET_MAX.unsigned_abs() {
        return None;
    }
    let date = civil(ticks);
    Some(match period {
        Period::Day => days(ticks) + offset,
        Period::Week => days(ticks) - weekday(days(ticks)) + 7 * offset,
        Period::Month => days_from_civil(date.year, date.month + offset, 1),
        Period::Year => days_from_civil(date.year + offset, 1, 1),
    })
}

fn offset(call: &Call<'_>, row: usize) -> Option<i64> {
    if call.has(1) { call.long(1, row) } else { Some(0) }
}

/// A column of the first ticks of periods.
pub(super) fn start_of(call: &Call<'_>, period: Period) -> Computed {
    call.longs(|row| {
        let day = first_day(period, call.ticks(0, row)?, offset(call, row)?)?;
        in_range(day.checked_mul(TICKS_PER_DAY)?)
    })
}

/// A column of the last ticks of periods.
pub(super) fn end_of(call: &Call<'_>, period: Period) -> Computed {
    call.longs(|row| {
        let day = first_day(period, call.ticks(0, row)?, offset(call, row)?.checked_add(1)?)?;
        in_range(day.checked_mul(TICKS_PER_DAY)? - 1)
    })
}
