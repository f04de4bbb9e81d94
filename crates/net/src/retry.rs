//! What is tried again, and after how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use model::limits;

use crate::request::Response;

/// How often and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// So many tries in all.
    pub tries_max: u32,
    /// What is waited after the first; each time twice as long.
    pub first: Duration,
    /// But never longer than this.
    pub longest: Duration,
    /// So long a server may ask to wait; if it asks for longer, its answer stands.
    pub asked_max: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries_max: limits::HTTP_TRIES_MAX,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            asked_max: Duration::from_secs(limits::HTTP_ASKED_WAIT_SECS_MAX),
        }
    }
}

impl Retry {
    /// How long to wait after so many tries; none if the last answer stands. `chance` spreads those who were turned away
    /// together: half of the time at least, all of it at most.
    pub(crate) fn wait(
        &self,
        tries: u32,
        tries_max: u32,
        asked: Option<Duration>,
        chance: u64,
    ) -> Option<Duration> {
        if tries >= tries_max {
            return None;
        }
        let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        let half = whole / 2;
        let thousandths = u32::try_from(chance % 1000).unwrap_or(0);
        match asked {
            Some(asked) if asked > self.asked_max => None,
            // Never sooner than it was asked for.
            Some(asked) => Some(asked + self.first * thousandths / 1000),
            None => Some(half + half * thousandths / 1000),
        }
    }
}

/// True for what a server says of itself that may be over a moment later.
pub(crate) const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// True for an answer that says that nothing was done: whoever is told to slow down was turned away at the door.
pub(crate) const fn is_untouched(status: u16) -> bool {
    status == 429
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date, or Azure's own header in milliseconds.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(crate) fn asked(response: &Response) -> Option<Duration> {
    let exact = ["x-ms-retry-after-ms", "retry-after-ms"];
    let exact = exact
        .iter()
        .find_map(|name| response.header(name)?.trim().parse().ok());
    if let Some(milliseconds) = exact {
        return Some(Duration::from_millis(milliseconds));
    }
    let said = response.header("retry-after")?.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Of its own clock, so that ours does not matter.
    let until = DateTime::parse_from_rfc2822(said).ok()?;
    let now = DateTime::parse_from_rfc2822(response.header("date")?).ok()?;
    (until - now).to_std().ok()
}

/// Numbers that look like chance, from one that is given.
#[derive(Debug)]
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_spread() {
        let retry = Retry::default();
        let chance = Chance::of(7);
        let mut different = std::collections::HashSet::new();
        for (tries, whole) in [(1, 500), (2, 1000), (3, 2000), (4, 4000), (40, 20_000)] {
            for _ in 0..50 {
                let wait = retry.wait(tries, 100, None, chance.next()).unwrap();
                let whole = Duration::from_millis(whole);
                assert!(wait >= whole / 2 && wait <= whole, "{tries}: {wait:?}");
                different.insert(wait);
            }
        }
        assert!(different.len() > 200, "{}", different.len());
        assert_eq!(retry.wait(6, 6, None, 0), None);
    }

    #[test]
    fn what_a_server_asks_for_is_kept() {
        let retry = Retry::default();
        let asked = Duration::from_secs(17);
        let wait = retry.wait(1, 6, Some(asked), 999).unwrap();
        assert!(wait >= asked && wait < asked + Duration::from_secs(1));
        assert_eq!(retry.wait(1, 6, Some(Duration::from_secs(3600)), 0), None);
    }

    #[test]
    fn forms_of_asking_to_wait() {
        let check = |headers: &[(&str, &str)], expected: Option<u64>| {
            let response = Response {
                status: 429,
                body: Vec::new(),
                tries: 1,
                wait: None,
                is_unsure: false,
                headers: headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            };
            assert_eq!(
                asked(&response),
                expected.map(Duration::from_millis),
                "{headers:?}"
            );
        };
        check(&[], None);
        check(&[("retry-after", "17")], Some(17_000));
        check(
            &[("retry-after", "17"), ("x-ms-retry-after-ms", "250")],
            Some(250),
        );
        check(
            &[
                ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
            ],
            Some(30_000),
        );
        check(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], None);
        check(&[("retry-after", "soon")], None);
        check(&[("retry-after", "-1")], None);
    }

    #[test]
    fn what_is_tried_again() {
        let again: Vec<u16> = (100..600).filter(|status| may_pass(*status)).collect();
        assert_eq!(again, [408, 429, 500, 502, 503, 504]);
    }
}
