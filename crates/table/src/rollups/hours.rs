//! Hours as intervals of epoch microseconds.

use serde::{Deserialize, Serialize};

use crate::snapshot::{DataFile, StatValue};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Microseconds of a day.
const DAY: i64 = 24 * HOUR;
/// So far beyond an hour its rows look: whether an end logs is told by the minute on the other side too, and a denial counts
/// as repeated for thirty seconds after the one before.
const BEYOND: i64 = 60_000_000;

/// Whole hours that follow one another: from, and before, in epoch microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// Begin of the first hour.
    pub from: i64,
    /// End of the last one.
    pub before: i64,
}

impl Hours {
    /// The hours that hold these instants, both of them in it.
    #[must_use]
    pub const fn around(first: i64, last: i64) -> Self {
        Self {
            from: first.div_euclid(HOUR).saturating_mul(HOUR),
            before: last.div_euclid(HOUR).saturating_add(1).saturating_mul(HOUR),
        }
    }

    /// The hours that may come to something else when rows of these instants come or go.
    #[must_use]
    pub const fn changed_by(first: i64, last: i64) -> Self {
        Self::around(first.saturating_sub(BEYOND), last.saturating_add(BEYOND))
    }

    /// True if both have an hour in common.
    #[must_use]
    pub const fn touches(&self, other: &Self) -> bool {
        self.from < other.before && other.from < self.before
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.before.saturating_sub(self.from) / HOUR
    }

    /// The day of the first hour, in days since 1970.
    #[must_use]
    pub const fn day(&self) -> i64 {
        self.from.div_euclid(DAY)
    }

    /// The instant so many hours before the first.
    #[must_use]
    pub const fn back(&self, hours: i64) -> i64 {
        self.from.saturating_sub(hours.saturating_mul(HOUR))
    }

    /// Those before an instant, and those from it on; either may be none.
    #[must_use]
    pub fn split(self, at: i64) -> (Self, Self) {
        let at = at.clamp(self.from, self.before);
        let part = |from, before| Self { from, before };
        (part(self.from, at), part(at, self.before))
    }

    /// Two halves; none of a single hour.
    #[must_use]
    pub fn halves(self) -> Option<(Self, Self)> {
        let middle = self.from + self.count() / 2 * HOUR;
        (middle > self.from).then(|| self.split(middle))
    }

    /// The same in pieces, none of which reaches into another day.
    fn by_day(self) -> impl Iterator<Item = Self> {
        let mut from = self.from;
        std::iter::from_fn(move || {
            let next = from.div_euclid(DAY).saturating_add(1).saturating_mul(DAY);
            let piece = Self {
                from,
                before: next.min(self.before),
            };
            from = piece.before;
            (piece.from < piece.before).then_some(piece)
        })
    }

    /// The same in pieces of so many hours at the most, none of which reaches into another day.
    pub fn pieces(self, hours_max: i64) -> impl Iterator<Item = Self> {
        let step = hours_max.max(1).saturating_mul(HOUR);
        self.by_day().flat_map(move |day| {
            let mut from = day.from;
            std::iter::from_fn(move || {
                let piece = Self {
                    from,
                    before: from.saturating_add(step).min(day.before),
                };
                from = piece.before;
                (piece.from < piece.before).then_some(piece)
            })
        })
    }
}

/// Hours without an order: intervals that neither touch nor follow one another, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursSet(Vec<Hours>);

impl FromIterator<Hours> for HoursSet {
    fn from_iter<I: IntoIterator<Item = Hours>>(hours: I) -> Self {
        let mut all: Vec<Hours> = hours.into_iter().filter(|one| one.from < one.before).collect();
        all.sort_unstable();
        let mut joined: Vec<Hours> = Vec::with_capacity(all.len());
        for one in all {
            match joined.last_mut() {
                Some(last) if one.from <= last.before => last.before = last.before.max(one.before),
                _ => joined.push(one),
            }
        }
        Self(joined)
    }
}

impl HoursSet {
    /// The hours that files may have rows of.
    pub(crate) fn of_files(files: &[DataFile]) -> Self {
        let bounds = files.iter().map(bounds);
        bounds.map(|(first, last)| Hours::around(first, last)).collect()
    }

    /// The intervals, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = Hours> + '_ {
        self.0.iter().copied()
    }

    /// Of its intervals those that touch some hours; all of them if none are given.
    #[must_use]
    pub fn touching(&self, hours: Option<Hours>) -> Self {
        let touches = |one: &&Hours| hours.is_none_or(|hours| hours.touches(one));
        Self(self.0.iter().filter(touches).copied().collect())
    }

    /// True if there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many hours.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.iter().map(Hours::count).sum()
    }

    /// Those that are not in another set.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let mut others = others.0.iter().peekable();
        for one in &self.0 {
            let mut from = one.from;
            while let Some(other) = others.peek() {
                if other.from >= one.before {
                    break;
                }
                left.push(Hours {
                    from,
                    before: other.from,
                });
                from = from.max(other.before);
                if other.before > one.before {
                    break;
                }
                others.next();
            }
            left.push(Hours {
                from,
                before: one.before,
            });
        }
        left.into_iter().collect()
    }

    /// The same and more, in so many intervals at the most: the shortest gaps are filled.
    #[must_use]
    pub fn in_few(&self, intervals_max: usize) -> Self {
        let mut few = self.0.clone();
        while few.len() > intervals_max.max(1) {
            let gap = |pair: &[Hours]| match pair {
                [left, right] => right.from.saturating_sub(left.before),
                _ => i64::MAX,
            };
            let shortest = (few.windows(2).enumerate())
                .min_by_key(|(_, pair)| gap(pair))
                .map_or(0, |(at, _)| at);
            let next = few.remove(shortest + 1);
            if let Some(held) = few.get_mut(shortest) {
                held.before = next.before;
            }
        }
        Self(few)
    }
}

/// The first and the last instant that a file may have rows of.
pub(crate) fn bounds(file: &DataFile) -> (i64, i64) {
    let time = file.columns.get("TimeGenerated");
    let instant = |value: Option<&StatValue>| match value {
        Some(StatValue::Instant(micros)) => Some(*micros),
        _ => None,
    };
    let day = i64::from(file.day).saturating_mul(DAY);
    let first = time.and_then(|stats| instant(stats.min.as_ref()));
    let last = time.and_then(|stats| instant(stats.max.as_ref()));
    (first.unwrap_or(day), last.unwrap_or(day.saturating_add(DAY - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(pairs: &[(i64, i64)]) -> HoursSet {
        let one = |(from, before): &(i64, i64)| Hours {
            from: from * HOUR,
            before: before * HOUR,
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn sets_are_joined_and_taken_from_one_another() {
        assert_eq!(hours(&[(3, 5), (1, 2), (2, 3), (7, 7)]), hours(&[(1, 5)]));
        let cases = [
            (&[(0, 10)][..], &[(3, 5)][..], &[(0, 3), (5, 10)][..]),
            (&[(0, 10)], &[], &[(0, 10)]),
            (&[(0, 10)], &[(0, 10)], &[]),
            (&[(0, 4), (6, 9)], &[(2, 7)], &[(0, 2), (7, 9)]),
            (
                &[(0, 4), (6, 9), (20, 21)],
                &[(-5, 1), (3, 20)],
                &[(1, 3), (20, 21)],
            ),
            (&[(2, 3)], &[(0, 1), (5, 6)], &[(2, 3)]),
        ];
        for (held, taken, left) in cases {
            assert_eq!(
                hours(held).without(&hours(taken)),
                hours(left),
                "{held:?} {taken:?}"
            );
        }
    }

    /// Against a set of single hours.
    #[test]
    fn taking_away_is_what_it_is_of_single_hours() {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from((state >> 33) % below).unwrap()
        };
        for _ in 0..2000 {
            let mut set = || -> Vec<(i64, i64)> {
                let many = next(5);
                (0..many)
                    .map(|_| {
                        let from = next(24);
                        (from, from + next(6))
                    })
                    .collect()
            };
            let (left, right) = (set(), set());
            let single = |set: &[(i64, i64)], hour: i64| set.iter().any(|(a, b)| (*a..*b).contains(&hour));
            let expected: Vec<(i64, i64)> = (0..40)
                .filter(|hour| single(&left, *hour) && !single(&right, *hour))
                .map(|hour| (hour, hour + 1))
                .collect();
            assert_eq!(
                hours(&left).without(&hours(&right)),
                hours(&expected),
                "{left:?} {right:?}"
            );
        }
    }

    #[test]
    fn few_intervals_hold_all_that_many_do() {
        let many = hours(&[(0, 1), (2, 3), (10, 11), (14, 15), (30, 31)]);
        assert_eq!(many.in_few(3), hours(&[(0, 3), (10, 15), (30, 31)]));
        assert_eq!(many.in_few(1), hours(&[(0, 31)]));
        assert_eq!(many.in_few(9), many);
        assert_eq!(hours(&[]).in_few(1), hours(&[]));
    }

    #[test]
    fn pieces_stay_within_their_day() {
        let pieces = |from, before, most| -> Vec<(i64, i64)> {
            let all = Hours {
                from: from * HOUR,
                before: before * HOUR,
            };
            all.pieces(most)
                .map(|one| (one.from / HOUR, one.before / HOUR))
                .collect()
        };
        assert_eq!(pieces(20, 50, 24), [(20, 24), (24, 48), (48, 50)]);
        assert_eq!(pieces(0, 24, 10), [(0, 10), (10, 20), (20, 24)]);
        assert_eq!(pieces(-2, 1, 24), [(-2, 0), (0, 1)]);
        let all = Hours {
            from: 0,
            before: 5 * HOUR,
        };
        let (first, second) = all.halves().unwrap();
        assert_eq!((first.count(), second.count()), (2, 3));
        assert_eq!(
            (first.from, first.before, second.before),
            (0, second.from, 5 * HOUR)
        );
        let one = Hours {
            from: 0,
            before: HOUR,
        };
        assert_eq!(one.halves(), None);
    }

    #[test]
    fn what_comes_near_the_end_of_an_hour_changes_the_other_one_too() {
        let (end, middle) = (HOUR - 1_000_000, HOUR / 2);
        assert_eq!(Hours::changed_by(middle, middle).count(), 1);
        assert_eq!(Hours::changed_by(0, middle).count(), 2);
        assert_eq!(Hours::changed_by(0, end).count(), 3);
        assert_eq!(
            Hours::around(-1, 0),
            Hours {
                from: -HOUR,
                before: HOUR
            }
        );
    }
}
