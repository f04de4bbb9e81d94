//! Rows that ask the same: each different question is answered once.

use std::hash::Hash;

use ahash::AHashMap;

/// Answers, and which of them each row has.
#[derive(Clone, Debug)]
pub struct Repeated<A> {
    /// Of each row the place of its answer.
    pub places: Vec<u32>,
    /// The different answers.
    pub answers: Vec<A>,
}

impl<A> Repeated<A> {
    /// Answers what rows ask. Flows are logged in several lines, by both ends, and come from few addresses at a time.
    ///
    /// # Errors
    /// Those of the answer.
    pub fn of<Q, E>(
        questions: impl ExactSizeIterator<Item = Q>,
        answer: impl Fn(&Q) -> Result<A, E>,
    ) -> Result<Self, E>
    where
        Q: Hash + Eq + Copy,
    {
        let mut known: AHashMap<Q, u32> = AHashMap::new();
        let mut repeated = Self {
            places: Vec::with_capacity(questions.len()),
            answers: Vec::new(),
        };
        for question in questions {
            let next = u32::try_from(repeated.answers.len()).unwrap_or(u32::MAX);
            let place = *known.entry(question).or_insert(next);
            if place == next {
                repeated.answers.push(answer(&question)?);
            }
            repeated.places.push(place);
        }
        Ok(repeated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_is_asked_again_is_answered_once() {
        let asked = Cell::new(0);
        let answer = |question: &u8| {
            asked.set(asked.get() + 1);
            if *question == 9 { Err(()) } else { Ok(question * 2) }
        };
        let repeated = Repeated::of([1, 2, 1, 1, 2].into_iter(), answer).unwrap();
        assert_eq!(
            (repeated.places, repeated.answers),
            (vec![0, 1, 0, 0, 1], vec![2, 4])
        );
        assert_eq!(asked.get(), 2);
        assert!(Repeated::of([1, 9].into_iter(), answer).is_err());
    }
}
