//! The same said of many blobs is said of the first few, and then how many more there were: who may list a container and not read
//! it would else be told so for each of a hundred thousand.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Blobs of which the same is said in full, in a while.
const IN_FULL: u64 = 3;
const WHILE: Duration = Duration::from_secs(60);
/// Different things that are remembered. What is more than that is said each time.
const KINDS_MAX: usize = 64;

/// What was said lately.
#[derive(Default)]
pub(super) struct Repeats(Mutex<HashMap<String, Said>>);

struct Said {
    since: Instant,
    count: u64,
}

impl Said {
    const fn left_out(&self) -> u64 {
        self.count.saturating_sub(IN_FULL)
    }
}

impl Repeats {
    /// Whether something of this kind is said in full.
    pub(super) fn admit(&self, kind: &str, now: Instant) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= KINDS_MAX && !held.contains_key(kind) {
            return true;
        }
        let said = held
            .entry(kind.to_owned())
            .or_insert(Said { since: now, count: 0 });
        said.count += 1;
        said.count <= IN_FULL
    }

    /// What was left out of each kind in a while that is over, or all that was.
    pub(super) fn left_out(&self, now: Instant, all: bool) -> Vec<(String, u64)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |said: &Said| all || now.saturating_duration_since(said.since) >= WHILE;
        let over: Vec<String> = held
            .iter()
            .filter(|(_, said)| is_over(said))
            .map(|(kind, _)| kind.clone())
            .collect();
        let mut left_out = Vec::new();
        for kind in over {
            let count = held.remove(&kind).map_or(0, |said| said.left_out());
            if count > 0 {
                left_out.push((kind, count));
            }
        }
        left_out.sort();
        left_out
    }
}

/// What is said, without the blob and the request that it is said of.
pub(super) fn kind_of(text: &str, blob: &str) -> String {
    let text = text.replace(blob, "…");
    match text.split_once(", request ") {
        Some((before, _)) => before.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_of_many_is_said_of_a_few() {
        let (repeats, begin) = (Repeats::default(), Instant::now());
        let said = (0..1000).filter(|_| repeats.admit("not permitted", begin));
        assert_eq!(said.count(), 3);
        assert!(repeats.admit("no such blob", begin));
        assert_eq!(repeats.left_out(begin, false), []);
        assert_eq!(
            repeats.left_out(begin + WHILE, false),
            [("not permitted".to_owned(), 997)]
        );
        assert!(repeats.admit("not permitted", begin));
        assert_eq!(repeats.left_out(begin, true), []);
    }

    #[test]
    fn what_is_said_without_whom_it_is_said_of() {
        let said = |blob: &str, request: &str| {
            let text = format!("`{blob}` was left out: `{blob}`: not permitted (X, request {request})");
            kind_of(&text, blob)
        };
        assert_eq!(said("az://a/c/1", "r-1"), said("az://a/c/2", "r-2"));
        assert_eq!(
            said("az://a/c/1", "r-1"),
            "`…` was left out: `…`: not permitted (X"
        );
    }
}
