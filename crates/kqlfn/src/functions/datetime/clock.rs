//! What calendar and clock say of ticks.

use kql::values::{Civil, DATETIME_MAX, DATETIME_MIN, TICKS_PER_DAY, civil_from_days, days_from_civil};

use crate::function::{Call, Computed};

/// Days since 0001-01-01.
pub(super) const fn days(ticks: i64) -> i64 {
    ticks.div_euclid(TICKS_PER_DAY)
}

/// The day of the calendar.
pub(super) const fn civil(ticks: i64) -> Civil {
    civil_from_days(days(ticks))
}

/// Whole units since midnight.
pub(super) const fn since_midnight(ticks: i64, unit: i64) -> i64 {
    ticks.rem_euclid(TICKS_PER_DAY) / unit
}

/// Days since Sunday: the first day of the year 1 was a Monday.
pub(super) const fn weekday(days: i64) -> i64 {
    (days + 1).rem_euclid(7)
}

/// The day of the year, from 1.
pub(super) const fn day_of_year(days: i64) -> i64 {
    days - days_from_civil(civil_from_days(days).year, 1, 1) + 1
}

/// The week of ISO 8601: it begins on Monday and belongs to the year of its Thursday.
pub(super) const fn iso_week(ticks: i64) -> i64 {
    let days = days(ticks);
    let since_monday = (weekday(days) + 6) % 7;
    (day_of_year(days - since_monday + 3) - 1) / 7 + 1
}

/// The ticks if they are a datetime.
pub(super) fn in_range(ticks: i64) -> Option<i64> {
    (DATETIME_MIN..=DATETIME_MAX).contains(&ticks).then_some(ticks)
}

/// A column of ints, each from the ticks of the first argument.
pub(super) fn ints(call: &Call<'_>, value: fn(i64) -> i64) -> Computed {
    call.ints(|row| i32::try_from(value(call.ticks(0, row)?)).ok())
}

/// The same where the engine gives longs.
pub(super) fn longs(call: &Call<'_>, value: fn(i64) -> i64) -> Computed {
    call.longs(|row| Some(value(call.ticks(0, row)?)))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn four_hundred_years_have_the_weeks_that_others_count() {
        let first = days_from_civil(1800, 1, 1);
        let mut date = NaiveDate::from_ymd_opt(1800, 1, 1).unwrap_or_default();
        for days in first..days_from_civil(2200, 1, 1) {
            assert_eq!(
                iso_week(days * TICKS_PER_DAY),
                i64::from(date.iso_week().week()),
                "{date}"
            );
            assert_eq!(weekday(days), i64::from(date.weekday().num_days_from_sunday()));
            assert_eq!(day_of_year(days), i64::from(date.ordinal()));
            date = date.succ_opt().unwrap_or_default();
        }
    }
}
