//! Time zones of the IANA database.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use kql::values::{TICKS_PER_SECOND, UNIX_EPOCH_TICKS};

use super::clock::in_range;
use crate::function::Refusal;

/// Finds a zone by its name.
pub(super) fn find(name: &str) -> Result<Tz, Refusal> {
    name.parse()
        .map_err(|_| Refusal::new(format!("`{name}` is no time zone")))
}

/// The names of all zones, in the order of the alphabet.
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    names.sort_unstable();
    names
}

fn moment(ticks: i64) -> Option<NaiveDateTime> {
    let seconds = ticks.checked_sub(UNIX_EPOCH_TICKS)?.div_euclid(TICKS_PER_SECOND);
    DateTime::from_timestamp(seconds, 0).map(|moment| moment.naive_utc())
}

fn offset_ticks(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc()) * TICKS_PER_SECOND
}

/// The time that clocks show.
pub(super) fn to_local(zone: Tz, ticks: i64) -> Option<i64> {
    let offset = zone.offset_from_utc_datetime(&moment(ticks)?);
    in_range(ticks.checked_add(offset_ticks(&offset))?)
}

/// When it is that clocks show a time. What they show twice is the first of both. What they leave out counts by
/// the offset that comes after it, so that it is before the clocks are put forward.
pub(super) fn to_utc(zone: Tz, ticks: i64) -> Option<i64> {
    let local = moment(ticks)?;
    let offset = match zone.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset,
        MappedLocalTime::None => {
            let before = zone.offset_from_utc_datetime(&local.checked_sub_signed(TimeDelta::days(2))?);
            let before = TimeDelta::seconds(i64::from(before.fix().local_minus_utc()));
            zone.offset_from_utc_datetime(&local.checked_sub_signed(before)?)
        }
    };
    in_range(ticks.checked_sub(offset_ticks(&offset))?)
}

#[cfg(test)]
mod tests {
    use kql::values::{datetime_to_text, parse_datetime};

    use super::*;

    #[test]
    fn clocks_that_are_put_forward_and_back() {
        for (name, local, expected) in [
            (
                "Europe/Brussels",
                "2022-03-27 01:59:59",
                "2022-03-27T00:59:59.0000000Z",
            ),
            (
                "Europe/Brussels",
                "2022-03-27 02:30",
                "2022-03-27T00:30:00.0000000Z",
            ),
            (
                "Europe/Brussels",
                "2022-10-30 02:30",
                "2022-10-30T00:30:00.0000000Z",
            ),
            (
                "Europe/Brussels",
                "2022-10-30 03:00",
                "2022-10-30T02:00:00.0000000Z",
            ),
            // A whole day that was left out.
            ("Pacific/Apia", "2011-12-30 12:00", "2011-12-29T22:00:00.0000000Z"),
            (
                "Asia/Kolkata",
                "2022-01-01 00:00:00.1234567",
                "2021-12-31T18:30:00.1234567Z",
            ),
        ] {
            let utc = find(name)
                .ok()
                .zip(parse_datetime(local))
                .and_then(|(zone, ticks)| to_utc(zone, ticks));
            assert_eq!(
                utc.map(datetime_to_text).as_deref(),
                Some(expected),
                "{name} {local}"
            );
        }
        assert!(find("Europe/Atlantis").is_err());
        for ticks in [i64::MIN, i64::MAX] {
            let zone = chrono_tz::UTC;
            assert_eq!((to_utc(zone, ticks), to_local(zone, ticks)), (None, None));
        }
    }
}
