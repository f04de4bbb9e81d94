//! Counting by key in bounded memory: exact up to a limit on the number of keys; beyond it the keys that
//! weigh least are forgotten, and how much was forgotten is known.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use model::limits::{SUMMARY_KEYS_MAX, SUMMARY_NAME_BYTES_MAX};

/// What is counted for a key.
pub(crate) trait Weighs: Default {
    /// What the list is ordered by, and by what it is decided whom to forget.
    fn weight(&self) -> (u64, u64);
    /// Tuples counted.
    fn tuples(&self) -> u64;
}

/// Values by key. When it is full, the half that weighs less is forgotten: what remains is a lower bound,
/// since a key may have been forgotten before it came again.
#[derive(Debug)]
pub(crate) struct Tally<K, V> {
    values: HashMap<K, V>,
    keys_max: usize,
    /// Tuples of keys that were forgotten; 0 as long as every figure is exact.
    pub(crate) forgotten: u64,
}

impl<K, V> Default for Tally<K, V> {
    fn default() -> Self {
        Self::new(SUMMARY_KEYS_MAX)
    }
}

impl<K, V> Tally<K, V> {
    pub(crate) fn new(keys_max: usize) -> Self {
        Self {
            values: HashMap::new(),
            keys_max,
            forgotten: 0,
        }
    }
}

impl<K: Copy + Eq + Hash + Ord, V: Weighs> Tally<K, V> {
    /// The value of a key.
    pub(crate) fn entry(&mut self, key: K) -> &mut V {
        if self.values.len() >= self.keys_max && !self.values.contains_key(&key) {
            self.forget_half();
        }
        self.values.entry(key).or_default()
    }

    fn forget_half(&mut self) {
        let mut all: Vec<(K, V)> = self.values.drain().collect();
        let keep = all.len() / 2;
        if keep < all.len() {
            // By key where the weights are equal, so that the same log gives the same summary.
            all.select_nth_unstable_by_key(keep, |(key, value)| (Reverse(value.weight()), *key));
        }
        let lesser = all.drain(keep..);
        self.forgotten += lesser.map(|(_, value)| value.tuples()).sum::<u64>();
        self.values.extend(all);
    }

    /// How many keys there are; at least so many were seen.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// How many different keys were seen, where that is known.
    pub(crate) fn distinct(&self) -> Option<u64> {
        (self.forgotten == 0).then_some(self.values.len() as u64)
    }

    /// Every figure is a lower bound, and more than so many keys were seen.
    pub(crate) fn more_than(&self) -> Option<u64> {
        (self.forgotten > 0).then_some(self.keys_max as u64)
    }

    /// The keys that weigh most, in an order that does not depend on hashing.
    pub(crate) fn top(&self, count: usize) -> Vec<(K, &V)> {
        let mut all: Vec<(K, &V)> = self.values.iter().map(|(key, value)| (*key, value)).collect();
        all.sort_unstable_by_key(|(key, value)| (Reverse(value.weight()), *key));
        all.truncate(count);
        all
    }
}

/// Names held once each, by number.
#[derive(Debug)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, Name>,
    texts: Vec<Box<str>>,
    bytes: usize,
    /// What was asked for last, by column: neighbours are usually alike.
    last: [Name; Column::COUNT],
}

/// Where a name stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Rule,
    Acl,
    Mac,
}

impl Column {
    const COUNT: usize = 3;
}

/// The number of a name. `None` in the log is [`Name::MISSING`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(u32);

impl Name {
    /// The log has no name there.
    pub(crate) const MISSING: Self = Self(0);
    /// Names that came after the limit.
    const OTHERS: Self = Self(1);
}

impl Default for Names {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            texts: vec!["".into(), "(others)".into()],
            bytes: 0,
            last: [Name::MISSING; Column::COUNT],
        }
    }
}

impl Names {
    /// The number of a name.
    pub(crate) fn number(&mut self, column: Column, name: Option<&str>) -> Name {
        let Some(name) = name else { return Name::MISSING };
        let last = self.last.get(column as usize).copied().unwrap_or_default();
        if self.text(last) == Some(name) {
            return last;
        }
        let number = self.look_up(name);
        if let Some(last) = self.last.get_mut(column as usize) {
            *last = number;
        }
        number
    }

    fn look_up(&mut self, name: &str) -> Name {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (Ok(next), true) = (
            u32::try_from(self.texts.len()),
            self.bytes + name.len() <= SUMMARY_NAME_BYTES_MAX,
        ) else {
            return Name::OTHERS;
        };
        if self.texts.len() >= SUMMARY_KEYS_MAX {
            return Name::OTHERS;
        }
        self.bytes += name.len();
        self.texts.push(name.into());
        self.numbers.insert(name.into(), Name(next));
        Name(next)
    }

    /// The name of a number; `None` where the log had none.
    pub(crate) fn text(&self, name: Name) -> Option<&str> {
        if name == Name::MISSING {
            return None;
        }
        self.texts.get(usize::try_from(name.0).ok()?).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighs for u64 {
        fn weight(&self) -> (u64, u64) {
            (*self, 0)
        }

        fn tuples(&self) -> u64 {
            *self
        }
    }

    fn counted(keys_max: usize, keys: &[u32]) -> Tally<u32, u64> {
        let mut tally = Tally::new(keys_max);
        keys.iter().for_each(|key| *tally.entry(*key) += 1);
        tally
    }

    #[test]
    fn exact_up_to_the_limit() {
        let tally = counted(3, &[5, 1, 5, 2, 1, 5]);
        assert_eq!((tally.distinct(), tally.more_than()), (Some(3), None));
        assert_eq!(tally.top(2), [(5, &3), (1, &2)]);
        assert_eq!(tally.top(9).len(), 3);
    }

    #[test]
    fn beyond_it_the_lesser_half_is_forgotten_and_the_sum_still_known() {
        let keys = [5, 1, 5, 2, 1, 5, 3, 4, 9, 5];
        let tally = counted(4, &keys);
        assert_eq!((tally.distinct(), tally.more_than()), (None, Some(4)));
        assert_eq!(tally.top(2), [(5, &4), (1, &2)]);
        let kept: u64 = tally.top(9).iter().map(|(_, count)| **count).sum();
        assert_eq!(kept + tally.forgotten, keys.len() as u64);
    }

    /// One heavy key among many that come once, wherever it stands among them.
    #[test]
    fn the_heaviest_is_kept_in_little_memory() {
        for heavy in [0, 5000, 99_999] {
            let keys: Vec<u32> = (0..100_000).flat_map(|key| [key, heavy]).collect();
            let tally = counted(100, &keys);
            assert!(tally.len() <= 100 && tally.values.capacity() < 1000);
            let (first, count) = tally.top(1)[0];
            assert!(first == heavy && *count > 99_000, "{heavy}: {count}");
        }
    }

    #[test]
    fn a_limit_of_one_and_none_do_no_harm() {
        for keys_max in [0, 1] {
            let tally = counted(keys_max, &[1, 2, 2]);
            assert_eq!((tally.top(9), tally.forgotten), (vec![(2, &2)], 1));
        }
    }

    #[test]
    fn ties_are_ordered_by_key() {
        let tally = counted(9, &[30, 10, 20]);
        let keys: Vec<u32> = tally.top(9).iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [10, 20, 30]);
    }

    #[test]
    fn names_are_held_once() {
        let mut names = Names::default();
        let mut number = |name| names.number(Column::Rule, Some(name));
        let (a, b) = (number("a"), number("b"));
        assert_eq!((number("b"), number("a"), a != b), (b, a, true));
        assert_eq!(names.number(Column::Mac, Some("a")), a);
        assert_eq!(names.number(Column::Mac, None), Name::MISSING);
        assert_eq!((names.text(b), names.text(Name::MISSING)), (Some("b"), None));
        let long = "x".repeat(SUMMARY_NAME_BYTES_MAX + 1);
        let others = names.number(Column::Rule, Some(&long));
        assert_eq!(names.text(others), Some("(others)"));
    }
}
