//! Values of flags that are sizes, spans and days. The error of each is its form, for the hint.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use model::limits::{COMPACT_TARGET_BYTES_MAX, COMPACT_TARGET_BYTES_MIN};

use crate::config::settings::size;
use crate::instant;

/// Reads `128MiB`, within what makes sense.
pub(super) fn target(typed: &str) -> Result<u64, &'static str> {
    size(typed)
        .filter(|bytes| (COMPACT_TARGET_BYTES_MIN..=COMPACT_TARGET_BYTES_MAX).contains(bytes))
        .ok_or("a size from 1MiB to 1GiB, such as `128MiB`")
}

/// Reads `7d`, `12h`, `90m`, or 0.
pub(super) fn seconds(typed: &str) -> Result<u64, &'static str> {
    if typed == "0" {
        return Ok(0);
    }
    instant::relative(typed)
        .and_then(|micros| u64::try_from(micros / 1_000_000).ok())
        .ok_or("a time such as `7d`, `12h` or `90m`")
}

/// Reads `2024-03-14` or `2024-03-01..2024-03-31`, both ends included.
pub(super) fn days(typed: &str) -> Result<RangeInclusive<i32>, &'static str> {
    const FORM: &str = "a day such as `2024-03-14`, or `2024-03-01..2024-03-31`";
    let day = |text: &str| {
        text.trim()
            .parse::<NaiveDate>()
            .ok()
            .map(|day| day.to_epoch_days())
    };
    let (first, last) = typed.split_once("..").unwrap_or((typed, typed));
    match (day(first), day(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(FORM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_their_form_is_told() {
        assert_eq!(target("128MiB"), Ok(128 << 20));
        assert!(target("1kB").is_err() && target("2GiB").is_err() && target("x").is_err());
        for (typed, read) in [("7d", Ok(604_800)), ("0", Ok(0)), ("90m", Ok(5_400))] {
            assert_eq!(seconds(typed), read);
        }
        assert!(seconds("").is_err() && seconds("-1h").is_err() && seconds("7").is_err());
        assert_eq!(days("2024-03-14"), Ok(19_796..=19_796));
        assert_eq!(days("2024-03-14..2024-03-15"), Ok(19_796..=19_797));
        assert!(
            days("2024-03-15..2024-03-14").is_err() && days("2024-03-14..").is_err() && days("x").is_err()
        );
    }
}
