//! Facts over time: last month's flow gets last month's names.

use ahash::{AHashMap, AHashSet};
use model::facts::{AddressDatabase, ArmId, EffectiveRoutes, EffectiveRules, FactSet, Resource};

use crate::index::Index;
use crate::threats::Threats;

/// What was known at a time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was so, in microseconds since 1970.
    pub taken: i64,
    /// What was known.
    pub facts: FactSet,
}

/// What was known at a time.
#[derive(Debug, Default)]
pub struct Part {
    /// Since when, in microseconds since 1970.
    pub taken: i64,
    /// Everything that was known then, of this snapshot and those before.
    pub facts: FactSet,
    /// The same, so that an address is found.
    pub index: Index,
    /// Addresses that were known for harm.
    pub threats: Threats,
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
        let threats = Threats::of_lists(&facts.threats);
        let part = Part {
            taken,
            facts,
            index,
            threats,
        };
        Some((part, time < first))
    }
}

/// A resource as it was for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Since when it is known to have been so, in microseconds since 1970.
    pub from: i64,
    /// Until when; none while it is so.
    pub to: Option<i64>,
    /// The resource.
    pub resource: Resource,
}

impl Timeline {
    /// Every resource with the times at which it was as it was, in the order of their ids and times. One that was made
    /// anew under its name, or changed in any way, is there once for each time.
    #[must_use]
    pub fn resources(&self) -> Vec<Held> {
        let mut all = Vec::new();
        let mut now = FactSet::default();
        let mut open: AHashMap<ArmId, Held> = AHashMap::new();
        for snapshot in &self.0 {
            after(&mut now, &snapshot.facts);
            let mut still = AHashMap::with_capacity(now.resources.len());
            for resource in &now.resources {
                let held = match open.remove(&resource.id) {
                    Some(held) if held.resource == *resource => held,
                    before => {
                        all.extend(before.map(|held| held.until(snapshot.taken)));
                        Held {
                            from: snapshot.taken,
                            to: None,
                            resource: resource.clone(),
                        }
                    }
                };
                still.insert(resource.id.clone(), held);
            }
            all.extend(open.into_values().map(|held| held.until(snapshot.taken)));
            open = still;
        }
        all.extend(open.into_values());
        all.sort_by(|left, right| {
            let key = |held: &Held| (held.resource.id.key(), held.from);
            key(left).cmp(&key(right))
        });
        all
    }
}

impl Held {
    fn until(self, to: i64) -> Self {
        Self { to: Some(to), ..self }
    }
}

/// What is known after a snapshot.
fn after(now: &mut FactSet, snapshot: &FactSet) {
    let spoken = Spoken::of(snapshot);
    let said: AHashSet<&ArmId> = snapshot.resources.iter().map(|resource| &resource.id).collect();
    now.resources
        .retain(|resource| !said.contains(&resource.id) && !spoken.covers(resource));
    now.resources.extend(snapshot.resources.iter().cloned());
    let interface = |held: &EffectiveRules| held.interface.clone();
    replace(&mut now.effective, &snapshot.effective, interface);
    let interface = |held: &EffectiveRoutes| held.interface.clone();
    replace(&mut now.effective_routes, &snapshot.effective_routes, interface);
    for list in &snapshot.threats {
        now.threats.retain(|held| held.name != list.name);
        now.threats.push(list.clone());
    }
    // What was loaded last is believed first.
    let mut databases = snapshot.databases.clone();
    let is_new = |held: &AddressDatabase| snapshot.databases.iter().all(|new| new.kind != held.kind);
    databases.extend(now.databases.drain(..).filter(is_new));
    now.databases = databases;
    if snapshot.tags.is_some() {
        now.tags.clone_from(&snapshot.tags);
    }
}

/// What holds at interfaces is said anew for each of them. Of what no interface is said, a snapshot says all anew.
fn replace<T: Clone>(now: &mut Vec<T>, said: &[T], interface: impl Fn(&T) -> Option<ArmId>) {
    let named: AHashSet<Option<ArmId>> = said.iter().map(&interface).collect();
    now.retain(|held| !named.contains(&interface(held)));
    now.extend(said.iter().cloned());
}

/// What a snapshot is complete for, so that what does not stand in it is gone: what it says was listed whole, or else each type
/// and subscription that it has a resource of. Where a list broke off or was refused nothing is gone.
enum Spoken {
    /// By type and subscription; within one resource group, or all of them.
    Lists(AHashMap<(String, String), AHashSet<Option<String>>>),
    Resources(AHashSet<(String, String)>),
}

impl Spoken {
    fn of(snapshot: &FactSet) -> Self {
        let Some(lists) = &snapshot.whole else {
            return Self::Resources(snapshot.resources.iter().map(scope).collect());
        };
        let mut by_type: AHashMap<_, AHashSet<_>> = AHashMap::new();
        for list in lists {
            let key = (
                list.kind.to_ascii_lowercase(),
                list.subscription.to_ascii_lowercase(),
            );
            let group = list.group.as_ref().map(|group| group.to_ascii_lowercase());
            by_type.entry(key).or_default().insert(group);
        }
        Self::Lists(by_type)
    }

    fn covers(&self, resource: &Resource) -> bool {
        match self {
            Self::Resources(spoken) => spoken.contains(&scope(resource)),
            Self::Lists(lists) => lists.get(&scope(resource)).is_some_and(|groups| {
                let group = resource.id.resource_group().map(str::to_ascii_lowercase);
                groups.contains(&None) || (group.is_some() && groups.contains(&group))
            }),
        }
    }
}

/// A type within a subscription.
fn scope(resource: &Resource) -> (String, String) {
    let kind = resource.id.kind().unwrap_or_default().to_ascii_lowercase();
    let subscription = resource
        .id
        .subscription()
        .unwrap_or_default()
        .to_ascii_lowercase();
    (kind, subscription)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::facts::{Asset, Whole};

    use super::*;

    const KIND: &str = "Microsoft.Network/applicationSecurityGroups";

    /// Facts with routes of these interfaces, told apart by where they come from.
    fn facts(routes: &[(Option<&str>, &str)]) -> FactSet {
        let routes = routes.iter().map(|(interface, source)| EffectiveRoutes {
            interface: interface.and_then(ArmId::parse),
            routes: vec![model::facts::EffectiveRoute {
                source: Some((*source).to_owned()),
                ..Default::default()
            }],
        });
        FactSet {
            effective_routes: routes.collect(),
            ..FactSet::default()
        }
    }

    fn set(names: &[(&str, &str)], whole: Option<&[(&str, Option<&str>)]>) -> FactSet {
        let resources = names.iter().map(|(group, name)| Resource {
            id: ArmId::parse(&format!(
                "/subscriptions/S/resourceGroups/{group}/providers/{KIND}/{name}"
            ))
            .unwrap(),
            location: None,
            guid: None,
            tags: BTreeMap::new(),
            asset: Asset::ApplicationGroup,
        });
        let lists = |lists: &[(&str, Option<&str>)]| {
            let lists = lists.iter().map(|(kind, group)| Whole {
                kind: (*kind).to_owned(),
                subscription: "s".to_owned(),
                group: group.map(str::to_owned),
            });
            lists.collect()
        };
        FactSet {
            resources: resources.collect(),
            whole: whole.map(lists),
            ..FactSet::default()
        }
    }

    #[test]
    fn routes_are_said_anew_for_each_interface() {
        let (a, b) = (Some("/subscriptions/s/a"), Some("/subscriptions/s/b"));
        let taken = |taken, facts| Snapshot { taken, facts };
        let timeline = Timeline::of(vec![
            taken(1, facts(&[(a, "1"), (b, "2"), (None, "3"), (None, "4")])),
            taken(2, facts(&[(a, "5"), (None, "6")])),
        ]);
        let (part, _) = timeline.at(2).unwrap();
        assert_eq!(part.facts, facts(&[(b, "2"), (a, "5"), (None, "6")]));
        let (part, _) = timeline.at(1).unwrap();
        assert_eq!(part.facts.effective_routes.len(), 4);
    }

    #[track_caller]
    fn check(names: &[(&str, &str)], whole: Option<&[(&str, Option<&str>)]>, expected: &[&str]) {
        let mut now = set(&[("hub", "a"), ("hub", "b"), ("shop", "c")], None);
        after(&mut now, &set(names, whole));
        let mut left: Vec<&str> = now.resources.iter().map(|held| held.id.name()).collect();
        left.sort_unstable();
        assert_eq!(left, expected);
    }

    #[test]
    fn what_is_missing_is_gone_only_where_all_was_listed() {
        // Without a word about it, a resource speaks for its type and subscription.
        check(&[("hub", "a")], None, &["a"]);
        check(&[], None, &["a", "b", "c"]);
        // A list that broke off speaks for nothing but what it has.
        check(&[("hub", "d")], Some(&[]), &["a", "b", "c", "d"]);
        // One that was read to its end and has nothing says that there is nothing.
        let upper = KIND.to_ascii_uppercase();
        check(&[], Some(&[(&upper, None)]), &[]);
        check(&[("hub", "a")], Some(&[(KIND, None)]), &["a"]);
        check(
            &[],
            Some(&[("Microsoft.Network/routeTables", None)]),
            &["a", "b", "c"],
        );
        // Of one group, or of two.
        check(&[("hub", "b")], Some(&[(KIND, Some("HUB"))]), &["b", "c"]);
        check(&[], Some(&[(KIND, Some("hub")), (KIND, Some("shop"))]), &[]);
    }

    #[test]
    fn what_was_listed_whole_is_kept_with_the_facts() {
        let facts = set(&[], Some(&[(KIND, Some("hub"))]));
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<FactSet>(&text).unwrap(), facts);
        // Snapshots of before do not say it.
        let before = r#"{"resources":[],"effective":[],"tags":null}"#;
        assert_eq!(
            serde_json::from_str::<FactSet>(before).unwrap(),
            FactSet::default()
        );
    }
}
