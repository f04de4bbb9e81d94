//! The proleptic Gregorian calendar, in days since the first of January of the year 1.

/// A day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Civil {
    /// The year, 1 to 9999.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
}

/// Days between 0000-03-01, where the computation begins, and 0001-01-01.
const SHIFT: i64 = 306;
const DAYS_PER_ERA: i64 = 146_097;

/// Days since 0001-01-01. Months outside 1 to 12 and days outside their month count on.
#[must_use]
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let months = month - 1;
    let year = year + months.div_euclid(12);
    let month = months.rem_euclid(12) + 1;
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - SHIFT
}

/// The day of the calendar that many days after 0001-01-01.
#[must_use]
pub const fn civil_from_days(days: i64) -> Civil {
    let shifted = days + SHIFT;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400;
    Civil {
        year: if month <= 2 { year + 1 } else { year },
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
    }
}

/// How many days a month has.
#[must_use]
pub const fn days_in_month(year: i64, month: i64) -> i64 {
    days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_ten_thousand_years_comes_back() {
        assert_eq!(days_from_civil(1, 1, 1), 0);
        assert_eq!(days_from_civil(1970, 1, 1), 719_162);
        let mut expected = Civil {
            year: 1,
            month: 1,
            day: 1,
        };
        for days in 0..=days_from_civil(9999, 12, 31) {
            let civil = civil_from_days(days);
            assert_eq!(civil, expected);
            assert_eq!(days_from_civil(civil.year, civil.month, civil.day), days);
            expected.day += 1;
            if expected.day > days_in_month(expected.year, expected.month) {
                expected.day = 1;
                expected.month += 1;
            }
            if expected.month > 12 {
                expected.month = 1;
                expected.year += 1;
            }
        }
    }

    #[test]
    fn months_count_on() {
        assert_eq!(days_from_civil(2020, 14, 1), days_from_civil(2021, 2, 1));
        assert_eq!(days_from_civil(2020, 0, 1), days_from_civil(2019, 12, 1));
        assert_eq!(days_in_month(2020, 2), 29);
        assert_eq!(days_in_month(1900, 2), 28);
    }
}
