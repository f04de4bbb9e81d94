//! Picks from rows what is asked about: some entries of each kind, some flows with all their entries, and all entries of what
//! is a pattern. What is picked hangs on the rows and a seed, not on the order in which they come.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use model::{Direction, FlowState, FlowStatus, RuleKind};
use why::learn::{Chance, Entry, Pattern};

use crate::reading::row::Row;
use crate::words::decision::{group_name, rule_name};
use crate::words::endpoint::{Service, service};

/// So many entries of each kind are kept.
const OF_A_KIND: usize = 24;

/// So many flows are followed; few of them go on for long.
const FLOWS_KEPT: usize = 4000;

/// So many minutes of an interface are kept whole, for ordinary traffic.
const MINUTES_KEPT: usize = 400;

/// So many entries of a pattern are kept; all are counted.
const OF_A_PATTERN: usize = 2000;

/// An entry with what its sentence needs beside.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    pub(super) entry: Entry,
    /// Both addresses as logged.
    pub(super) source: String,
    pub(super) destination: String,
    /// The group as logged.
    pub(super) acl: Option<String>,
    /// The rule as logged.
    pub(super) rule: Option<String>,
    /// As the table names it.
    pub(super) protocol: String,
}

impl Picked {
    /// None for what is no tuple, or cannot be read as one.
    pub(super) fn of(row: &Row<'_>) -> Option<Self> {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let (source, destination) = (row.source.ip?, row.destination.ip?);
        let source_port = row.source_port?;
        let protocol = row.protocol.number?;
        let named = match service(source_port, row.destination_port, Some(protocol)) {
            Service::Named(label) => label.to_owned(),
            Service::Nameless | Service::LateReply(_) => String::new(),
        };
        let entry = Entry {
            time: row.time,
            format: row.format,
            direction: row.direction,
            source,
            destination,
            source_port,
            destination_port: row.destination_port,
            protocol,
            state: row.state,
            status: row.status,
            encryption: text(row.encryption),
            counters: [
                row.counters.packets_sent,
                row.counters.bytes_sent,
                row.counters.packets_received,
                row.counters.bytes_received,
            ],
            mac: text(row.mac),
            target: text(row.target),
            group: group_name(row.acl).unwrap_or_default().into_owned(),
            rule: text(rule_name(row.rule_kind, row.rule)),
            rule_kind: row.rule_kind,
            source_name: String::new(),
            destination_name: String::new(),
            source_origin: String::new(),
            destination_origin: String::new(),
            is_hop: false,
            service: named,
            rules: Vec::new(),
            proof: None,
            words: String::new(),
        };
        entry.has_tuple().then(|| Self {
            entry,
            source: row.source.text.to_owned(),
            destination: row.destination.text.to_owned(),
            acl: row.acl.map(str::to_owned),
            rule: row.rule.map(str::to_owned),
            protocol: row.protocol.name.to_owned(),
        })
    }
}

/// Entries that are a pattern together.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) pattern: Pattern,
    pub(super) summary: String,
    pub(super) source: IpAddr,
    pub(super) targets: BTreeSet<IpAddr>,
    pub(super) port: Option<u16>,
    /// Whose entries, for each flow between two of ours is logged twice; none where only one of them has any.
    pub(super) direction: Option<Direction>,
    pub(super) picked: Vec<Picked>,
    pub(super) count: u64,
}

impl Wanted {
    fn takes(&self, row: &Row<'_>) -> bool {
        self.is_about(row)
            && self.direction.is_none_or(|direction| direction == row.direction)
            // A call begins once, and its pauses are told by its beginnings.
            && (self.pattern != Pattern::Beacon || row.state == Some(FlowState::Begin))
    }

    fn is_about(&self, row: &Row<'_>) -> bool {
        row.source.ip == Some(self.source)
            && self.port.is_none_or(|port| port == row.destination_port)
            && row.destination.ip.is_some_and(|ip| self.targets.contains(&ip))
    }
}

/// What entries are of one kind by.
type Kind = (FlowStatus, Direction, Option<FlowState>, RuleKind);

/// A flow at an interface.
type FlowKey = (String, IpAddr, u16, IpAddr, u16, u8);

/// Picks.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    seed: u64,
    kinds: HashMap<Kind, BTreeMap<u64, Picked>>,
    flows: BTreeMap<u64, Vec<Picked>>,
    minutes: BTreeMap<u64, Vec<Picked>>,
    pub(super) wanted: Vec<Wanted>,
}

/// What was picked.
pub(super) struct Gathered {
    pub(super) entries: Vec<Picked>,
    pub(super) sessions: Vec<Vec<Picked>>,
    pub(super) ordinary: Vec<Vec<Picked>>,
    pub(super) wanted: Vec<Wanted>,
}

impl Gatherer {
    pub(super) fn new(seed: u64, wanted: Vec<Wanted>) -> Self {
        Self {
            seed,
            wanted,
            ..Self::default()
        }
    }

    pub(super) fn take(&mut self, row: &Row<'_>) {
        let mut is_wanted = false;
        for wanted in &mut self.wanted {
            is_wanted |= wanted.is_about(row);
            if wanted.takes(row) {
                wanted.count += 1;
                if wanted.picked.len() < OF_A_PATTERN {
                    wanted.picked.extend(Picked::of(row));
                }
            }
        }
        let draw = Draw::of(self.seed, row);
        let kind = (row.status, row.direction, row.state, row.rule_kind);
        keep(
            self.kinds.entry(kind).or_default(),
            draw.row,
            OF_A_KIND,
            |_, before| {
                if before.is_none() {
                    return Picked::of(row);
                }
                before
            },
        );
        if row.status == FlowStatus::Allowed && row.state.is_some() {
            keep(&mut self.flows, draw.flow, FLOWS_KEPT, |_, before| {
                together(before, row)
            });
        }
        if !is_wanted {
            keep(&mut self.minutes, draw.minute, MINUTES_KEPT, |_, before| {
                together(before, row)
            });
        }
    }

    /// What there is to ask about.
    pub(super) fn finish(self) -> Gathered {
        let kinds: BTreeMap<String, BTreeMap<u64, Picked>> = self
            .kinds
            .into_iter()
            .map(|(kind, picked)| (format!("{kind:?}"), picked))
            .collect();
        let mut wanted = self.wanted;
        for one in &mut wanted {
            one.picked.sort_by_key(order);
        }
        Gathered {
            entries: kinds.into_values().flat_map(BTreeMap::into_values).collect(),
            sessions: self.flows.into_values().filter_map(whole).take(64).collect(),
            ordinary: self.minutes.into_values().filter_map(ordinary).take(4).collect(),
            wanted,
        }
    }
}

/// Rows of one moment stand in the order of their other fields.
fn order(picked: &Picked) -> (i64, u16, u16) {
    (
        picked.entry.time,
        picked.entry.source_port,
        picked.entry.destination_port,
    )
}

/// Keeps the values of the least draws.
fn keep<V>(
    held: &mut BTreeMap<u64, V>,
    draw: u64,
    most: usize,
    add: impl FnOnce(u64, Option<V>) -> Option<V>,
) {
    let last = held.last_key_value().map(|(last, _)| *last);
    if held.len() >= most && last.is_some_and(|last| draw > last) {
        return;
    }
    let before = held.remove(&draw);
    if let Some(value) = add(draw, before) {
        held.insert(draw, value);
    }
    if held.len() > most {
        held.pop_last();
    }
}

/// Rows that share a draw, as many as are worth looking at.
fn together(before: Option<Vec<Picked>>, row: &Row<'_>) -> Option<Vec<Picked>> {
    const MOST: usize = 16;
    let mut held = before.unwrap_or_default();
    if held.len() < MOST {
        held.extend(Picked::of(row));
    }
    Some(held)
}

/// A flow's entries from its beginning on, if they are few and more than two count something.
fn whole(mut picked: Vec<Picked>) -> Option<Vec<Picked>> {
    const MOST: usize = 6;
    let first = key(picked.first()?);
    if picked.iter().any(|other| key(other) != first) || !(3..=MOST).contains(&picked.len()) {
        return None;
    }
    picked.sort_by_key(order);
    let states: Vec<Option<FlowState>> = picked.iter().map(|one| one.entry.state).collect();
    let (begins, rest) = states.split_first()?;
    let goes_on = rest.iter().enumerate().all(|(at, state)| match state {
        Some(FlowState::Continue) => true,
        Some(FlowState::End) => at + 1 == rest.len(),
        _ => false,
    });
    (*begins == Some(FlowState::Begin) && goes_on).then_some(picked)
}

/// Some minutes of an interface in which nothing stands out: several hosts, all allowed.
fn ordinary(mut picked: Vec<Picked>) -> Option<Vec<Picked>> {
    picked.sort_by_key(order);
    let are_allowed = picked.iter().all(|one| one.entry.status == FlowStatus::Allowed);
    let others: BTreeSet<IpAddr> = picked.iter().map(|one| one.entry.other().0).collect();
    let ports: BTreeSet<u16> = picked.iter().map(|one| one.entry.destination_port).collect();
    (are_allowed && picked.len() >= 6 && others.len() >= 2 && ports.len() >= 2).then_some(picked)
}

fn key(picked: &Picked) -> FlowKey {
    let entry = &picked.entry;
    (
        entry.mac.clone(),
        entry.source,
        entry.source_port,
        entry.destination,
        entry.destination_port,
        entry.protocol,
    )
}

/// Numbers that a row gives for itself, for its flow, and for its interface's minute.
struct Draw {
    row: u64,
    flow: u64,
    minute: u64,
}

impl Draw {
    fn of(seed: u64, row: &Row<'_>) -> Self {
        let address = |ip: Option<IpAddr>| match ip {
            Some(IpAddr::V4(v4)) => u64::from(v4.to_bits()),
            Some(IpAddr::V6(v6)) => {
                let [.., low, last] = v6.segments().map(u64::from);
                v6.segments()
                    .map(u64::from)
                    .iter()
                    .fold(low << 16 | last, |sum, part| sum.rotate_left(16) ^ part)
            }
            None => 0,
        };
        let mac = row.mac.unwrap_or_default().bytes();
        let interface = mac.fold(seed, |sum, byte| mixed(sum ^ u64::from(byte)));
        let ports = u64::from(row.source_port.unwrap_or(0)) << 16 | u64::from(row.destination_port);
        let ends = mixed(address(row.source.ip)) ^ address(row.destination.ip);
        let flow = mixed(mixed(interface ^ ends) ^ ports);
        let (time, direction) = (row.time.unsigned_abs(), row.direction as u64);
        Self {
            row: mixed(mixed(flow ^ time) ^ direction),
            flow,
            minute: mixed(interface ^ (time / 300_000_000)),
        }
    }
}

fn mixed(number: u64) -> u64 {
    Chance::new(number).next()
}
