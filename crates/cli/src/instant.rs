//! Points in time: printed in UTC with a `Z`, read in the few forms that mean one thing only.
//! It reads no clock: what "now" is comes in as an argument.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// Microseconds since 1970, UTC: the unit of the column table.
pub(crate) type Micros = i64;

/// The forms a time may be typed in, for messages.
pub(crate) const FORMS: &str =
    "`2024-03-14`, `2024-03-14T10:59`, `2024-03-14T10:59:41Z` (UTC), or `30m`, `2h`, `3d` before now";

/// `2024-03-14 10:58:55.827Z`; without the fraction where the log has whole seconds.
pub(crate) fn words(micros: Micros, whole_seconds: bool) -> String {
    let pattern = match (micros % 1_000_000, micros % 1000) {
        (0, _) if whole_seconds => "%Y-%m-%d %H:%M:%SZ",
        (_, 0) => "%Y-%m-%d %H:%M:%S%.3fZ",
        _ => "%Y-%m-%d %H:%M:%S%.6fZ",
    };
    DateTime::from_timestamp_micros(micros)
        .map_or_else(|| format!("{micros} us"), |time| time.format(pattern).to_string())
}

/// `2024-03-14T10:58:55.827Z`, for machines.
pub(crate) fn iso(micros: Micros) -> String {
    DateTime::from_timestamp_micros(micros).map_or_else(String::new, |time| {
        time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    })
}

/// `2024-03-14`, from days since 1970.
pub(crate) fn day(days: i32) -> String {
    NaiveDate::from_epoch_days(days).map_or_else(String::new, |day| day.format("%Y-%m-%d").to_string())
}

/// Reads what a user typed; `None` if it is none of [`FORMS`].
pub(crate) fn parse(typed: &str, now: Micros) -> Option<Micros> {
    let typed = typed.trim();
    if let Some(ago) = relative(typed) {
        return now.checked_sub(ago);
    }
    if let Ok(day) = typed.parse::<NaiveDate>() {
        return Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros());
    }
    let spelled = typed.replacen(' ', "T", 1);
    if let Ok(time) = DateTime::parse_from_rfc3339(&spelled) {
        return Some(time.with_timezone(&Utc).timestamp_micros());
    }
    if let Ok(time) = DateTime::parse_from_str(&spelled, "%Y-%m-%dT%H:%M%:z") {
        return Some(time.with_timezone(&Utc).timestamp_micros());
    }
    let bare = spelled.strip_suffix(['Z', 'z']).unwrap_or(&spelled);
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())
        .map(|time| time.and_utc().timestamp_micros())
}

/// Reads a span of time: `30m`, `2h`, `3d`.
pub(crate) fn relative(typed: &str) -> Option<Micros> {
    let (digits, unit) = typed.split_at_checked(typed.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits
        .parse::<i64>()
        .ok()?
        .checked_mul(seconds)?
        .checked_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Micros = 1_710_417_600_000_000; // 2024-03-14T12:00:00Z

    #[test]
    fn printed() {
        assert_eq!(words(1_710_413_935_827_000, false), "2024-03-14 10:58:55.827Z");
        assert_eq!(words(1_710_413_935_000_000, true), "2024-03-14 10:58:55Z");
        assert_eq!(words(1_710_413_935_000_000, false), "2024-03-14 10:58:55.000Z");
        assert_eq!(words(1_710_413_935_827_123, false), "2024-03-14 10:58:55.827123Z");
        assert_eq!(iso(1_710_413_935_827_000), "2024-03-14T10:58:55.827Z");
        assert_eq!(iso(1_710_413_935_000_000), "2024-03-14T10:58:55Z");
        assert_eq!(day(19_796), "2024-03-14");
        assert_eq!(words(i64::MAX, false), "9223372036854775807 us");
    }

    #[test]
    fn typed() {
        let check = |typed: &str, expected: Option<&str>| {
            let expected = expected.map(str::to_owned);
            assert_eq!(parse(typed, NOON).map(iso), expected, "{typed}");
        };
        check("2024-03-14", Some("2024-03-14T00:00:00Z"));
        check("2024-03-14T10:59", Some("2024-03-14T10:59:00Z"));
        check("2024-03-14T10:59Z", Some("2024-03-14T10:59:00Z"));
        check("2024-03-14 10:59:41", Some("2024-03-14T10:59:41Z"));
        check("2024-03-14T10:59:41.5Z", Some("2024-03-14T10:59:41.500Z"));
        check("2024-03-14T10:59:41+02:00", Some("2024-03-14T08:59:41Z"));
        check("2024-03-14T10:59+02:00", Some("2024-03-14T08:59:00Z"));
        check("30m", Some("2024-03-14T11:30:00Z"));
        check("2h", Some("2024-03-14T10:00:00Z"));
        check("3d", Some("2024-03-11T12:00:00Z"));
        for wrong in [
            "",
            "h",
            "-2h",
            "2 h",
            "yesterday",
            "14/03/2024",
            "2024-13-01",
            "2024-03-14T25:00",
            "2y",
            "99999999999999999h",
            "ü",
        ] {
            check(wrong, None);
        }
    }
}
