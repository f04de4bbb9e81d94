//! What failed, and when it is tried again.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::pause;
use crate::outcome::SourceOutcome;
use crate::sources::Source;

/// Blobs that failed.
pub(super) struct Again {
    tries_max: u32,
    failed: HashMap<String, Failed>,
}

struct Failed {
    source: Source,
    tries: u32,
    /// None if it is left alone until it changes.
    due: Option<Instant>,
}

impl Again {
    pub(super) fn new(tries_max: u32) -> Self {
        Self {
            tries_max,
            failed: HashMap::new(),
        }
    }

    /// True if none waits to be tried again.
    pub(super) fn is_empty(&self) -> bool {
        self.failed.values().all(|failed| failed.due.is_none())
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
            Some(failed) if failed.due.is_none() => {
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

    /// Forgets those that did not fail this time.
    pub(super) fn settle(&mut self, tried: &[Source], failed: &[SourceOutcome]) {
        for source in tried {
            if !failed
                .iter()
                .any(|outcome| outcome.source.address == source.address)
            {
                self.failed.remove(&source.address);
            }
        }
    }

    /// It failed. The number of tries, if it is left alone from now on.
    pub(super) fn failed(&mut self, outcome: &SourceOutcome, now: Instant, seed: u64) -> Option<u32> {
        let failed = self
            .failed
            .entry(outcome.source.address.clone())
            .or_insert_with(|| Failed {
                source: outcome.source.clone(),
                tries: 0,
                due: None,
            });
        failed.source = outcome.source.clone();
        failed.tries += 1;
        if failed.tries >= self.tries_max {
            failed.due = None;
            return Some(failed.tries);
        }
        let pause: Duration = pause(failed.tries, seed ^ outcome.source.bytes);
        failed.due = Some(now + pause);
        None
    }
}

fn etag(source: &Source) -> Option<&str> {
    source.blob.as_ref()?.etag.as_deref()
}
