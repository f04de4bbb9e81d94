//! Facts over time: last month's flow gets last month's names.

use std::sync::Arc;

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

/// Facts as they were, from snapshot to snapshot.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// From when on each holds, and what it was.
    held: Vec<(i64, Arc<Index>)>,
}

impl Timeline {
    /// Of snapshots. Each says anew what there is of the types and subscriptions that it speaks of; what it does not speak of
    /// stays as it was.
    #[must_use]
    pub fn of(mut snapshots: Vec<Snapshot>) -> Self {
        snapshots.sort_by_key(|snapshot| snapshot.taken);
        let mut now = FactSet::default();
        let mut held: Vec<(i64, Arc<Index>)> = Vec::new();
        for snapshot in snapshots {
            after(&mut now, &snapshot.facts);
            let index = Arc::new(Index::of(&now));
            match held.last_mut() {
                Some((taken, last)) if *taken == snapshot.taken => *last = index,
                _ => held.push((snapshot.taken, index)),
            }
        }
        Self { held }
    }

    /// What was known at a time, and whether that was known only later: before the first snapshot the first one holds.
    #[must_use]
    pub fn at(&self, time: i64) -> Option<(&Arc<Index>, bool)> {
        let behind = self.held.partition_point(|(taken, _)| *taken <= time);
        match behind.checked_sub(1) {
            Some(at) => self.held.get(at).map(|(_, index)| (index, false)),
            None => self.held.first().map(|(_, index)| (index, true)),
        }
    }

    /// From when on what is held, each until the next.
    pub fn parts(&self) -> impl Iterator<Item = (i64, &Arc<Index>)> {
        self.held.iter().map(|(taken, index)| (*taken, index))
    }

    /// True without any snapshot.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
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
