//! Datetimes: ticks of 100 ns since the beginning of the year 1, always UTC.

use super::calendar::{civil_from_days, days_from_civil, days_in_month};
use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND};

/// The earliest datetime.
pub const DATETIME_MIN: i64 = 0;
/// The latest: the last tick of the year 9999.
pub const DATETIME_MAX: i64 = days_from_civil(10_000, 1, 1) * TICKS_PER_DAY - 1;
/// 1970-01-01.
pub const UNIX_EPOCH_TICKS: i64 = days_from_civil(1970, 1, 1) * TICKS_PER_DAY;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Reads a datetime as Kusto does: ISO 8601, month-day-year, RFC 822 and RFC 850, with offsets.
#[must_use]
pub fn parse_datetime(text: &str) -> Option<i64> {
    let mut reader = Reader { rest: text.trim() };
    let days = reader.date()?;
    let ticks = reader.time_of_day()?;
    let offset = reader.zone()?;
    if !reader.rest.trim().is_empty() {
        return None;
    }
    let ticks = days * TICKS_PER_DAY + ticks - offset;
    (DATETIME_MIN..=DATETIME_MAX).contains(&ticks).then_some(ticks)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Digits, at most so many: the number and how many there were.
    fn number(&mut self, digits_max: usize) -> Option<(i64, usize)> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > digits_max {
            return None;
        }
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        Some((number.parse().ok()?, digits))
    }

    /// A word of letters.
    fn word(&mut self) -> &str {
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at_checked(letters).unwrap_or_default();
        self.rest = rest;
        word
    }

    fn separator(&mut self) -> Option<char> {
        let separator = self.rest.chars().next().filter(|c| "-/.,".contains(*c))?;
        self.take(separator);
        Some(separator)
    }

    /// Days since 0001-01-01.
    fn date(&mut self) -> Option<i64> {
        if self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.date_with_words();
        }
        let (first, digits) = self.number(14)?;
        match digits {
            4 => self.year_first(first),
            8 => checked_days(first / 10_000, first / 100 % 100, first % 100),
            1 | 2 => self.month_or_day_first(first),
            _ => None,
        }
    }

    /// A separator with blanks before it.
    fn spaced_separator(&mut self) -> Option<char> {
        let before = self.rest;
        self.spaces();
        let separator = self.separator();
        if separator.is_none() {
            self.rest = before;
        }
        separator
    }

    /// `2026`, `2026-01`, `2026-01-02`, `2026 - 01 - 02`.
    fn year_first(&mut self, year: i64) -> Option<i64> {
        if self.spaced_separator().is_none() {
            return checked_days(year, 1, 1);
        }
        self.spaces();
        let (month, _) = self.number(2)?;
        let day = match self.spaced_separator() {
            Some(_) => {
                self.spaces();
                self.number(2)?.0
            }
            None => 1,
        };
        checked_days(year, month, day)
    }

    /// `1/2/2026` is the second of January; `2 Jan 2026` too.
    fn month_or_day_first(&mut self, first: i64) -> Option<i64> {
        let before = self.rest;
        let separator = self.separator();
        self.spaces();
        if let Some(month) = self.month() {
            if separator.is_some() {
                self.separator()?;
            }
            self.spaces();
            let year = self.year()?;
            return checked_days(year, month, first);
        }
        if separator.is_none() {
            self.rest = before;
            return None;
        }
        let (day, _) = self.number(2)?;
        self.separator()?;
        let year = self.year()?;
        checked_days(year, first, day)
    }

    /// `Sat, 8 Nov 14`, `Saturday, 08-Nov-14`, `Nov 8, 2014`.
    fn date_with_words(&mut self) -> Option<i64> {
        if let Some(month) = self.month() {
            self.spaces();
            let (day, _) = self.number(2)?;
            self.take(',');
            self.spaces();
            let year = self.year()?;
            return checked_days(year, month, day);
        }
        let weekday = self.word().to_ascii_lowercase();
        let known = WEEKDAYS.iter().any(|name| weekday.starts_with(name));
        if !known {
            return None;
        }
        self.take(',');
        self.spaces();
        let (day, _) = self.number(2)?;
        self.month_or_day_first(day)
    }

    fn month(&mut self) -> Option<i64> {
        let before = self.rest;
        let word = self.word().to_ascii_lowercase();
        let found = MONTHS.iter().zip(1..).find(|(name, _)| word.starts_with(**name));
        if found.is_none() {
            self.rest = before;
        }
        found.map(|(_, number)| number)
    }

    fn year(&mut self) -> Option<i64> {
        match self.number(4)? {
            (year, 4) => Some(year),
            (year, 2) if year < 50 => Some(2_000 + year),
            (year, 2) => Some(1_900 + year),
            _ => None,
        }
    }

    /// `T23:59:59.9`, ` 23:59`, ` 11:59 PM`, or nothing.
    fn time_of_day(&mut self) -> Option<i64> {
        let marked = self.take('T') || self.take('t');
        self.spaces();
        if !marked && !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(0);
        }
        let (mut hour, _) = self.number(2)?;
        let mut ticks = 0;
        if self.take(':') {
            let (minute, _) = self.number(2)?;
            ticks += below(minute, 60)? * TICKS_PER_MINUTE;
            if self.take(':') {
                let (second, _) = self.number(2)?;
                ticks += below(second, 60)? * TICKS_PER_SECOND;
                if self.take('.') {
                    ticks += self.fraction()?;
                }
            }
        } else if !marked {
            return None;
        }
        self.spaces();
        let half = self.rest.get(..2).unwrap_or_default().to_ascii_lowercase();
        if half == "am" || half == "pm" {
            self.rest = self.rest.get(2..).unwrap_or_default();
            hour = below(hour - 1, 12)? + 1;
            hour = hour % 12 + if half == "pm" { 12 } else { 0 };
        }
        Some(ticks + below(hour, 24)? * TICKS_PER_HOUR)
    }

    /// Digits behind the point; what is finer than a tick is cut off.
    fn fraction(&mut self) -> Option<i64> {
        fraction_ticks(self.rest).map(|(ticks, length)| {
            self.rest = self.rest.get(length..).unwrap_or_default();
            ticks
        })
    }

    /// How many ticks the written time is ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        self.spaces();
        let sign = match self.rest.chars().next() {
            None => return Some(0),
            Some('+') => 1,
            Some('-') => -1,
            Some(_) => {
                let word = self.word().to_ascii_lowercase();
                return ["z", "gmt", "utc", "ut"].contains(&word.as_str()).then_some(0);
            }
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        let (hours, minutes) = match self.number(4)? {
            (both, 3 | 4) => (both / 100, both % 100),
            (hours, _) if self.take(':') => (hours, self.number(2)?.0),
            (hours, _) => (hours, 0),
        };
        let ticks = below(hours, 15)? * TICKS_PER_HOUR + below(minutes, 60)? * TICKS_PER_MINUTE;
        Some(sign * ticks)
    }
}

fn below(value: i64, limit: i64) -> Option<i64> {
    (0..limit).contains(&value).then_some(value)
}

fn checked_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && day <= days_in_month(year, month);
    valid.then(|| days_from_civil(year, month, day))
}

/// Ticks of the digits that a text begins with, as a fraction of a second, and how many digits there are.
pub(super) fn fraction_ticks(text: &str) -> Option<(i64, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let mut ticks = 0;
    let mut unit = TICKS_PER_SECOND;
    for digit in text.bytes().take(digits.min(7)) {
        unit /= 10;
        ticks += i64::from(digit - b'0') * unit;
    }
    Some((ticks, digits))
}

struct Parts {
    date: super::Civil,
    hour: i64,
    minute: i64,
    second: i64,
    ticks: i64,
}

fn parts(ticks: i64) -> Parts {
    let of_day = ticks.rem_euclid(TICKS_PER_DAY);
    Parts {
        date: civil_from_days(ticks.div_euclid(TICKS_PER_DAY)),
        hour: of_day / TICKS_PER_HOUR,
        minute: of_day / TICKS_PER_MINUTE % 60,
        second: of_day / TICKS_PER_SECOND % 60,
        ticks: of_day % TICKS_PER_SECOND,
    }
}

/// As `tostring` writes it: `2026-01-02T03:04:05.0000000Z`.
#[must_use]
pub fn datetime_to_text(ticks: i64) -> String {
    let Parts {
        date,
        hour,
        minute,
        second,
        ticks,
    } = parts(ticks);
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z",
        date.year, date.month, date.day
    )
}

/// As answers carry it: the fraction only as far as there is one.
#[must_use]
pub fn datetime_to_wire(ticks: i64) -> String {
    let text = datetime_to_text(ticks);
    let shortest = text.trim_end_matches('Z').trim_end_matches('0');
    let length = shortest.strip_suffix('.').unwrap_or(shortest).len();
    text.get(..length)
        .map_or_else(String::new, |kept| format!("{kept}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datetimes_are_read_in_their_many_forms() {
        for (text, expected) in [
            ("2015-12-31 23:59:59.9", "2015-12-31T23:59:59.9000000Z"),
            ("2015-12-31", "2015-12-31T00:00:00.0000000Z"),
            ("2025, 6, 14", "2025-06-14T00:00:00.0000000Z"),
            ("2015-1-2", "2015-01-02T00:00:00.0000000Z"),
            ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"),
            ("2014-05-25T08:20", "2014-05-25T08:20:00.0000000Z"),
            ("2014-05-25T08:20:03.12345678Z", "2014-05-25T08:20:03.1234567Z"),
            ("2014-05-25T08:20:00+02:00", "2014-05-25T06:20:00.0000000Z"),
            ("2014-05-25 08:20:00 -0330", "2014-05-25T11:50:00.0000000Z"),
            ("12-02-2022", "2022-12-02T00:00:00.0000000Z"),
            ("12/2/2022 1:05 PM", "2022-12-02T13:05:00.0000000Z"),
            ("Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("Sat, 8 Nov 2014 15:05", "2014-11-08T15:05:00.0000000Z"),
            ("8 Nov 14 15:05:02", "2014-11-08T15:05:02.0000000Z"),
            ("Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("Nov 8, 2014", "2014-11-08T00:00:00.0000000Z"),
            ("20141108", "2014-11-08T00:00:00.0000000Z"),
            ("2014", "2014-01-01T00:00:00.0000000Z"),
            ("9999-12-31 23:59:59.9999999", "9999-12-31T23:59:59.9999999Z"),
            ("2017 - 08 - 01", "2017-08-01T00:00:00.0000000Z"),
            ("2017 -08 -01 10:00", "2017-08-01T10:00:00.0000000Z"),
            ("2017-08-01 -08:00", "2017-08-01T08:00:00.0000000Z"),
            ("0001-01-01", "0001-01-01T00:00:00.0000000Z"),
        ] {
            assert_eq!(
                parse_datetime(text).map(datetime_to_text).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_datetime_is_refused() {
        for text in [
            "",
            "not a date",
            "2015-13-01",
            "2015-02-30",
            "2015-01-01 24:00",
            "2015-01-01 10:60",
            "15-01-01",
            "2015-01-01x",
            "0000-01-01",
            "0001-01-01T00:00+01:00",
            "12345",
            "2015-01-01 10",
        ] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn answers_carry_a_fraction_only_where_there_is_one() {
        let noon = parse_datetime("2026-01-02T12:00").unwrap_or_default();
        assert_eq!(datetime_to_wire(noon), "2026-01-02T12:00:00Z");
        assert_eq!(datetime_to_wire(noon + 1), "2026-01-02T12:00:00.0000001Z");
        assert_eq!(datetime_to_wire(noon + 9_000_000), "2026-01-02T12:00:00.9Z");
    }
}
