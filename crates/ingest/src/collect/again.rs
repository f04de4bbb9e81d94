//! What failed, and when it is tried again.
//!
//! A failure that says nothing of its blob, such as an account that is away, is tried again for ever. A blob that cannot be had
//! while others can is tried a few times, and then once an hour. Bytes that cannot be read are left alone until they change.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use model::codes::list as code;
use tokio::time::Instant;

use super::pause;
use crate::outcome::{SourceOutcome, Status};
use crate::sources::Source;

/// Between two tries of a blob that could not be had again and again.
const SELDOM: Duration = Duration::from_secs(3600);

/// Blobs that failed.
pub(super) struct Again {
    tries_max: u32,
    failed: HashMap<String, Failed>,
}

struct Failed {
    source: Source,
    /// Tries at which it was the blob that failed.
    tries: u32,
    /// Tries in a row at which it was not.
    passed: u32,
    /// None if it is left alone until it changes.
    due: Option<Instant>,
}

impl Failed {
    const fn is_given_up(&self, tries_max: u32) -> bool {
        self.tries >= tries_max
    }
}

impl Again {
    pub(super) fn new(tries_max: u32) -> Self {
        Self {
            tries_max,
            failed: HashMap::new(),
        }
    }

    /// True if none waits to be tried again soon.
    pub(super) fn is_empty(&self) -> bool {
        self.failed
            .values()
            .all(|failed| failed.is_given_up(self.tries_max))
    }

    /// When the next is to be tried.
    pub(super) fn due(&self) -> Option<Instant> {
        self.failed.values().filter_map(|failed| failed.due).min()
    }

    /// Whether a change of a blob is to be read now: one that failed waits, and one that is left alone has changed first.
    pub(super) fn admits(&mut self, source: &Source) -> bool {
        let is_same = |failed: &Failed| etag(&failed.source) == etag(source);
        match self.failed.get_mut(&source.address) {
            Some(failed) if is_same(failed) => false,
            Some(failed) if failed.is_given_up(self.tries_max) => {
                self.failed.remove(&source.address);
                true
            }
            Some(failed) => {
                failed.source = source.clone();
                false
            }
            None => true,
        }
    }

    /// What is to be tried now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Source> {
        let due = self
            .failed
            .values_mut()
            .filter(|failed| failed.due.is_some_and(|due| due <= now));
        due.map(|failed| failed.source.clone()).collect()
    }

    /// Forgets those that are somebody else's now.
    pub(super) fn keep(&mut self, is_own: impl Fn(&str) -> bool) {
        self.failed.retain(|address, _| is_own(address));
    }

    /// Forgets those that did not fail this time.
    pub(super) fn settle(&mut self, tried: &[Source], failed: &[SourceOutcome]) {
        let failed: HashSet<&str> = failed
            .iter()
            .map(|outcome| outcome.source.address.as_str())
            .collect();
        for source in tried {
            if !failed.contains(source.address.as_str()) {
                self.failed.remove(&source.address);
            }
        }
    }

    /// It failed. The number of tries, if it is left alone from now on.
    pub(super) fn failed(&mut self, outcome: &SourceOutcome, now: Instant, seed: u64) -> Option<u32> {
        let seed = seed ^ outcome.source.bytes;
        let failed = self
            .failed
            .entry(outcome.source.address.clone())
            .or_insert_with(|| Failed {
                source: outcome.source.clone(),
                tries: 0,
                passed: 0,
                due: None,
            });
        failed.source = outcome.source.clone();
        if outcome.passes {
            failed.passed += 1;
            failed.due = Some(now + pause(failed.passed, seed));
            return None;
        }
        failed.passed = 0;
        failed.tries = failed.tries.saturating_add(1);
        if !failed.is_given_up(self.tries_max) {
            failed.due = Some(now + pause(failed.tries, seed));
            return None;
        }
        failed.due = is_unreachable(outcome).then(|| now + SELDOM);
        (failed.tries == self.tries_max).then_some(failed.tries)
    }
}

/// Its bytes did not come, so that nobody knows what is in them.
fn is_unreachable(outcome: &SourceOutcome) -> bool {
    let broken = outcome.broken.as_ref();
    broken.is_some_and(|broken| broken.code == code::SOURCE_IO)
        || matches!(outcome.status, Status::Failed { code, .. } if code == code::SOURCE_IO)
}

fn etag(source: &Source) -> Option<&str> {
    source.blob.as_ref()?.etag.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> Source {
        Source {
            address: address.to_owned(),
            display: address.to_owned(),
            path: None,
            pipe: None,
            blob: None,
            bytes: 0,
            new_bytes: 0,
            modified: 0,
            hour: None,
            named: false,
        }
    }

    fn outcome(code: model::Code, passes: bool) -> SourceOutcome {
        SourceOutcome {
            passes,
            ..SourceOutcome::failed(&source("a"), code, "why".to_owned())
        }
    }

    #[test]
    fn an_account_that_is_away_is_never_given_up() {
        let (mut again, now) = (Again::new(3), Instant::now());
        for _ in 0..100 {
            assert_eq!(again.failed(&outcome(code::SOURCE_IO, true), now, 1), None);
            assert!(again.due() <= Some(now + Duration::from_secs(60)));
        }
        assert!(!again.is_empty());
        again.settle(&[source("a")], &[]);
        assert!(again.is_empty());
    }

    #[test]
    fn what_cannot_be_had_is_tried_seldom_and_what_cannot_be_read_not_again() {
        for (code, due) in [(code::SOURCE_IO, Some(SELDOM)), (code::NOT_A_FLOW_LOG, None)] {
            let (mut again, now) = (Again::new(3), Instant::now());
            let told: Vec<_> = (0..5)
                .map(|_| again.failed(&outcome(code, false), now, 1))
                .collect();
            assert_eq!(told, [None, None, Some(3), None, None]);
            assert_eq!(again.due(), due.map(|due| now + due));
            assert!(again.is_empty());
            assert!(!again.admits(&source("a")));
        }
    }
}
