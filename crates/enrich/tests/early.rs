//! What facts say first of a matter holds before their own time; and where such facts change what holds at a time, the version
//! of the facts of that time is another one.

#![cfg(test)]

use std::collections::BTreeMap;
use std::slice;

use enrich::{Held, Snapshot, Spoken, Timeline};
use model::facts::{
    AddressDatabase, ArmId, Asset, EffectiveRoutes, EffectiveRules, FactSet, PartList, Partial, Resource,
    SecurityGroup, TagSet, ThreatList, Whole,
};

const KINDS: [&str; 3] = [
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/routeTables",
    "Microsoft.Network/networkSecurityGroups",
];

fn id(kind: usize, group: u64, name: u64) -> ArmId {
    let kind = KINDS[kind];
    ArmId::parse(&format!(
        "/subscriptions/s/resourceGroups/g{group}/providers/{kind}/n{name}"
    ))
    .unwrap()
}

/// A group that is told apart from others of its name by its rules, of which nothing but the names is known.
fn group(id: ArmId, rule: u64) -> Resource {
    let group = SecurityGroup {
        left_out: vec![format!("r{rule}")],
        ..SecurityGroup::default()
    };
    Resource::in_part(id, Asset::SecurityGroup(group))
}

/// A resource that is told apart from others of its name by where it is.
fn resource(id: ArmId, location: u64) -> Resource {
    Resource {
        id,
        location: Some(location.to_string()),
        guid: None,
        tags: BTreeMap::new(),
        asset: Asset::ApplicationGroup,
    }
}

fn database(kind: &str, hash: u64, countries: bool, systems: bool) -> AddressDatabase {
    AddressDatabase {
        kind: kind.to_owned(),
        file: "a.mmdb".to_owned(),
        built: 1,
        description: String::new(),
        hash: hash.to_string(),
        bytes: 1,
        networks: 1,
        has_v6: false,
        country_at: countries.then(|| "country".to_owned()),
        asn_at: systems.then(|| "asn".to_owned()),
        asn_name_at: None,
    }
}

fn whole(kind: usize, group: Option<u64>) -> Whole {
    Whole {
        kind: KINDS[kind].to_owned(),
        subscription: "S".to_owned(),
        group: group.map(|group| format!("G{group}")),
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn is_so(&mut self) -> bool {
        self.below(2) == 0
    }

    fn facts(&mut self) -> FactSet {
        let mut facts = FactSet::default();
        for kind in 0..KINDS.len() {
            for _ in 0..self.below(3) {
                let named = id(kind, self.below(2), self.below(3));
                let held = match kind {
                    2 => group(named, self.below(3)),
                    _ => resource(named, self.below(2)),
                };
                if kind == 2 && self.is_so() && facts.partial(&held.id).is_none() {
                    facts.partial.push(Partial {
                        id: held.id.clone(),
                        lists: self.is_so().then_some(PartList::Rules).into_iter().collect(),
                        adds: false,
                    });
                }
                if facts.resources.iter().all(|other| other.id != held.id) {
                    facts.resources.push(held);
                }
            }
        }
        if self.below(3) == 0 {
            let lists = (0..self.below(3)).map(|_| {
                let group = self.below(3);
                whole(
                    usize::try_from(self.below(3)).unwrap(),
                    (group < 2).then_some(group),
                )
            });
            facts.whole = Some(lists.collect());
        }
        if self.below(4) == 0 {
            let (countries, systems) = (self.is_so(), self.is_so());
            let kind = if self.is_so() { "A" } else { "B" };
            facts.databases = vec![database(kind, self.below(5), countries, systems)];
        }
        if self.below(4) == 0 {
            facts.tags = Some(TagSet {
                change_number: Some(self.below(9)),
                ..TagSet::default()
            });
        }
        if self.below(4) == 0 {
            facts.threats = vec![ThreatList {
                name: self.below(2).to_string(),
                entries: Vec::new(),
            }];
        }
        if self.below(4) == 0 {
            let interface = self.is_so().then(|| id(0, 0, self.below(2)));
            facts.effective = vec![EffectiveRules {
                interface: interface.clone(),
                ..EffectiveRules::default()
            }];
            facts.effective_routes = vec![EffectiveRoutes {
                interface,
                routes: Vec::new(),
            }];
        }
        facts
    }

    /// Snapshots at the times 10, 20 and so on, one of which may be missing.
    fn snapshots(&mut self) -> Vec<Snapshot> {
        let many = 1 + self.below(5);
        let snapshots = (1..=many).map(|at| Snapshot {
            taken: i64::try_from(at * 10).unwrap(),
            facts: self.facts(),
        });
        snapshots.collect()
    }
}

/// What tells the facts that hold until a time from others, as the table does it.
fn version(snapshots: &[Snapshot], before: i64) -> Vec<(i64, String)> {
    let spoken: Vec<Spoken> = snapshots
        .iter()
        .map(|snapshot| {
            let text = serde_json::to_vec(&snapshot.facts).unwrap();
            let read = Spoken::read(&text).unwrap();
            assert_eq!(read, Spoken::of(&snapshot.facts));
            read
        })
        .collect();
    let early = Spoken::early(&spoken);
    let first = snapshots.first().map(|snapshot| snapshot.taken);
    let counted = snapshots
        .iter()
        .zip(early)
        .filter(|(snapshot, is_early)| snapshot.taken < before || Some(snapshot.taken) == first || *is_early);
    counted
        .map(|(snapshot, _)| (snapshot.taken, format!("{:?}", snapshot.facts)))
        .collect()
}

/// What is known at a time, in an order that does not matter.
fn known(timeline: &Timeline, time: i64) -> Vec<String> {
    let facts = timeline.at(time).map(|(part, _)| part.facts).unwrap_or_default();
    let mut known: Vec<String> = facts.resources.iter().map(|held| format!("{held:?}")).collect();
    known.extend(facts.effective.iter().map(|held| format!("{held:?}")));
    known.extend(facts.effective_routes.iter().map(|held| format!("{held:?}")));
    known.extend(facts.threats.iter().map(|held| format!("{held:?}")));
    known.sort();
    // Which database is believed first does matter.
    known.extend(facts.databases.iter().map(|held| format!("{held:?}")));
    known.push(format!("{:?}", facts.tags));
    known
}

#[test]
fn what_changes_the_facts_of_a_time_changes_their_version() {
    let mut random = Random(11);
    let (mut same, mut other) = (0, 0);
    for _ in 0..4000 {
        let all = random.snapshots();
        let mut fewer = all.clone();
        let many = u64::try_from(fewer.len()).unwrap();
        fewer.remove(usize::try_from(random.below(many)).unwrap());
        let (with, without) = (Timeline::of(all.clone()), Timeline::of(fewer.clone()));
        for time in [5, 15, 25, 35, 45, 55] {
            // Hours end behind the times of their rows, and no load lies between.
            let is_same = version(&all, time + 1) == version(&fewer, time + 1);
            if is_same {
                assert_eq!(
                    known(&with, time),
                    known(&without, time),
                    "at {time}: {all:?} {fewer:?}"
                );
                same += 1;
            } else {
                other += 1;
            }
        }
    }
    assert!(same > 1000 && other > 1000, "{same} {other}");
}

/// `Assets` says of every time what names are made of.
#[test]
fn assets_are_what_is_known_at_each_time() {
    let mut random = Random(12);
    for _ in 0..2000 {
        let timeline = Timeline::of(random.snapshots());
        let held = timeline.resources();
        for time in [5, 10, 15, 20, 25, 30, 45, 55] {
            let holds = |held: &&Held| {
                held.from.is_none_or(|from| from <= time) && held.to.is_none_or(|to| time < to)
            };
            let mut listed: Vec<String> = held
                .iter()
                .filter(holds)
                .map(|held| format!("{:?}", held.resource))
                .collect();
            let (part, _) = timeline.at(time).unwrap();
            let resources = part.facts.resources.iter();
            let mut known: Vec<String> = resources.map(|held| format!("{held:?}")).collect();
            listed.sort();
            known.sort();
            assert_eq!(listed, known, "at {time}: {timeline:?}");
        }
    }
}

fn timeline(sets: Vec<FactSet>) -> Timeline {
    let snapshots = sets.into_iter().zip(1..).map(|(facts, at)| Snapshot {
        taken: at * 10,
        facts,
    });
    Timeline::of(snapshots.collect())
}

fn of(resources: &[ArmId], whole: Option<Vec<Whole>>) -> FactSet {
    let resources = resources.iter().map(|id| resource(id.clone(), 0));
    FactSet {
        resources: resources.collect(),
        whole,
        ..FactSet::default()
    }
}

#[track_caller]
fn check(sets: Vec<FactSet>, time: i64, expected: &[&ArmId]) {
    let (part, _) = timeline(sets).at(time).unwrap();
    let mut known: Vec<String> = part.facts.resources.iter().map(|held| held.id.key()).collect();
    known.sort();
    let mut expected: Vec<String> = expected.iter().map(|id| id.key()).collect();
    expected.sort();
    assert_eq!(known, expected);
}

#[test]
fn the_first_load_of_each_kind_holds_before_it() {
    let (nic, table) = (id(0, 0, 1), id(1, 0, 1));
    let sets = || vec![of(slice::from_ref(&nic), None), of(slice::from_ref(&table), None)];
    check(sets(), 5, &[&nic, &table]);
    check(sets(), 15, &[&nic, &table]);
    // What comes new into a type of which all was said is not known before.
    let (one, two) = (id(0, 0, 1), id(0, 1, 2));
    let both = [one.clone(), two.clone()];
    check(
        vec![of(slice::from_ref(&one), None), of(&both, None)],
        15,
        &[&one],
    );
    // Where not all was said it may have been there.
    check(
        vec![of(slice::from_ref(&one), Some(Vec::new())), of(&both, None)],
        15,
        &[&one, &two],
    );
    // Of one group all was said, of the other nothing.
    let list = vec![whole(0, Some(0))];
    check(vec![of(&[], Some(list)), of(&both, None)], 15, &[&two]);
    // Nothing is there because of what was said when it was gone.
    check(
        vec![
            of(slice::from_ref(&one), None),
            of(&[], Some(vec![whole(0, None)])),
            of(&both, None),
        ],
        25,
        &[],
    );
}

#[test]
fn databases_of_each_kind_hold_before_the_first_of_them() {
    let with = |database: AddressDatabase| FactSet {
        databases: vec![database],
        ..FactSet::default()
    };
    let hashes = |sets: Vec<FactSet>, time: i64| {
        let (part, _) = timeline(sets).at(time).unwrap();
        let hashes: Vec<String> = part
            .facts
            .databases
            .iter()
            .map(|held| held.hash.clone())
            .collect();
        (hashes.join(" "), part.later)
    };
    let countries = || with(database("Country", 1, true, false));
    let systems = || with(database("ASN", 2, false, true));
    let both = || with(database("Both", 3, true, true));
    let nic = || of(&[id(0, 0, 1)], None);
    assert_eq!(hashes(vec![nic(), countries()], 15), ("1".to_owned(), Some(20)));
    assert_eq!(hashes(vec![nic(), countries()], 25), ("1".to_owned(), None));
    assert_eq!(
        hashes(vec![countries(), systems()], 15),
        ("1 2".to_owned(), Some(20))
    );
    assert_eq!(
        hashes(vec![countries(), both(), systems()], 15),
        ("1 3".to_owned(), Some(20))
    );
    // Another maker's countries do not hold before themselves: there were some.
    let other = with(database("Other", 4, true, false));
    assert_eq!(hashes(vec![countries(), other], 15), ("1".to_owned(), None));
}
