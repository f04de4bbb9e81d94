//! The memory of one query, shared out so that whoever can do with less leaves room for the others.
//!
//! Operators that can spill get equal parts of two thirds, and more while not half of that is used: whoever has more than
//! its part then spills when it wants still more. The merging of their spilled runs takes
//! fewer runs at a time when memory is short, but not none, so it may go a sixth further. The last
//! sixth is kept for those that would fail: joins, and what merges the sorted parts of a plan. It
//! counts what operators say they use; it allocates nothing.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::common::{Result, resources_datafusion_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// A limit on the memory of one query.
#[derive(Debug)]
pub(crate) struct QueryMemory {
    limit: usize,
    used: Mutex<Used>,
}

/// How a consumer behaves when it is refused memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Writes what it has to disk.
    Spills,
    /// Merges fewer runs at a time.
    Merges,
    /// Fails.
    Fails,
}

impl Manner {
    fn of(consumer: &MemoryConsumer) -> Self {
        if consumer.can_spill() {
            Self::Spills
        } else if consumer.name().starts_with("ExternalSorterMerge") {
            // The library does not say so of this one except by its name; a test holds it to that.
            Self::Merges
        } else {
            Self::Fails
        }
    }
}

#[derive(Debug, Default)]
struct Used {
    spillers: usize,
    spilling: usize,
    merging: usize,
    failing: usize,
}

impl QueryMemory {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: Mutex::default(),
        }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn part(&mut self, manner: Manner) -> &mut usize {
        match manner {
            Manner::Spills => &mut self.spilling,
            Manner::Merges => &mut self.merging,
            Manner::Fails => &mut self.failing,
        }
    }

    fn total(&self) -> usize {
        self.spilling
            .saturating_add(self.merging)
            .saturating_add(self.failing)
    }

    /// How much more one reservation may take.
    fn room(&self, limit: usize, reserved: usize, manner: Manner) -> usize {
        // What is left of the limit's first `parts` sixths.
        let within = |parts: usize| limit.saturating_sub(self.failing.max(limit / 6 * (6 - parts)));
        match manner {
            Manner::Spills => {
                let all = within(4).saturating_sub(self.merging);
                // Most operators of a plan with dozens of them hold next to nothing: half is for whoever wants it.
                let idle = (all / 2).saturating_sub(self.spilling);
                let share = all / self.spillers.max(1);
                share.saturating_sub(reserved).max(idle)
            }
            Manner::Merges => within(5).saturating_sub(self.spilling.saturating_add(self.merging)),
            Manner::Fails => limit.saturating_sub(self.total()),
        }
    }
}

impl fmt::Display for QueryMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes for the query", self.limit)
    }
}

impl MemoryPool for QueryMemory {
    fn name(&self) -> &str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            let mut used = self.used();
            used.spillers = used.spillers.saturating_add(1);
        }
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            let mut used = self.used();
            used.spillers = used.spillers.saturating_sub(1);
        }
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut used = self.used();
        let part = used.part(Manner::of(reservation.consumer()));
        *part = part.saturating_add(additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut used = self.used();
        let part = used.part(Manner::of(reservation.consumer()));
        *part = part.saturating_sub(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let manner = Manner::of(reservation.consumer());
        let mut used = self.used();
        let room = used.room(self.limit, reservation.size(), manner);
        if additional > room {
            return Err(resources_datafusion_err!(
                "{additional} bytes more are wanted by {} beside its {}, and {room} are left",
                reservation.consumer().name(),
                reservation.size()
            ));
        }
        let part = used.part(manner);
        *part = part.saturating_add(additional);
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.used().total()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn those_that_can_do_with_less_share_alike_and_leave_room() {
        let pool: Arc<dyn MemoryPool> = Arc::new(QueryMemory::new(900));
        let first = MemoryConsumer::new("first").with_can_spill(true).register(&pool);
        first.try_grow(600).unwrap();
        assert!(first.try_grow(1).is_err());
        let second = MemoryConsumer::new("second").with_can_spill(true).register(&pool);
        assert!(second.try_grow(301).is_err());
        let runs = MemoryConsumer::new("ExternalSorterMerge[0]").register(&pool);
        runs.try_grow(150).unwrap();
        assert!(runs.try_grow(1).is_err());
        let join = MemoryConsumer::new("join").register(&pool);
        join.try_grow(150).unwrap();
        assert!(join.try_grow(1).is_err());
        first.free();
        second.try_grow(225).unwrap();
        assert!(second.try_grow(1).is_err());
        join.try_grow(525 - 150).unwrap();
        assert_eq!(pool.reserved(), 900);
        drop((first, second, runs, join));
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn one_of_many_may_have_more_than_its_part_while_there_is_enough() {
        let pool: Arc<dyn MemoryPool> = Arc::new(QueryMemory::new(900));
        let many: Vec<MemoryReservation> = (0..30)
            .map(|_| MemoryConsumer::new("idle").with_can_spill(true).register(&pool))
            .collect();
        many[0].try_grow(300).unwrap();
        assert!(many[0].try_grow(1).is_err(), "it has more than its part");
        // The others still have theirs.
        for other in &many[1..] {
            other.try_grow(20).unwrap();
        }
        assert!(many[1].try_grow(1).is_err());
        assert!(pool.reserved() <= 900);
    }
}
