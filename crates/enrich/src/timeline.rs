//! Facts over time: last month's flow gets last month's names.

use ahash::{AHashMap, AHashSet};
use model::facts::{AddressDatabase, ArmId, EffectiveRoutes, EffectiveRules, FactSet, Resource};

use crate::index::Index;
use crate::parts::{self, Named};
use crate::spoken::{Covered, Matter, Spoken};
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
    /// The time of the last snapshot of which something holds already, for nobody had spoken of it before.
    pub later: Option<i64>,
    /// Everything that was known then, of this snapshot and those before.
    pub facts: FactSet,
    /// The same, so that an address is found.
    pub index: Index,
    /// Addresses that were known for harm.
    pub threats: Threats,
}

/// Facts as they were, from snapshot to snapshot, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    snapshots: Vec<Snapshot>,
    /// Of each what nobody had spoken of before: that holds before it, too.
    first: Vec<FactSet>,
}

impl Timeline {
    /// Of snapshots. Each says anew what there is of the types and subscriptions that it speaks of; what it does not speak of
    /// stays as it was. Before the first that speaks of a matter that one holds.
    #[must_use]
    pub fn of(mut snapshots: Vec<Snapshot>) -> Self {
        snapshots.sort_by_key(|snapshot| snapshot.taken);
        let first = first(&snapshots);
        Self { snapshots, first }
    }

    /// The times at which something else became known, the oldest first.
    pub fn times(&self) -> impl Iterator<Item = i64> {
        self.snapshots.iter().map(|snapshot| snapshot.taken)
    }

    /// What was known at a time, and whether that was known only later: before the first snapshot the first one holds.
    #[must_use]
    pub fn at(&self, time: i64) -> Option<(Part, bool)> {
        let first = self.snapshots.first()?.taken;
        let known = self.until(time.max(first));
        let mut facts = self.kept(time.max(first));
        let taken = known.last().map_or(first, |snapshot| snapshot.taken);
        let mut later = None;
        let rest = self.snapshots.iter().zip(&self.first).skip(known.len());
        for (snapshot, early) in rest.filter(|(_, early)| **early != FactSet::default()) {
            put_behind(&mut facts, early);
            later = Some(snapshot.taken);
        }
        let facts = facts.opened();
        let index = Index::of(&facts);
        let threats = Threats::of_lists(&facts.threats);
        let part = Part {
            taken,
            later,
            facts,
            index,
            threats,
        };
        Some((part, time < first))
    }

    /// What had been said until a time, and nothing of what was said later.
    #[must_use]
    pub fn said(&self, time: i64) -> FactSet {
        self.kept(time).opened()
    }

    /// The same; of resources of which only parts are known, just those.
    fn kept(&self, time: i64) -> FactSet {
        let mut facts = FactSet::default();
        for snapshot in self.until(time) {
            after(&mut facts, &snapshot.facts);
        }
        facts
    }

    fn until(&self, time: i64) -> &[Snapshot] {
        let behind = self.snapshots.partition_point(|snapshot| snapshot.taken <= time);
        self.snapshots.get(..behind).unwrap_or_default()
    }
}

/// A resource as it was for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Since when it is known to have been so, in microseconds since 1970; none for what was said first of its type.
    pub from: Option<i64>,
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
        for (at, (snapshot, early)) in self.snapshots.iter().zip(&self.first).enumerate() {
            after(&mut now, &snapshot.facts);
            let later = self.first.get(at + 1..).unwrap_or_default();
            let early: AHashSet<&ArmId> = early.resources.iter().map(|held| &held.id).collect();
            let mut still = AHashMap::with_capacity(now.resources.len());
            for resource in parts::resources_after(&now, later) {
                let held = match open.remove(&resource.id) {
                    Some(held) if held.resource == resource => held,
                    before => {
                        // What parts were known of before is no news.
                        let is_early = before.is_none() && early.contains(&resource.id);
                        all.extend(before.map(|held| held.until(snapshot.taken)));
                        Held {
                            from: (!is_early).then_some(snapshot.taken),
                            to: None,
                            resource: resource.clone(),
                        }
                    }
                };
                still.insert(resource.id, held);
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

/// Of each snapshot what it says of matters that none before it had said all of; a resource that one had named is not new.
fn first(snapshots: &[Snapshot]) -> Vec<FactSet> {
    let mut before = Covered::default();
    let mut named = Named::default();
    let mut first = Vec::with_capacity(snapshots.len());
    for snapshot in snapshots {
        let facts = &snapshot.facts;
        first.push(new_in(facts, &before, &named));
        before.add(&Spoken::of(facts).whole);
        named.take(facts);
    }
    first
}

fn new_in(facts: &FactSet, before: &Covered, named: &Named<'_>) -> FactSet {
    let is_new = |matter: &Matter| !before.has(matter);
    let is_first = |id: &ArmId| named.is_new(facts, id) && is_new(&Matter::of_resource(id));
    let resources = facts.resources.iter();
    let resources = resources.filter(|resource| is_first(&resource.id));
    let partial = facts.partial.iter().filter(|part| is_first(&part.id));
    let rules = facts.effective.iter();
    let rules = rules.filter(|held| is_new(&Matter::Rules(held.interface.clone())));
    let routes = facts.effective_routes.iter();
    let routes = routes.filter(|held| is_new(&Matter::Routes(held.interface.clone())));
    let lists = facts.threats.iter();
    let lists = lists.filter(|list| is_new(&Matter::Threats(list.name.clone())));
    let databases = facts.databases.iter();
    let databases = databases.filter(|held| Matter::of_database(held).iter().any(is_new));
    FactSet {
        resources: resources.cloned().collect(),
        effective: rules.cloned().collect(),
        effective_routes: routes.cloned().collect(),
        tags: facts.tags.clone().filter(|_| is_new(&Matter::Tags)),
        threats: lists.cloned().collect(),
        databases: databases.cloned().collect(),
        whole: None,
        partial: partial.cloned().collect(),
    }
}

/// Adds what nobody had spoken of: nothing of what is known gives way.
fn put_behind(now: &mut FactSet, early: &FactSet) {
    parts::put_behind(now, early);
    now.effective.extend(early.effective.iter().cloned());
    now.effective_routes
        .extend(early.effective_routes.iter().cloned());
    now.threats.extend(early.threats.iter().cloned());
    now.databases.extend(early.databases.iter().cloned());
    if early.tags.is_some() {
        now.tags.clone_from(&early.tags);
    }
}

/// What is known after a snapshot.
fn after(now: &mut FactSet, snapshot: &FactSet) {
    parts::take(now, snapshot, &Spoken::of(snapshot));
    let interface = |held: &EffectiveRules| held.interface.clone();
    replace(&mut now.effective, &snapshot.effective, interface);
    let interface = |held: &EffectiveRoutes| held.interface.clone();
    replace(&mut now.effective_routes, &snapshot.effective_routes, interface);
    // Two of one name that come together are both believed.
    now.threats
        .retain(|held| snapshot.threats.iter().all(|list| list.name != held.name));
    now.threats.extend(snapshot.threats.iter().cloned());
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

    #[test]
    fn lists_of_one_name_that_come_together_are_both_believed() {
        let list = |addresses: usize| model::facts::ThreatList {
            name: "list".to_owned(),
            entries: vec![
                model::facts::ThreatEntry {
                    prefix: "192.0.2.0/24".parse().unwrap(),
                    kind: String::new(),
                    description: String::new(),
                    from: None,
                    until: None,
                };
                addresses
            ],
        };
        let of = |lists: &[usize]| FactSet {
            threats: lists.iter().copied().map(list).collect(),
            ..FactSet::default()
        };
        let mut now = of(&[1]);
        after(&mut now, &of(&[2, 3]));
        let sizes: Vec<usize> = now.threats.iter().map(|list| list.entries.len()).collect();
        assert_eq!(sizes, [2, 3]);
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
