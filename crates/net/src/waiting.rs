//! What was asked and is not answered yet, by place, so that somebody can tell who does not answer and since when.
//! It ends nothing and tells nothing by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is not answered. Clients that share one tell of all that any of them asks.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    asked: BTreeMap<u64, Asked>,
    /// Places of which nobody waits for an answer any more, as none came.
    given_up: BTreeMap<String, Instant>,
}

#[derive(Debug)]
struct Asked {
    place: String,
    /// When it was asked; none while it waits to be asked again.
    since: Option<Instant>,
}

impl Waiting {
    /// The places that have left something unanswered for so long, each with how long that is.
    #[must_use]
    pub fn silent_for(&self, least: Duration) -> Vec<(String, Duration)> {
        let now = Instant::now();
        let state = self.state();
        let mut silent: BTreeMap<&str, Duration> = BTreeMap::new();
        let waiting = state.asked.values();
        let waiting = waiting.filter_map(|asked| Some((asked.place.as_str(), asked.since?)));
        let given_up = state.given_up.iter();
        for (place, since) in waiting.chain(given_up.map(|(place, since)| (place.as_str(), *since))) {
            let time = now.saturating_duration_since(since);
            let longest = silent.entry(place).or_default();
            *longest = time.max(*longest);
        }
        silent.retain(|_, time| *time >= least);
        let silent = silent.into_iter();
        silent.map(|(place, time)| (place.to_owned(), time)).collect()
    }

    /// Something is going to be asked there.
    pub(crate) fn of(&self, place: String) -> Wait {
        let mut state = self.state();
        state.next = state.next.wrapping_add(1);
        let number = state.next;
        state.asked.insert(number, Asked { place, since: None });
        Wait {
            waiting: self.clone(),
            number,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that is asked. Whoever waits no longer drops it.
pub(crate) struct Wait {
    waiting: Waiting,
    number: u64,
}

impl Wait {
    /// It is asked now. Where the try before came to nothing it still waits since then.
    pub(crate) fn asks(&self) {
        if let Some(asked) = self.waiting.state().asked.get_mut(&self.number) {
            asked.since.get_or_insert_with(Instant::now);
        }
    }

    /// Somebody is there: an answer came, or a part of one.
    pub(crate) fn answered(&self) {
        let mut state = self.waiting.state();
        let State { asked, given_up, .. } = &mut *state;
        if let Some(asked) = asked.get_mut(&self.number) {
            if asked.since.is_some() {
                asked.since = Some(Instant::now());
            }
            given_up.remove(&asked.place);
        }
    }

    /// Nothing is under way: it failed in another way than by silence, or waits to be asked again.
    pub(crate) fn rests(&self) {
        if let Some(asked) = self.waiting.state().asked.get_mut(&self.number) {
            asked.since = None;
        }
    }

    /// No answer came, and nobody asks for it again.
    pub(crate) fn gives_up(&self) {
        let mut state = self.waiting.state();
        let State { asked, given_up, .. } = &mut *state;
        if let Some(Asked {
            place,
            since: Some(since),
        }) = asked.get(&self.number)
        {
            given_up.entry(place.clone()).or_insert(*since);
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waiting.state().asked.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(waiting: &Waiting) -> Vec<String> {
        let silent = waiting.silent_for(Duration::ZERO).into_iter();
        silent.map(|(place, _)| place).collect()
    }

    #[test]
    fn who_does_not_answer_is_silent_until_it_does() {
        let waiting = Waiting::default();
        let (one, two) = (waiting.of("a".to_owned()), waiting.of("b".to_owned()));
        assert_eq!(places(&waiting), Vec::<String>::new());
        one.asks();
        two.asks();
        assert_eq!(places(&waiting), ["a", "b"]);
        assert!(waiting.silent_for(Duration::from_secs(3600)).is_empty());
        // It waits before it is asked again, because it was told to.
        two.rests();
        assert_eq!(places(&waiting), ["a"]);
        // Nobody waits for it any more, and it has not answered either.
        one.gives_up();
        drop(one);
        assert_eq!(places(&waiting), ["a"]);
        let again = waiting.clone().of("a".to_owned());
        again.asks();
        again.answered();
        again.rests();
        assert_eq!(places(&waiting), Vec::<String>::new());
    }

    #[test]
    fn who_is_asked_again_and_again_has_been_silent_from_the_first() {
        let waiting = Waiting::default();
        let one = waiting.of("a".to_owned());
        one.asks();
        std::thread::sleep(Duration::from_millis(30));
        one.asks();
        assert_eq!(waiting.silent_for(Duration::from_millis(30)).len(), 1);
        // A part of an answer is a sign of life.
        one.answered();
        assert!(waiting.silent_for(Duration::from_secs(3600)).is_empty());
        // What is not waited for any more says nothing.
        drop(one);
        assert!(places(&waiting).is_empty());
    }
}
