//! What facts say of what was picked: names, rules and their proofs, and each entry in a sentence.

use std::collections::BTreeMap;

use enrich::{End, Part, Talk, Timeline};
use model::facts::{Access, Mac};
use model::{Direction, FlowStatus};
use nsg::{Flow, Guard, HeldRule};
use why::Guards;
use why::learn::{Entry, Extract, Material, Pattern};

use super::gather::{Gathered, Picked, Wanted};
use crate::reading::row::{Address, Counters, Protocol, Row};
use crate::words::sentence::{Marks, Told, sentence};

/// Tells it, each entry by what was known at its time. Of flows and patterns tuples alone are shown.
pub(super) fn told(gathered: Gathered, timeline: &Timeline) -> Material {
    let Gathered {
        mut entries,
        sessions,
        ordinary,
        wanted,
    } = gathered;
    let times: Vec<i64> = timeline.times().collect();
    let mut by_time: BTreeMap<usize, Vec<&mut Picked>> = BTreeMap::new();
    for picked in &mut entries {
        let place = times.partition_point(|time| *time <= picked.entry.time);
        by_time.entry(place).or_default().push(picked);
    }
    for all in by_time.into_values() {
        let time = all.first().map_or(0, |picked| picked.entry.time);
        let part = timeline.at(time).map(|(part, _)| part).unwrap_or_default();
        let mut guards = Guards::of(&part.facts);
        for picked in all {
            tell(picked, &part, &mut guards);
        }
    }
    let entry = |picked: Vec<Picked>| {
        picked
            .into_iter()
            .map(|picked| picked.entry)
            .collect::<Vec<Entry>>()
    };
    let ordinary = ordinary.into_iter().map(|picked| Extract {
        pattern: Pattern::Ordinary,
        summary: "Some minutes of one interface, as they came.".to_owned(),
        count: picked.len() as u64,
        entries: entry(picked),
    });
    let extracts = wanted.into_iter().filter(|one| one.picked.len() > 2);
    let extracts = extracts.map(
        |Wanted {
             pattern,
             summary,
             picked,
             count,
             ..
         }| Extract {
            pattern,
            summary,
            entries: entry(picked),
            count,
        },
    );
    Material {
        extracts: extracts.chain(ordinary).collect(),
        sessions: sessions.into_iter().map(entry).collect(),
        entries: entry(entries),
    }
}

fn tell(picked: &mut Picked, part: &Part, guards: &mut Guards<'_>) {
    let told = Told {
        ends: part.index.ends(&talk(&picked.entry), &part.threats),
        origins: enrich::Origins::default(),
    };
    picked.entry.words = sentence(&row(picked), Marks::default(), Some(&told));
    let entry = &mut picked.entry;
    entry.is_hop = told.ends.is_hop;
    (entry.source_name, entry.source_origin) = named(&told.ends.source);
    (entry.destination_name, entry.destination_origin) = named(&told.ends.destination);
    let reporter = Mac::parse(&entry.mac).and_then(|mac| guards.of_mac(mac).one().cloned());
    let guard = reporter.and_then(|interface| guards.guard(&interface).ok());
    if let Some(guard) = guard {
        entry.rules = rules(&guard, entry);
        entry.proof = Some(guard.prove(&flow(entry)));
    }
}

fn talk(entry: &Entry) -> Talk<'_> {
    Talk {
        mac: Mac::parse(&entry.mac),
        is_inbound: entry.direction == Direction::Inbound,
        source: Some(entry.source),
        destination: Some(entry.destination),
        target: &entry.target,
    }
}

const fn flow(entry: &Entry) -> Flow {
    Flow {
        direction: entry.direction,
        protocol: entry.protocol,
        source: entry.source,
        source_port: entry.source_port,
        destination: entry.destination,
        destination_port: entry.destination_port,
    }
}

/// Its machine without the group, and what else it is.
fn named(end: &End) -> (String, String) {
    let short = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let machine = match end.machine.contains(' ') {
        // Several may be meant.
        true => String::new(),
        false => short(&end.machine),
    };
    let tag = end.service_tags.split(' ').next().unwrap_or_default();
    let origin = match tag {
        "" => String::new(),
        tag => format!("service tag {tag}"),
    };
    (machine, origin)
}

/// The names of rules that could have decided so; of all rules where those are few.
fn rules(guard: &Guard, entry: &Entry) -> Vec<String> {
    const FEW: usize = 3;
    let held = || {
        guard
            .levels()
            .in_order(entry.direction)
            .flat_map(|level| &level.rules)
    };
    let held = || held().filter(|held| held.rule.direction == entry.direction);
    let denies = entry.status == FlowStatus::Denied;
    let alike = held().filter(|held| (held.rule.access == Access::Deny) == denies);
    let mut names = distinct(alike);
    if names.len() < FEW {
        names = distinct(held());
    }
    names
}

fn distinct<'h>(rules: impl Iterator<Item = &'h HeldRule>) -> Vec<String> {
    let mut names: Vec<String> = rules.map(|held| held.rule.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The row again, for its sentence.
fn row(picked: &Picked) -> Row<'_> {
    let entry = &picked.entry;
    let [packets_sent, bytes_sent, packets_received, bytes_received] = entry.counters;
    let text = |text: &'_ str| !text.is_empty();
    Row {
        time: entry.time,
        source: Address {
            text: &picked.source,
            ip: Some(entry.source),
        },
        destination: Address {
            text: &picked.destination,
            ip: Some(entry.destination),
        },
        source_port: Some(entry.source_port),
        destination_port: entry.destination_port,
        protocol: Protocol {
            name: &picked.protocol,
            number: Some(entry.protocol),
        },
        direction: entry.direction,
        state: entry.state,
        status: entry.status,
        encryption: Some(entry.encryption.as_str()).filter(|held| text(held)),
        counters: Counters {
            packets_sent,
            bytes_sent,
            packets_received,
            bytes_received,
        },
        mac: Some(entry.mac.as_str()).filter(|held| text(held)),
        target: Some(entry.target.as_str()).filter(|held| text(held)),
        acl: picked.acl.as_deref(),
        rule: picked.rule.as_deref(),
        rule_kind: entry.rule_kind,
        format: entry.format,
        started: None,
        completed: None,
        repeated: false,
    }
}
