//! What is counted: sums with the few largest examples, under keys whose number is bounded.

use std::hash::Hash;
use std::sync::Arc;

use ahash::AHashMap;
use nsg::Flow;

use crate::logged::Sums;

/// So many examples are kept of what is counted together.
const EXAMPLES_MAX: usize = 3;

/// So many keys are told apart; what comes behind them is counted together.
pub(crate) const KEYS_MAX: usize = 100_000;

/// A flow that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Whose rules decide: the name of the machine or of its interface.
    pub workload: Arc<str>,
    /// The flow, without its source port where that was not asked for.
    pub flow: Flow,
    /// What its lines come to.
    pub sums: Sums,
}

/// What is counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Distinct keys of recorded flows; one that comes in two pieces of the table is counted in each.
    pub keys: u64,
    /// Their sums.
    pub sums: Sums,
    /// Those of the most bytes, and of these of the most lines.
    pub examples: Vec<Example>,
}

impl Tally {
    /// Adds a key.
    pub(crate) fn add(&mut self, workload: &Arc<str>, flow: &Flow, sums: &Sums) {
        self.keys += 1;
        self.sums += sums;
        self.show(workload, flow, sums);
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.keys += other.keys;
        self.sums += &other.sums;
        for example in &other.examples {
            self.show(&example.workload, &example.flow, &example.sums);
        }
    }

    fn show(&mut self, workload: &Arc<str>, flow: &Flow, sums: &Sums) {
        let known = self
            .examples
            .iter_mut()
            .find(|held| held.flow == *flow && held.workload == *workload);
        if let Some(known) = known {
            known.sums += sums;
        } else {
            let least = self
                .examples
                .last()
                .filter(|_| self.examples.len() >= EXAMPLES_MAX);
            if least.is_some_and(|least| size(&least.sums) >= size(sums)) {
                return;
            }
            self.examples.push(Example {
                workload: Arc::clone(workload),
                flow: *flow,
                sums: *sums,
            });
        }
        self.examples
            .sort_by_key(|held| std::cmp::Reverse(size(&held.sums)));
        self.examples.truncate(EXAMPLES_MAX);
    }
}

const fn size(sums: &Sums) -> (u64, u64) {
    (sums.bytes(), sums.lines)
}

/// Tallies under keys, of which there are only so many.
#[derive(Clone, Debug)]
pub struct Tallies<K> {
    held: AHashMap<K, Tally>,
    /// What found no place of its own.
    pub others: Tally,
}

impl<K> Default for Tallies<K> {
    fn default() -> Self {
        Self {
            held: AHashMap::new(),
            others: Tally::default(),
        }
    }
}

impl<K: Hash + Ord> Tallies<K> {
    pub(crate) fn merge(&mut self, key: K, tally: &Tally) {
        if self.held.len() >= KEYS_MAX && !self.held.contains_key(&key) {
            self.others.merge(tally);
            return;
        }
        self.held.entry(key).or_default().merge(tally);
    }

    /// Those of the most lines first.
    #[must_use]
    pub fn largest(&self) -> Vec<(&K, &Tally)> {
        let mut all: Vec<(&K, &Tally)> = self.held.iter().collect();
        all.sort_by(|(left, left_tally), (right, right_tally)| {
            let lines = right_tally.sums.lines.cmp(&left_tally.sums.lines);
            lines.then_with(|| left.cmp(right))
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use model::Direction;

    use super::*;

    fn flow(port: u16) -> Flow {
        Flow {
            direction: Direction::Inbound,
            protocol: 6,
            source: "192.0.2.1".parse().unwrap(),
            source_port: 0,
            destination: "10.0.0.4".parse().unwrap(),
            destination_port: port,
        }
    }

    fn sums(bytes_sent: u64) -> Sums {
        Sums {
            lines: 1,
            bytes_sent,
            ..Sums::default()
        }
    }

    #[test]
    fn the_largest_are_kept_and_one_that_comes_again_grows() {
        let workload: Arc<str> = "rg/vm".into();
        let mut tally = Tally::default();
        for (port, bytes) in [(1, 10), (2, 40), (3, 30), (4, 20), (4, 15), (3, 30), (5, 5)] {
            tally.add(&workload, &flow(port), &sums(bytes));
        }
        let shown: Vec<(u16, u64)> = tally
            .examples
            .iter()
            .map(|held| (held.flow.destination_port, held.sums.bytes()))
            .collect();
        assert_eq!(shown, [(3, 60), (2, 40), (4, 35)]);
        assert_eq!((tally.keys, tally.sums.bytes()), (7, 150));
    }

    #[test]
    fn what_finds_no_place_is_counted_all_the_same() {
        let mut tallies = Tallies::default();
        let mut one = Tally::default();
        one.add(&"vm".into(), &flow(1), &sums(1));
        for key in 0..KEYS_MAX + 2 {
            tallies.merge(key, &one);
        }
        tallies.merge(0, &one);
        assert_eq!(tallies.others.keys, 2);
        assert_eq!(tallies.largest().len(), KEYS_MAX);
        assert_eq!(
            tallies.largest().first().map(|(key, tally)| (**key, tally.keys)),
            Some((0, 2))
        );
    }
}
