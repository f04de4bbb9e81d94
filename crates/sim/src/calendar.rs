//! Dates from day numbers, and the times of records as Azure writes them.
//!
//! It must not read a clock: every time comes from the world's start day.

/// Milliseconds of one minute.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// Milliseconds of one hour.
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds of one day.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Year, month and day of a day number (days since 1970-01-01, Gregorian calendar).
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Whether a day number is a Saturday or a Sunday; day 0 was a Thursday.
pub(crate) fn is_weekend(days: i64) -> bool {
    matches!((days + 4).rem_euclid(7), 0 | 6)
}

/// `2026-03-04T05:06:07.1234567Z`: seven fractional digits, always `Z` (FORMATS.md 1.1).
pub(crate) fn record_time(time_ms: i64, hundred_nanos: i64) -> String {
    let (year, month, day) = civil(time_ms.div_euclid(DAY_MS));
    let in_day = time_ms.rem_euclid(DAY_MS);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}{:04}Z",
        in_day / HOUR_MS,
        in_day / MINUTE_MS % 60,
        in_day / 1_000 % 60,
        in_day % 1_000,
        hundred_nanos
    )
}

/// `y=2026/m=03/d=04/h=05/m=00`, the folder part of a blob's path; the hour is UTC.
pub(crate) fn hour_folder(time_ms: i64) -> String {
    let (year, month, day) = civil(time_ms.div_euclid(DAY_MS));
    let hour = time_ms.rem_euclid(DAY_MS) / HOUR_MS;
    format!("y={year:04}/m={month:02}/d={day:02}/h={hour:02}/m=00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_leap_years_and_centuries() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (19_782, (2024, 2, 29)),
            (20_088, (2024, 12, 31)),
            (20_151, (2025, 3, 4)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(civil(days), expected, "{days}");
        }
    }

    #[test]
    fn writes_times_as_azure_does() {
        assert_eq!(
            record_time(1_735_636_297_756, 8150),
            "2024-12-31T09:11:37.7568150Z"
        );
        assert_eq!(hour_folder(1_735_636_297_756), "y=2024/m=12/d=31/h=09/m=00");
    }

    #[test]
    fn knows_weekends() {
        assert!(!is_weekend(0));
        assert!(is_weekend(2));
        assert!(is_weekend(3));
        assert!(!is_weekend(4));
    }
}
