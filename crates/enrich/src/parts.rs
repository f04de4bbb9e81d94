//! Parts of resources over time: a rule by itself joins what is known of its group at that time. Of a resource of which nothing but parts
//! was said until then, what is said first of all of it holds before that time, as it does of others.

use ahash::{AHashMap, AHashSet};
use model::facts::{ArmId, FactSet, Partial, Resource};

use crate::spoken::{Matter, Spoken};

/// Takes the resources of a snapshot: what it says all of takes the place of what was known, and parts join it.
pub(crate) fn take(now: &mut FactSet, snapshot: &FactSet, spoken: &Spoken) {
    let parts: AHashMap<&ArmId, &Partial> = snapshot.partial.iter().map(|part| (&part.id, part)).collect();
    let said: AHashSet<&ArmId> = snapshot.resources.iter().map(|resource| &resource.id).collect();
    let mut known: AHashMap<ArmId, Resource> = AHashMap::new();
    now.resources.retain(|resource| {
        if parts.contains_key(&resource.id) {
            known.insert(resource.id.clone(), resource.clone());
        }
        !said.contains(&resource.id) && !spoken.whole.has(&Matter::of_resource(&resource.id))
    });
    let before = std::mem::take(&mut now.partial);
    let is_left =
        |part: &&Partial| !said.contains(&part.id) && !spoken.whole.has(&Matter::of_resource(&part.id));
    now.partial = before.iter().filter(is_left).cloned().collect();
    for resource in &snapshot.resources {
        let Some(how) = parts.get(&resource.id) else {
            now.resources.push(resource.clone());
            continue;
        };
        let earlier = before.iter().find(|part| part.id == resource.id);
        match known.remove(&resource.id) {
            Some(mut held) => {
                how.join(&mut held.asset, &resource.asset);
                now.resources.push(held);
                now.partial.extend(earlier.cloned().map(|mut earlier| {
                    earlier.take(how);
                    earlier
                }));
            }
            None => {
                now.resources.push(resource.clone());
                now.partial.push((*how).clone());
            }
        }
    }
}

/// Adds resources that nobody had spoken of, and those of which nothing but parts is known so far: these join what is said now.
pub(crate) fn put_behind(now: &mut FactSet, early: &FactSet) {
    let awaited: AHashSet<ArmId> = now.partial.iter().map(|part| part.id.clone()).collect();
    for resource in &early.resources {
        let is_awaited = awaited.contains(&resource.id);
        let how = now
            .partial
            .iter()
            .position(|part| is_awaited && part.id == resource.id);
        let held = now
            .resources
            .iter_mut()
            .find(|held| is_awaited && held.id == resource.id);
        match (how, held) {
            (Some(at), Some(held)) => *held = completed(&now.partial.remove(at), held, resource),
            _ => now.resources.push(resource.clone()),
        }
    }
    now.partial.extend(early.partial.iter().cloned());
}

/// All of a resource, with the parts that were said of it before.
fn completed(how: &Partial, parts: &Resource, whole: &Resource) -> Resource {
    let mut all = whole.clone();
    how.join(&mut all.asset, &parts.asset);
    all
}

/// What is known after a snapshot, of resources, where some of it was said only later.
pub(crate) fn resources_after(now: &FactSet, later: &[FactSet]) -> Vec<Resource> {
    if now.partial.is_empty() {
        return now.resources.clone();
    }
    let mut view = FactSet {
        resources: now.resources.clone(),
        partial: now.partial.clone(),
        ..FactSet::default()
    };
    for early in later {
        let is_awaited = |resource: &&Resource| view.partial(&resource.id).is_some();
        let awaited = early.resources.iter().filter(is_awaited);
        let awaited = FactSet {
            resources: awaited.cloned().collect(),
            ..FactSet::default()
        };
        put_behind(&mut view, &awaited);
    }
    view.opened().resources
}

/// What was named so far.
#[derive(Default)]
pub(crate) struct Named<'f> {
    whole: AHashSet<&'f ArmId>,
    in_part: AHashSet<&'f ArmId>,
}

impl<'f> Named<'f> {
    /// True if nobody had said so much of it before.
    pub(crate) fn is_new(&self, facts: &FactSet, id: &ArmId) -> bool {
        let is_known_part = || self.in_part.contains(id) && facts.partial(id).is_some();
        !self.whole.contains(id) && !is_known_part()
    }

    pub(crate) fn take(&mut self, facts: &'f FactSet) {
        let parts: AHashSet<&ArmId> = facts.partial.iter().map(|part| &part.id).collect();
        for resource in &facts.resources {
            match parts.get(&resource.id) {
                Some(_) => self.in_part.insert(&resource.id),
                None => self.whole.insert(&resource.id),
            };
        }
    }
}
