//! What a collector lacks: what fails, and who does not answer, each since when. It is said once, and again when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::gauge;
use model::limits::HTTP_SILENCE_SECS_MAX;
use net::Waiting;

use crate::instant;

/// Without an answer for so long is told: half of what a try waits for one.
const SILENT: Duration = Duration::from_secs(HTTP_SILENCE_SECS_MAX / 2);
/// How long each place has left something unanswered; 0 once it answers.
const UNANSWERED: &str = "flowglass_unanswered_seconds";

/// What a collector lacks.
pub(super) struct Lacks {
    waiting: Waiting,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What fails, and why.
    failing: BTreeMap<String, Lack>,
    /// Places of which it was said that they do not answer, each with when that began, in epoch microseconds.
    silent: BTreeMap<String, i64>,
    /// The containers that are followed, once that is known.
    followed: Option<Vec<String>>,
    /// Those that were listed at some time.
    listed: BTreeSet<String>,
}

struct Lack {
    why: String,
    since: i64,
}

impl Lacks {
    /// Of what others ask and wait for.
    pub(super) fn new(waiting: Waiting) -> Self {
        Self {
            waiting,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These containers are followed from now on, others no more. Whatever fails fails anew.
    pub(super) fn follows(&self, containers: Vec<String>) {
        let mut state = self.state();
        state.followed = Some(containers);
        state.failing.clear();
    }

    /// A container was listed.
    pub(super) fn listed(&self, container: &str) {
        self.state().listed.insert(container.to_owned());
    }

    /// Something fails. True if that is to be said: it did not before, or did for another reason, and it is not said already
    /// that somebody there does not answer.
    pub(super) fn fails(&self, what: &str, why: &str) -> bool {
        let mut state = self.state();
        let is_silent = state.silent.keys().any(|place| {
            let is_of = |text: &str| text.contains(place.as_str());
            (is_of(what) || is_of(why)) && why.contains("did not answer in time")
        });
        let is_known = state
            .failing
            .get(what)
            .is_some_and(|lack| gist(&lack.why) == gist(why));
        let lack = state.failing.entry(what.to_owned()).or_insert_with(|| Lack {
            why: String::new(),
            since: now(),
        });
        why.clone_into(&mut lack.why);
        !is_known && !is_silent
    }

    /// Something works. How long it did not, if that was so.
    pub(super) fn works(&self, what: &str) -> Option<Duration> {
        let lack = self.state().failing.remove(what)?;
        Some(Duration::from_micros(now().abs_diff(lack.since)))
    }

    /// What is lacking, in words.
    pub(super) fn told(&self) -> Option<String> {
        let silent = self.waiting.silent_for(SILENT);
        let state = self.state();
        let mut told: Vec<String> = Vec::new();
        for (place, time) in &silent {
            let (since, secs) = (since(*time), time.as_secs());
            told.push(format!("{place} has not answered since {since} ({secs} s)"));
        }
        for (what, Lack { why, since }) in &state.failing {
            let since = instant::iso(since - since.rem_euclid(1_000_000));
            told.push(format!("{what}: {why} (since {since})"));
        }
        if told.is_empty() {
            match &state.followed {
                None => told.push("nothing was listed yet".to_owned()),
                Some(followed) => {
                    let unlisted = followed.iter().filter(|held| !state.listed.contains(*held));
                    told.extend(unlisted.map(|container| format!("{container} was not listed yet")));
                }
            }
        }
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Says who does not answer, and who does again.
    pub(super) fn look(&self) {
        let silent = self.waiting.silent_for(SILENT);
        let mut state = self.state();
        for (place, time) in &silent {
            let began = now() - i64::try_from(time.as_micros()).unwrap_or(0);
            if !state.silent.contains_key(place) {
                let (since, secs) = (since(*time), time.as_secs());
                tracing::warn!(
                    place,
                    since,
                    "does not answer, for {secs} s now; it is asked again and again"
                );
                state.silent.insert(place.clone(), began);
            }
        }
        state.silent.retain(|place, began| {
            let is_silent = silent.iter().any(|(held, _)| held == place);
            if !is_silent {
                let secs = now().abs_diff(*began) / 1_000_000;
                tracing::info!(place, "answers again, after {secs} s");
                gauge!(UNANSWERED, "place" => place.clone()).set(0.0);
            }
            is_silent
        });
    }

    /// Brings the numbers up to date.
    pub(super) fn measure(&self) {
        for (place, time) in self.waiting.silent_for(SILENT) {
            gauge!(UNANSWERED, "place" => place).set(time.as_secs_f64().floor());
        }
    }
}

fn now() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

/// When that was, to the second.
fn since(ago: Duration) -> String {
    let at = now() - i64::try_from(ago.as_micros()).unwrap_or(0);
    instant::iso(at - at.rem_euclid(1_000_000))
}

/// A reason without what differs each time: numbers, and what stands in brackets.
fn gist(why: &str) -> String {
    let why = why.split(" (").next().unwrap_or_default();
    why.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_said_once_and_stands_until_it_works() {
        let lacks = Lacks::new(Waiting::default());
        assert_eq!(lacks.told().as_deref(), Some("nothing was listed yet"));
        lacks.follows(vec!["az://a/c".to_owned(), "az://b/c".to_owned()]);
        lacks.listed("az://a/c");
        assert_eq!(lacks.told().as_deref(), Some("az://b/c was not listed yet"));
        lacks.listed("az://b/c");
        assert_eq!(lacks.told(), None);
        let list = "the list of az://b/c";
        assert!(lacks.fails(list, "too busy (request r-1)"));
        assert!(!lacks.fails(list, "too busy (request r-2)"));
        assert!(lacks.fails(list, "not permitted"));
        // That another one is listed says nothing of it.
        lacks.listed("az://a/c");
        let told = lacks.told().unwrap();
        assert!(
            told.starts_with("the list of az://b/c: not permitted (since 20"),
            "{told}"
        );
        assert!(lacks.works(list).is_some() && lacks.works(list).is_none());
        assert_eq!(lacks.told(), None);
        // What is followed no more is not lacking.
        assert!(lacks.fails(list, "not permitted"));
        lacks.follows(vec!["az://a/c".to_owned()]);
        assert_eq!(lacks.told(), None);
    }
}
