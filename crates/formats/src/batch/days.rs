//! The days that a source's tuples lie on.

use std::collections::BTreeSet;

const DAY_MICROS: i64 = 86_400_000_000;

/// Days seen so far, up to a number: each day of a table is a partition.
pub(crate) struct Days {
    seen: BTreeSet<i64>,
    limit: usize,
    /// The day of the tuple before, in epoch microseconds: neighbours are usually of one day.
    start: i64,
    end: i64,
}

impl Days {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            seen: BTreeSet::new(),
            limit,
            start: 0,
            end: 0,
        }
    }

    /// False if the time lies on a new day and there are as many as there may be.
    #[inline]
    pub(crate) fn admit(&mut self, time: i64) -> bool {
        (self.start <= time && time < self.end) || self.admit_day(time)
    }

    #[cold]
    fn admit_day(&mut self, time: i64) -> bool {
        let day = time.div_euclid(DAY_MICROS);
        if self.seen.len() >= self.limit && !self.seen.contains(&day) {
            return false;
        }
        self.seen.insert(day);
        self.start = day * DAY_MICROS;
        self.end = self.start + DAY_MICROS;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_days_than_the_limit_and_those_again_and_again() {
        let mut days = Days::new(2);
        let admitted: Vec<bool> = [0, 1, DAY_MICROS, 2 * DAY_MICROS, 0, -1, 2 * DAY_MICROS - 1]
            .map(|time| days.admit(time))
            .into();
        assert_eq!(admitted, [true, true, true, false, true, false, true]);
    }
}
