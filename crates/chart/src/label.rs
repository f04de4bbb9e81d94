//! Numbers, times and names as they stand beside marks.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use kql::values::{datetime_to_wire, timespan_to_text};
use kqlfn::Cell;
use model::digits::grouped;
use model::printable;

use crate::{Axis, Scale};

/// Ticks in a second.
const SECOND: f64 = 1e7;
/// Ticks from the year 1 to 1970.
const EPOCH: i64 = 621_355_968_000_000_000;

/// A value as a word along the axis.
pub(crate) fn cell(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::String("") => "(empty)".to_owned(),
        Cell::Datetime(ticks) => datetime(ticks),
        Cell::Real(number) => exact(number),
        other => printable::text(&other.text()).into_owned(),
    }
}

/// A value that stands alone: numbers with their thousands apart.
pub(crate) fn value(value: Cell<'_>) -> String {
    match value.real() {
        Some(number) if number.abs() < 1e15 => exact(number),
        _ => cell(value),
    }
}

/// A name that fits: its middle is left out.
pub(crate) fn short(text: &str, most: usize) -> String {
    printable::shortened(text, most).unwrap_or_else(|| text.to_owned())
}

/// A time without the parts that are zero: `2026-11-29 10:00`.
fn datetime(ticks: i64) -> String {
    let text = datetime_to_wire(ticks).replace('T', " ").replace('Z', "");
    let short = text.strip_suffix(":00").unwrap_or(&text);
    short.strip_suffix(" 00:00").unwrap_or(short).to_owned()
}

/// A number for people, all of its whole digits and at most three behind the point.
pub(crate) fn exact(number: f64) -> String {
    if !number.is_finite() || number.abs() >= 1e15 || (number != 0.0 && number.abs() < 0.001) {
        return format!("{number:e}");
    }
    let text = format!("{:.3}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let fraction = fraction.trim_end_matches('0');
    let sign = if number < 0.0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{fraction}")
    }
}

/// A number beside an axis: `1.2M`.
pub(crate) fn round(number: f64) -> String {
    const UNITS: [(f64, &str); 5] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    for (unit, letter) in UNITS {
        if number.abs() >= unit && number.abs() < 1e18 {
            let text = format!("{:.2}", number / unit);
            return format!("{}{letter}", text.trim_end_matches('0').trim_end_matches('.'));
        }
    }
    exact(number)
}

/// A time from ticks.
pub(crate) fn time_of(ticks: f64) -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "ticks of the years 1 to 9999")]
    let ticks = ticks as i64 - EPOCH;
    DateTime::from_timestamp_micros(ticks / 10).unwrap_or_default()
}

/// A time beside an axis that is so many ticks long.
pub(crate) fn time(time: DateTime<Utc>, span: f64) -> String {
    let days = span / (86_400.0 * SECOND);
    let form = if days > 700.0 {
        "%Y-%m"
    } else if days > 4.0 || (days > 2.0 && time.num_seconds_from_midnight() == 0) {
        "%m-%d"
    } else if days > 1.0 {
        "%m-%d %H:%M"
    } else if span > 120.0 * SECOND {
        "%H:%M"
    } else if span > 2.0 * SECOND {
        "%H:%M:%S"
    } else {
        "%H:%M:%S%.3f"
    };
    time.format(form).to_string()
}

/// A place along an axis that is so many units long.
pub(crate) fn place(axis: &Axis, at: f64, span: f64) -> String {
    match axis.scale {
        Scale::Times => time(time_of(at), span),
        Scale::Spans => {
            #[expect(clippy::cast_possible_truncation, reason = "ticks of a timespan")]
            let text = timespan_to_text(at as i64);
            text.split_once('.')
                .filter(|(_, fraction)| fraction.len() == 7)
                .map_or(text.clone(), |(whole, _)| whole.to_owned())
        }
        Scale::Numbers | Scale::Words => round(at),
    }
}

/// The days that an axis of times is of, where its labels do not say so.
pub(crate) fn days(first: f64, last: f64) -> String {
    let (first, last) = (time_of(first), time_of(last));
    let day = |time: DateTime<Utc>| format!("{:04}-{:02}-{:02}", time.year(), time.month(), time.day());
    if day(first) == day(last) {
        format!("{} UTC", day(first))
    } else {
        format!("{} to {} UTC", day(first), day(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        for (number, expected) in [
            (0.0, "0"),
            (1234.0, "1,234"),
            (-1_234_567.5, "-1,234,567.5"),
            (0.125, "0.125"),
            (0.000_01, "1e-5"),
            (2e15, "2e15"),
        ] {
            assert_eq!(exact(number), expected);
        }
        for (number, expected) in [(999.0, "999"), (1500.0, "1.5k"), (2e6, "2M"), (-3.25e9, "-3.25G")] {
            assert_eq!(round(number), expected);
        }
    }

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(short("DefaultRule_DenyAllInBound", 13), "Defaul…nBound");
        assert_eq!(short("short", 13), "short");
    }

    #[test]
    fn what_acts_on_a_terminal_is_made_visible() {
        assert_eq!(cell(Cell::String("a\u{1b}[2J")), "a\\u{1b}[2J");
        assert_eq!(cell(Cell::String("")), "(empty)");
        assert_eq!(cell(Cell::Null), "-");
    }

    #[test]
    fn times_say_what_is_needed() {
        // 20,000 days after 1970.
        let at = time_of(638_635_968_000_000_000.0);
        assert_eq!(at.to_rfc3339(), "2024-10-04T00:00:00+00:00");
        let day = 86_400.0 * SECOND;
        for (days, expected) in [
            (900.0, "2024-10"),
            (7.0, "10-04"),
            (1.5, "10-04 00:00"),
            (0.5, "00:00"),
            (0.000_1, "00:00:00"),
        ] {
            assert_eq!(time(at, days * day), expected, "{days}");
        }
    }
}
