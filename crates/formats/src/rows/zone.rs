//! The zone of times that name none. Rules come from the IANA data that `chrono-tz` carries.

use chrono::{DateTime, LocalResult, TimeZone};
use chrono_tz::Tz;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Seconds east of Greenwich.
    Fixed(i64),
    Named(Tz),
}

/// An instant for a time of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instant {
    Once(i64),
    /// Clocks were set back: this is the earlier of two.
    Twice(i64),
    /// Clocks were set forward over it.
    Never,
}

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(Kind::Fixed(0));

    /// Reads `UTC`, `Z`, an IANA name such as `Europe/Berlin`, or an offset such as `+01:00`.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.eq_ignore_ascii_case("utc") || typed.eq_ignore_ascii_case("z") {
            return Some(Self::UTC);
        }
        let sign = match typed.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return typed.parse().ok().map(|zone| Self(Kind::Named(zone))),
        };
        let (hours, minutes) = typed.get(1..)?.split_once(':')?;
        let number = |text: &str, below: i64| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i64>().ok().filter(|value| digits && *value < below)
        };
        let seconds = number(hours, 15)? * 3600 + number(minutes, 60)? * 60;
        Some(Self(Kind::Fixed(sign * seconds)))
    }

    /// The instant of a wall clock time that is given as if it were universal time, in microseconds.
    pub(crate) fn instant(self, wall: i64) -> Instant {
        match self.0 {
            Kind::Fixed(seconds) => Instant::Once(wall - seconds * 1_000_000),
            Kind::Named(zone) => {
                let Some(local) = DateTime::from_timestamp_micros(wall) else {
                    return Instant::Never;
                };
                match zone.from_local_datetime(&local.naive_utc()) {
                    LocalResult::Single(at) => Instant::Once(at.timestamp_micros()),
                    LocalResult::Ambiguous(first, _) => Instant::Twice(first.timestamp_micros()),
                    LocalResult::None => Instant::Never,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn wall(text: &str) -> i64 {
        crate::names::time(format!("{text}Z").as_bytes()).unwrap()
    }

    #[test]
    fn zones_as_typed() {
        for (typed, hours) in [
            ("UTC", 0),
            ("z", 0),
            ("+01:00", -1),
            ("-08:00", 8),
            ("Asia/Tokyo", -9),
        ] {
            let at = wall("2025-08-25T20:11:21");
            assert_eq!(
                Zone::parse(typed).unwrap().instant(at),
                Instant::Once(at + hours * HOUR),
                "{typed}"
            );
        }
        for typed in ["", "+1:00", "+25:00", "+01:60", "+0100", "Berlin", "+aa:00"] {
            assert_eq!(Zone::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn summer_and_winter() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let summer = wall("2025-08-25T20:00:00");
        assert_eq!(berlin.instant(summer), Instant::Once(summer - 2 * HOUR));
        let gap = wall("2025-03-30T02:30:00");
        assert_eq!(berlin.instant(gap), Instant::Never);
        let twice = wall("2025-10-26T02:30:00");
        assert_eq!(berlin.instant(twice), Instant::Twice(twice - 2 * HOUR));
    }
}
