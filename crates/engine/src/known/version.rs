//! Which load of facts a text means: its snapshot, the beginning of that, time and snapshot, or its number.

use chrono::DateTime;
use kqlfn::Refusal;

use super::Epochs;

/// So many letters of a snapshot's name are enough to mean it.
const LETTERS_MIN: usize = 8;

impl Epochs {
    /// The place of what was known after the load that is called so.
    pub(super) fn version(&self, typed: &str) -> Result<usize, Refusal> {
        let snapshots = self.facts.snapshots.iter().enumerate();
        let mut called = snapshots
            .filter(|(at, held)| is_called(typed, at + 1, held.taken, &held.hash))
            .map(|(at, _)| at);
        let lists = "`flowglass facts show` lists them";
        match (called.next(), called.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(Refusal::new(format!(
                "several versions of the facts may be meant by `{typed}`: {lists}, by number and snapshot"
            ))),
            (None, _) => Err(Refusal::new(format!(
                "there is no version `{typed}` of the facts: {lists}, by number and snapshot"
            ))),
        }
    }
}

fn is_called(typed: &str, number: usize, taken: i64, hash: &str) -> bool {
    if typed == hash || typed.parse() == Ok(number) {
        return true;
    }
    let named = match typed.rsplit_once('-') {
        Some((time, named)) => {
            let time = DateTime::parse_from_rfc3339(time).map(|time| time.timestamp_micros());
            if time != Ok(taken) {
                return false;
            }
            named
        }
        None => typed,
    };
    named.len() >= LETTERS_MIN && hash.starts_with(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_called_by_number_snapshot_and_both() {
        let called = |typed: &str| is_called(typed, 2, 1_735_776_000_000_000, "0a1b2c3d4e5f6071");
        for typed in [
            "2",
            "0a1b2c3d4e5f6071",
            "0a1b2c3d",
            "2025-01-02T00:00:00Z-0a1b2c3d4e5f6071",
        ] {
            assert!(called(typed), "{typed}");
        }
        for typed in [
            "",
            "1",
            "0a1b2c3",
            "0a1b2c3e",
            "2025-01-03T00:00:00Z-0a1b2c3d4e5f6071",
        ] {
            assert!(!called(typed), "{typed}");
        }
    }
}
