//! Writes a world hour by hour.
//!
//! One hour of all NICs is in memory at a time, because a flow between two NICs is generated once and seen by both. Lines
//! of later hours are carried over. To begin anywhere, the hours of the longest flow are generated first and their output
//! thrown away, so that any hour comes out the same whether or not those before it were asked for; at the beginning of the
//! world this gives the continued flows whose beginning no log shows.

use crate::blob::{Blob, BlobKey, cut_off_ms, write_blob};
use crate::calendar::HOUR_MS;
use crate::flow::LONGEST_FLOW_MS;
use crate::inbox::Inbox;
use crate::incident::flows;
use crate::traffic::{self, Hour, Roster};
use crate::truth::Truth;
use crate::world::World;

/// Hours to generate before the first one that is written.
const LOOK_BACK_HOURS: i64 = LONGEST_FLOW_MS / HOUR_MS + 1;

/// The hours of a world, each with its blobs in the order of the NICs. Counts as it goes.
pub struct Hours<'w> {
    world: &'w World,
    roster: Roster<'w>,
    inbox: Inbox<'w>,
    truth: Truth,
    next: u32,
}

impl<'w> Hours<'w> {
    fn from(world: &'w World, first: u32) -> Self {
        let roster = Roster::new(world);
        let mut hours = Self {
            world,
            roster,
            inbox: Inbox::new(world),
            truth: Truth::of(world),
            next: first,
        };
        for hour in i64::from(first) - LOOK_BACK_HOURS..i64::from(first) {
            hours.generate(hour);
            for nic in &world.nics {
                hours
                    .inbox
                    .take_before(nic.index, cut_off_ms(hours.start_ms(hour), nic));
            }
        }
        hours
    }

    /// What has been written so far.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// What has been written.
    #[must_use]
    pub fn into_truth(self) -> Truth {
        self.truth
    }

    fn start_ms(&self, hour: i64) -> i64 {
        self.world.start_ms() + hour * HOUR_MS
    }

    fn generate(&mut self, hour: i64) {
        let start_ms = self.start_ms(hour);
        traffic::fill(
            &Hour {
                world: self.world,
                roster: &self.roster,
                start_ms,
            },
            &mut self.inbox,
        );
        for plan in &self.world.incidents {
            let in_hour = start_ms..start_ms + HOUR_MS;
            for flow in flows(self.world, plan)
                .iter()
                .filter(|flow| in_hour.contains(&flow.start_ms))
            {
                self.inbox.add(flow);
            }
        }
    }
}

impl Hours<'_> {
    /// Writes the next hour blob by blob, so that only its lines are in memory; false when there is none left.
    pub fn write_next(&mut self, sink: &mut dyn FnMut(Blob)) -> bool {
        if self.next >= self.world.spec.hours {
            return false;
        }
        let hour = self.next;
        self.next += 1;
        self.generate(i64::from(hour));
        for nic in &self.world.nics {
            let cut_off = cut_off_ms(self.start_ms(i64::from(hour)), nic);
            let lines = self.inbox.take_before(nic.index, cut_off);
            let key = BlobKey { hour, nic: nic.index };
            if let Some(blob) = write_blob(self.world, key, &lines, &mut self.truth) {
                sink(blob);
            }
        }
        true
    }
}

impl Iterator for Hours<'_> {
    type Item = Vec<Blob>;

    fn next(&mut self) -> Option<Vec<Blob>> {
        let mut blobs = Vec::new();
        self.write_next(&mut |blob| blobs.push(blob)).then_some(blobs)
    }
}

impl World {
    /// All hours, in order.
    #[must_use]
    pub fn hours(&self) -> Hours<'_> {
        Hours::from(self, 0)
    }

    /// The hours from `first` on; each as it would come out of [`World::hours`].
    #[must_use]
    pub fn hours_from(&self, first: u32) -> Hours<'_> {
        Hours::from(self, first)
    }

    /// Every NIC-hour, hours first. A quiet one may have no blob.
    #[must_use]
    pub fn blob_keys(&self) -> Vec<BlobKey> {
        let nics = 0..self.nics.len();
        (0..self.spec.hours)
            .flat_map(|hour| nics.clone().map(move |nic| BlobKey { hour, nic }))
            .collect()
    }

    /// One blob alone, and its counts added to `truth`. Depends on the key only, but costs seven hours of generation:
    /// use [`World::hours`] for many.
    pub fn blob(&self, key: &BlobKey, truth: &mut Truth) -> Option<Blob> {
        if key.hour >= self.spec.hours {
            return None;
        }
        let mut hours = self.hours_from(key.hour);
        hours.generate(i64::from(key.hour));
        let nic = self.nics.get(key.nic)?;
        let lines = hours
            .inbox
            .take_before(key.nic, cut_off_ms(hours.start_ms(i64::from(key.hour)), nic));
        write_blob(self, *key, &lines, truth)
    }

    /// Writes everything, in order, and says what was written.
    pub fn write(&self, sink: &mut dyn FnMut(Blob)) -> Truth {
        let mut hours = self.hours();
        while hours.write_next(sink) {}
        hours.into_truth()
    }
}
