//! Timespans: ticks of 100 ns, with a sign.

use super::datetime::fraction_ticks;
use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND};
use crate::lexer::unit_ticks;

/// Reads a timespan: `1.02:03:04.5`, `02:03`, `5d`, `1.5h`, and a number of days.
#[must_use]
pub fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let ticks = if unsigned.contains(':') {
        clock(unsigned)?
    } else {
        quantity(unsigned)?
    };
    Some(if negative { -ticks } else { ticks })
}

/// `5d`, `1.5h`, `3`.
fn quantity(text: &str) -> Option<i64> {
    let number_length = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(number_length)?;
    let unit = unit.trim_start();
    let nanoseconds = unit.starts_with("nano");
    let ticks = match unit {
        "" => TICKS_PER_DAY,
        unit => unit_ticks(unit)?,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return if nanoseconds {
            Some(whole / 100)
        } else {
            whole.checked_mul(ticks)
        };
    }
    let number: f64 = number.parse().ok()?;
    let scale = if nanoseconds { 0.01 } else { ticks_as_real(ticks) };
    real_to_ticks(number * scale)
}

#[expect(clippy::cast_precision_loss, reason = "units are far below 2^53")]
fn ticks_as_real(ticks: i64) -> f64 {
    ticks as f64
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn real_to_ticks(ticks: f64) -> Option<i64> {
    let rounded = ticks.round();
    (rounded.abs() < 9.2e18).then_some(rounded as i64)
}

/// `[d.]hh:mm[:ss[.fffffff]]`.
fn clock(text: &str) -> Option<i64> {
    let (first, rest) = text.split_once(':')?;
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (whole(days, i64::MAX / TICKS_PER_DAY)?, whole(hours, 23)?),
        None => (0, whole(first, 23)?),
    };
    let (minutes, seconds) = match rest.split_once(':') {
        Some((minutes, seconds)) => (minutes, Some(seconds)),
        None => (rest, None),
    };
    let within_day = hours * TICKS_PER_HOUR + whole(minutes, 59)? * TICKS_PER_MINUTE;
    let mut ticks = (days * TICKS_PER_DAY).checked_add(within_day)?;
    if let Some(seconds) = seconds {
        let (seconds, fraction) = match seconds.split_once('.') {
            Some((seconds, fraction)) => (seconds, Some(fraction)),
            None => (seconds, None),
        };
        ticks = ticks.checked_add(whole(seconds, 59)? * TICKS_PER_SECOND)?;
        if let Some(fraction) = fraction {
            let (of_second, length) = fraction_ticks(fraction)?;
            if length != fraction.len() {
                return None;
            }
            ticks = ticks.checked_add(of_second)?;
        }
    }
    Some(ticks)
}

fn whole(text: &str, max: i64) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| digits && *value <= max)
}

/// As `tostring` and answers write it: `[-][d.]hh:mm:ss[.fffffff]`.
#[must_use]
pub fn timespan_to_text(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let size = ticks.unsigned_abs();
    let per = |unit: i64| size / unit.unsigned_abs();
    let days = match per(TICKS_PER_DAY) {
        0 => String::new(),
        days => format!("{days}."),
    };
    let fraction = match size % TICKS_PER_SECOND.unsigned_abs() {
        0 => String::new(),
        fraction => format!(".{fraction:07}"),
    };
    format!(
        "{sign}{days}{:02}:{:02}:{:02}{fraction}",
        per(TICKS_PER_HOUR) % 24,
        per(TICKS_PER_MINUTE) % 60,
        per(TICKS_PER_SECOND) % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_any_timespan_is_none() {
        for text in [
            "10675199.23:00:00",
            "10675199.02:59:00",
            "10675199.02:48:59",
            "10675199.02:48:05.9999999",
        ] {
            assert_eq!(parse_timespan(text), None, "{text}");
        }
        assert!(parse_timespan("10675199.02:48:05.4775807").is_some());
    }

    #[test]
    fn timespans_are_read_and_written() {
        for (text, expected) in [
            ("1.02:03:04.5678901", "1.02:03:04.5678901"),
            ("13:00", "13:00:00"),
            ("-00:30:00", "-00:30:00"),
            ("-1.02:03:04.5", "-1.02:03:04.5000000"),
            ("0:0:0.001", "00:00:00.0010000"),
            ("100.00:00:00", "100.00:00:00"),
            ("5d", "5.00:00:00"),
            ("1.5h", "01:30:00"),
            ("90s", "00:01:30"),
            ("16", "16.00:00:00"),
            ("3ticks", "00:00:00.0000003"),
            ("250nanoseconds", "00:00:00.0000002"),
        ] {
            assert_eq!(
                parse_timespan(text).map(timespan_to_text).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in [
            "",
            "x",
            "24:00",
            "1:60",
            "1:00:61",
            "1x",
            "1:2:3:4",
            ":30",
            "1.5",
            "99999999999999999d",
        ] {
            if text != "1.5" {
                assert_eq!(parse_timespan(text), None, "{text}");
            }
        }
        assert_eq!(timespan_to_text(i64::MIN), "-10675199.02:48:05.4775808");
    }
}
