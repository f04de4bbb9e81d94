//! Counting by key in bounded memory: exact up to a limit on the number of keys, and honest beyond it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

/// Distinct keys counted one by one. A day of a busy network has some ten thousand pairs; at about
/// 100 bytes each the five tables of a summary stay under 50 MB.
pub(crate) const KEYS_MAX: usize = 100_000;

/// Values by key. Keys that come after the limit are not counted, and their number of tuples is kept.
#[derive(Debug)]
pub(crate) struct Tally<K, V> {
    values: HashMap<K, V>,
    keys_max: usize,
    /// Tuples of keys that came too late.
    pub(crate) left_out: u64,
}

impl<K, V> Default for Tally<K, V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            keys_max: KEYS_MAX,
            left_out: 0,
        }
    }
}

impl<K: Copy + Eq + Hash + Ord, V: Default> Tally<K, V> {
    /// The value of a key, made if there is room.
    pub(crate) fn entry(&mut self, key: K) -> Option<&mut V> {
        if self.values.len() >= self.keys_max && !self.values.contains_key(&key) {
            self.left_out += 1;
            return None;
        }
        Some(self.values.entry(key).or_default())
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The keys that weigh most, in an order that does not depend on hashing.
    pub(crate) fn top<W: Ord>(&self, count: usize, weight: impl Fn(&V) -> W) -> Vec<(K, &V)> {
        let mut all: Vec<(K, &V)> = self.values.iter().map(|(key, value)| (*key, value)).collect();
        all.sort_by_key(|(key, value)| (Reverse(weight(value)), *key));
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

/// Text of names held: a hostile log has names of 64 KiB.
const NAME_BYTES_MAX: usize = 16 << 20;

impl Default for Names {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            texts: vec!["".into(), "(others)".into()],
            bytes: 0,
        }
    }
}

impl Names {
    /// The number of a name.
    pub(crate) fn number(&mut self, name: Option<&str>) -> Name {
        let Some(name) = name else { return Name::MISSING };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (Ok(next), true) = (
            u32::try_from(self.texts.len()),
            self.bytes + name.len() <= NAME_BYTES_MAX,
        ) else {
            return Name::OTHERS;
        };
        if self.texts.len() >= KEYS_MAX {
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

    #[test]
    fn exact_up_to_the_limit_and_honest_beyond() {
        let mut tally: Tally<u32, u64> = Tally {
            keys_max: 3,
            ..Tally::default()
        };
        for key in [5, 1, 5, 2, 9, 1, 5, 7] {
            if let Some(count) = tally.entry(key) {
                *count += 1;
            }
        }
        assert_eq!((tally.len(), tally.left_out), (3, 2));
        assert_eq!(tally.top(2, |count| *count), [(5, &3), (1, &2)]);
    }

    #[test]
    fn ties_are_ordered_by_key() {
        let mut tally: Tally<u32, u64> = Tally::default();
        for key in [30, 10, 20] {
            tally.entry(key);
        }
        let keys: Vec<u32> = tally.top(9, |count| *count).iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [10, 20, 30]);
    }

    #[test]
    fn names_are_held_once() {
        let mut names = Names::default();
        let (a, b) = (names.number(Some("a")), names.number(Some("b")));
        assert_eq!((names.number(Some("a")), a != b), (a, true));
        assert_eq!((names.text(b), names.text(Name::MISSING)), (Some("b"), None));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        let others = names.number(Some(&long));
        assert_eq!(names.text(others), Some("(others)"));
    }
}
