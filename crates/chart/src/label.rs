//! Numbers, times and names as they stand beside marks.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use kql::values::{datetime_to_wire, timespan_to_text};
use kqlfn::Cell;
use model::digits::grouped;
use model::printable;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

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

/// How many cells of a screen a text takes: those of East Asia and emoji take two each.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// A text with blanks behind it, so that it takes so many cells.
pub(crate) fn padded(text: &str, cells: usize) -> String {
    format!("{text}{:blanks$}", "", blanks = cells.saturating_sub(width(text)))
}

/// A name that fits into so many cells: its middle is left out.
pub(crate) fn short(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let head = fitting(text.chars(), most / 2);
    let tail = fitting(text.chars().rev(), most.saturating_sub(most / 2 + 1));
    let head = text.chars().take(head);
    let tail = text.chars().skip(text.chars().count() - tail);
    // A mark whose letter is cut off would stand on the dots.
    let tail = tail.skip_while(|letter| cells(*letter) == 0);
    head.chain(['…']).chain(tail).collect()
}

/// How many of the letters fit into so many cells.
fn fitting(letters: impl Iterator<Item = char>, most: usize) -> usize {
    let taken = letters.scan(0, |taken, letter| {
        *taken += cells(letter);
        Some(*taken)
    });
    taken.take_while(|taken| *taken <= most).count()
}

/// The cells of one letter. What asks for the picture of a letter makes it as wide as pictures are.
fn cells(letter: char) -> usize {
    if letter == '\u{fe0f}' {
        1
    } else {
        letter.width().unwrap_or(0)
    }
}

/// Endings of names of what tells things apart and is not to be added up.
const LABELS: [&str; 9] = [
    "port", "id", "code", "protocol", "version", "asn", "vlan", "key", "type",
];

/// Whether a column of numbers is named like a label: `DestPort`, `dest_port`, `Port`. Results of aggregates are not:
/// `dcount_DestPort`.
pub(crate) fn is_like_a_label(name: &str) -> bool {
    if let Some((before, column)) = name.split_once('_') {
        let is_lower = before.chars().all(|letter| letter.is_ascii_lowercase());
        if is_lower && column.starts_with(|first: char| first.is_ascii_uppercase()) {
            return false;
        }
    }
    LABELS.iter().any(|ending| {
        let at = name.len().checked_sub(ending.len());
        let Some((before, end)) = at.and_then(|at| name.split_at_checked(at)) else {
            return false;
        };
        let begins_word = before.is_empty()
            || before.ends_with('_')
            || (end.starts_with(|first: char| first.is_ascii_uppercase())
                && !before.ends_with(|last: char| last.is_ascii_uppercase()));
        begins_word && end.eq_ignore_ascii_case(ending)
    })
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

/// A part of a whole; what is more than nothing is told from it.
pub(crate) fn percent(part: f64, whole: f64) -> String {
    let parts = if whole > 0.0 { part / whole * 100.0 } else { 0.0 };
    if part > 0.0 && parts < 0.05 {
        "<0.1%".to_owned()
    } else {
        format!("{parts:.1}%")
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
        assert_eq!(short("東京のネットワーク規則", 13), "東京の…ク規則");
        assert_eq!(width(&short("東京のネットワーク規則", 13)), 13);
        // The accent is a letter of its own, and goes with what it stands on.
        assert_eq!(short("abcdefghe\u{301}ij", 6), "abc…ij");
        for text in [
            "🚒🚒🚒🚒🚒🚒",
            "❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}",
            "日a本b語c",
        ] {
            for most in 1..8 {
                assert!(width(&short(text, most)) <= most, "{text} {most}");
            }
        }
    }

    #[test]
    fn blanks_fill_cells_not_letters() {
        assert_eq!(padded("東京", 6), "東京  ");
        assert_eq!(padded("longer", 3), "longer");
    }

    #[test]
    fn labels_are_known_by_their_names() {
        for name in [
            "DestPort",
            "dest_port",
            "Port",
            "port",
            "TenantId",
            "StatusCode",
            "SrcASN",
        ] {
            assert!(is_like_a_label(name), "{name}");
        }
        for name in [
            "dcount_DestPort",
            "Report",
            "Paid",
            "transport",
            "count_",
            "Flows",
            "MONKEY",
            "é",
        ] {
            assert!(!is_like_a_label(name), "{name}");
        }
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
