//! Times as rows write them: ISO 8601, US dates of the portal, epoch numbers by their magnitude.

use super::zone::{Instant, Zone};
use crate::names;

/// A time, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// Epoch microseconds.
    pub(crate) micros: i64,
    /// The wall clock shows it twice; this is the earlier.
    pub(crate) twice: bool,
}

/// Why a time was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no time.
    Form,
    /// It names no zone, and none is known.
    Zone,
}

/// Reads a time. `zone` is that of times which name none.
pub(crate) fn parse(text: &[u8], zone: Option<Zone>) -> Result<Time, Unread> {
    let text = text.trim_ascii();
    if let Some(micros) = epoch(text).or_else(|| names::time(text)) {
        return Ok(Time { micros, twice: false });
    }
    let wall = iso_wall(text).or_else(|| us_wall(text)).ok_or(Unread::Form)?;
    match zone.ok_or(Unread::Zone)?.instant(wall) {
        Instant::Once(micros) => Ok(Time { micros, twice: false }),
        Instant::Twice(micros) => Ok(Time { micros, twice: true }),
        Instant::Never => Err(Unread::Form),
    }
}

/// Seconds stay below this until the year 5138, milliseconds since 1973 lie above; and so on by thousands.
const SECONDS_BELOW: i128 = 100_000_000_000;

/// An epoch number in seconds, milliseconds, microseconds or nanoseconds, with or without a fraction.
fn epoch(text: &[u8]) -> Option<i64> {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (text.get(..dot)?, text.get(dot + 1..)?),
        None => (text, &[][..]),
    };
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    if whole.is_empty() || whole.len() > 19 || fraction.len() > 18 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number = |text: &[u8]| {
        text.iter()
            .fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'))
    };
    let value = number(whole);
    // Picoseconds of the unit, so that a fraction is exact.
    let fraction = number(fraction) * 10_i128.pow(18_u32.saturating_sub(u32::try_from(fraction.len()).ok()?));
    let per_unit: i128 = match value {
        _ if value < SECONDS_BELOW => 1_000_000,
        _ if value < SECONDS_BELOW * 1_000 => 1_000,
        _ if value < SECONDS_BELOW * 1_000_000 => 1,
        _ => return i64::try_from(value / 1_000).ok(),
    };
    i64::try_from(value * per_unit + fraction * per_unit / 10_i128.pow(18)).ok()
}

/// ISO 8601 without a zone, or a date alone.
fn iso_wall(text: &[u8]) -> Option<i64> {
    let mut universal = text.to_vec();
    if text.len() == 10 {
        universal.extend_from_slice(b"T00:00:00");
    }
    universal.push(b'Z');
    names::time(&universal)
}

/// `8/25/2025 8:11:21.937 PM`, `8/25/2025, 8:11 PM`, `08/25/2025 20:11:21`: the month comes first.
fn us_wall(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (date, clock) = text.split_once([' ', ','])?;
    let mut date = date.split('/');
    let (month, day) = (part(date.next()?, 2)?, part(date.next()?, 2)?);
    let year = part(date.next()?, 4).filter(|year| *year >= 1000)?;
    if date.next().is_some() {
        return None;
    }
    let clock = clock.trim_start_matches([' ', ',']);
    // The portal puts a narrow space before AM and PM since 2023.
    let (clock, half) = match clock.split_once([' ', '\u{202f}', '\u{a0}']) {
        Some((clock, half)) => (clock, Some(half)),
        None => (clock, None),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.split(':');
    let (mut hour, minute) = (part(clock.next()?, 2)?, part(clock.next()?, 2)?);
    let second = clock.next().map_or(Some(0), |text| part(text, 2))?;
    if clock.next().is_some() {
        return None;
    }
    match half.map(str::to_ascii_uppercase).as_deref() {
        None => {}
        Some(word @ ("AM" | "PM")) if (1..=12).contains(&hour) => {
            hour = hour % 12 + if word == "PM" { 12 } else { 0 };
        }
        Some(_) => return None,
    }
    // The calendar is checked where ISO times are.
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    names::time(
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z").as_bytes(),
    )
}

fn part(text: &str, digits_max: usize) -> Option<u32> {
    let fits = !text.is_empty() && text.len() <= digits_max && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Unread>) {
        let expected = expected.map(|iso| names::time(iso.as_bytes()).unwrap());
        let got = parse(text.as_bytes(), Some(Zone::UTC)).map(|time| time.micros);
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn dates_of_the_portal() {
        check("8/25/2025 8:11:21.937 PM", Ok("2025-08-25T20:11:21.937Z"));
        check("8/25/2025, 8:11:21 PM", Ok("2025-08-25T20:11:21Z"));
        check("8/25/2025 12:00:00 AM", Ok("2025-08-25T00:00:00Z"));
        check("8/25/2025 12:00 PM", Ok("2025-08-25T12:00:00Z"));
        check("08/05/2025 23:59:59", Ok("2025-08-05T23:59:59Z"));
        check("8/25/2025 8:11:21\u{202f}PM", Ok("2025-08-25T20:11:21Z"));
        for text in [
            "25/8/2025 8:11:21 PM",
            "8/25/25 8:11 PM",
            "8/25/2025 13:00 PM",
            "8/25/2025",
            "8/25/2025 8 PM",
            "2/30/2024 8:11:21.937 PM",
            "2/29/2025 8:11 PM",
        ] {
            check(text, Err(Unread::Form));
        }
    }

    #[test]
    fn iso_times() {
        check("2025-08-25T20:11:21.9371234Z", Ok("2025-08-25T20:11:21.937123Z"));
        check("2025-08-25 20:11:21", Ok("2025-08-25T20:11:21Z"));
        check("2025-08-25T22:11:21+02:00", Ok("2025-08-25T20:11:21Z"));
        check("2025-08-25", Ok("2025-08-25T00:00:00Z"));
        check("", Err(Unread::Form));
        check("yesterday", Err(Unread::Form));
        for text in [
            "2024-02-30T00:00:00Z",
            "2023-02-29",
            "2024-04-31 00:00:00",
            "2024-02-30T00:00:00+01:00",
        ] {
            check(text, Err(Unread::Form));
        }
    }

    #[test]
    fn epoch_numbers_by_magnitude() {
        for text in [
            "1756152681",
            "1756152681000",
            "1756152681000000",
            "1756152681000000000",
            "1756152681.0",
        ] {
            check(text, Ok("2025-08-25T20:11:21Z"));
        }
        check("1756152681.937", Ok("2025-08-25T20:11:21.937Z"));
        check("1756152681937.25", Ok("2025-08-25T20:11:21.93725Z"));
        for text in ["-1", "1e9", "17561526810000000000", "1.2.3"] {
            check(text, Err(Unread::Form));
        }
    }

    #[test]
    fn without_a_zone_no_guess_is_made() {
        for text in ["2025-08-25 20:11:21", "8/25/2025 8:11:21 PM"] {
            assert_eq!(parse(text.as_bytes(), None), Err(Unread::Zone));
        }
        assert!(parse(b"2025-08-25T20:11:21Z", None).is_ok());
        assert!(parse(b"1756152681", None).is_ok());
    }
}
