//! Facts over time: last month's flow gets last month's names.

use ahash::AHashSet;
use model::facts::{ArmId, FactSet, Resource};

use crate::index::Index;

/// What was known at a time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was so, in microseconds since 1970.
    pub taken: i64,
    /// What was known.
    pub facts: FactSet,
}

/// What was known at a time.
#[derive(Debug)]
pub struct Part {
    /// Since when, in microseconds since 1970.
    pub taken: i64,
    /// Everything that was known then, of this snapshot and those before.
    pub facts: FactSet,
    /// The same, so that an address is found.
    pub index: Index,
}

/// Facts as they were, from snapshot to snapshot, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Vec<Snapshot>);

impl Timeline {
    /// Of snapshots. Each says anew what there is of the types and subscriptions that it speaks of; what it does not speak of
    /// stays as it was.
    #[must_use]
    pub fn of(mut snapshots: Vec<Snapshot>) -> Self {
        snapshots.sort_by_key(|snapshot| snapshot.taken);
        Self(snapshots)
    }

    /// The times at which something else became known, the oldest first.
    pub fn times(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|snapshot| snapshot.taken)
    }

    /// What was known at a time, and whether that was known only later: before the first snapshot the first one holds.
    #[must_use]
    pub fn at(&self, time: i64) -> Option<(Part, bool)> {
        let first = self.0.first()?.taken;
        let known = self
            .0
            .iter()
            .take_while(|snapshot| snapshot.taken <= time.max(first));
        let mut facts = FactSet::default();
        let mut taken = first;
        for snapshot in known {
            after(&mut facts, &snapshot.facts);
            taken = snapshot.taken;
        }
        let index = Index::of(&facts);
        Some((Part { taken, facts, index }, time < first))
    }
}

/// What is known after a snapshot.
fn after(now: &mut FactSet, snapshot: &FactSet) {
    let spoken: AHashSet<(String, String)> = snapshot.resources.iter().map(scope).collect();
    let said: AHashSet<&ArmId> = snapshot.resources.iter().map(|resource| &resource.id).collect();
    now.resources
        .retain(|resource| !said.contains(&resource.id) && !spoken.contains(&scope(resource)));
    now.resources.extend(snapshot.resources.iter().cloned());
    for effective in &snapshot.effective {
        now.effective.retain(|held| held.interface != effective.interface);
        now.effective.push(effective.clone());
    }
    if snapshot.tags.is_some() {
        now.tags.clone_from(&snapshot.tags);
    }
}

/// What a list of resources is complete for: a type within a subscription.
fn scope(resource: &Resource) -> (String, String) {
    let kind = resource.id.kind().unwrap_or_default().to_ascii_lowercase();
    let subscription = resource
        .id
        .subscription()
        .unwrap_or_default()
        .to_ascii_lowercase();
    (kind, subscription)
}
