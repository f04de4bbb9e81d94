//! Ground truth: exactly what was written, to the tuple and the byte.
//!
//! Counted from the lines as they are written, not from the flows that were meant, so that it holds whatever was cut off at
//! the ends of the world. Exact duplicates count as often as they were written. It must not be computed by reading the
//! written JSON: an independent recount does that, in tests.

use crate::incident::{IncidentKind, IncidentPlan};
use crate::rules::{AdminConfiguration, Nsg};
use crate::world::{LogFormat, World, WorldSpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sums over tuples. A tuple whose counters are empty or missing counts as zero and is counted as unreported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Tuples.
    pub tuples: u64,
    /// Those of them without counters.
    pub unreported: u64,
    /// Packets from source to destination.
    pub packets_sent: u64,
    /// Bytes from source to destination.
    pub bytes_sent: u64,
    /// Packets from destination to source.
    pub packets_received: u64,
    /// Bytes from destination to source.
    pub bytes_received: u64,
}

impl Sums {
    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.tuples += other.tuples;
        self.unreported += other.unreported;
        self.packets_sent += other.packets_sent;
        self.bytes_sent += other.bytes_sent;
        self.packets_received += other.packets_received;
        self.bytes_received += other.bytes_received;
    }
}

/// What the sums are kept by: everything as logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TruthKey {
    /// The format of the log.
    pub format: LogFormat,
    /// `macAddress` as written.
    pub mac: String,
    /// `aclID` as written; for NSG flow logs the `resourceId` of the record.
    pub acl_id: String,
    /// The rule as written.
    pub rule: String,
    /// `I` or `O`.
    pub direction: char,
    /// `B`, `C`, `E`, `D`; of a denied tuple in NSG version 2 `B`; none in version 1.
    pub state: Option<char>,
    /// Whether the flow was allowed.
    pub allowed: bool,
}

#[derive(Serialize, Deserialize)]
struct TruthRow {
    #[serde(flatten)]
    key: TruthKey,
    #[serde(flatten)]
    sums: Sums,
}

/// JSON has no maps with structured keys: the rows go out as a list.
mod rows {
    use super::{Sums, TruthKey, TruthRow};
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(
        rows: &BTreeMap<TruthKey, Sums>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(rows.iter().map(|(key, sums)| TruthRow {
            key: key.clone(),
            sums: *sums,
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<TruthKey, Sums>, D::Error> {
        let rows = Vec::<TruthRow>::deserialize(from)?;
        Ok(rows.into_iter().map(|row| (row.key, row.sums)).collect())
    }
}

/// How often a rule decided about tuples of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedBy {
    /// `aclID` as logged (the NSG's id, in NSG flow logs).
    pub acl_id: String,
    /// The rule as logged.
    pub rule: String,
    /// Whether it allowed.
    pub allowed: bool,
    /// `I` or `O`.
    pub direction: char,
    /// How many tuples.
    pub tuples: u64,
}

/// One incident: what was planted and what was written of it.
///
/// Its tuples are exactly those whose source is `source`, whose destination is one of `targets`, and, where `port` is
/// given, whose destination port it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Counted from 1.
    pub id: u32,
    /// What it is.
    pub kind: IncidentKind,
    /// A sentence about it.
    pub summary: String,
    /// The address that opened the flows.
    pub source: String,
    /// The addresses that were called.
    pub targets: Vec<String>,
    /// Our VMs concerned, source first where it is ours.
    pub vms: Vec<String>,
    /// Their MAC addresses, in the same order.
    pub macs: Vec<String>,
    /// The destination port, when there is one only.
    pub port: Option<u16>,
    /// Distinct destination ports that were written, with the number of tuples of each.
    pub ports: BTreeMap<u16, u64>,
    /// Time of the first tuple written.
    pub first_ms: Option<i64>,
    /// Time of the last tuple written.
    pub last_ms: Option<i64>,
    /// Flows begun or tried: `B` or the first `D` at the deciding end, without repeats.
    pub attempts: u64,
    /// Sums by direction: `I` at the destination, `O` at the source.
    pub directions: BTreeMap<char, Sums>,
    /// Tuples by state as logged in VNet flow logs.
    pub states: BTreeMap<char, u64>,
    /// The rules that decided.
    pub decided_by: Vec<DecidedBy>,
}

/// A NIC as later readers want to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NicFact {
    /// `macAddress` as written.
    pub mac: String,
    /// Private addresses.
    pub ips: Vec<String>,
    /// The VM.
    pub vm: String,
    /// ARM id of the NIC.
    pub nic_id: String,
    /// The subnet's name.
    pub subnet: String,
    /// The VNet's name.
    pub vnet: String,
    /// Names of the NSGs, the subnet's first.
    pub nsgs: Vec<String>,
    /// The format its flows are logged in.
    pub format: LogFormat,
    /// Whether the internet can reach it.
    pub is_public: bool,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// What the world was made of; none for a single large blob.
    pub spec: Option<WorldSpec>,
    /// Blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records in them.
    pub records: u64,
    /// Sums over all tuples.
    pub total: Sums,
    /// Sums over the tuples that count when every flow counts once: the sender's where the sender is one of our NICs,
    /// the receiver's for flows from outside. In the times in which all NICs are logged
    /// ([`World::logged_by_all_ms`](crate::World::logged_by_all_ms)).
    pub once: Sums,
    /// Flows begun or tried, each once, as in `once`; a denial that is repeated counts once.
    #[serde(default)]
    pub attempts: u64,
    /// Flows denied at either end.
    #[serde(default)]
    pub denials: u64,
    /// Flows of which anything was written, at each of their ends. One that ends and begins again is two.
    #[serde(default)]
    pub sessions: u64,
    /// Those of them of which both the beginning and the end were written; also what was denied.
    #[serde(default)]
    pub whole_sessions: u64,
    /// Earliest tuple time, in milliseconds (whole seconds in NSG flow logs).
    pub min_tuple_ms: Option<i64>,
    /// Latest tuple time.
    pub max_tuple_ms: Option<i64>,
    /// Sums by what was logged.
    #[serde(with = "rows")]
    pub rows: BTreeMap<TruthKey, Sums>,
    /// Sums by the hour of the tuple's time, named by its first millisecond.
    pub hours: BTreeMap<i64, Sums>,
    /// The planted incidents.
    pub incidents: Vec<Incident>,
    /// Every NIC.
    pub nics: Vec<NicFact>,
    /// Every NSG with its rules.
    pub nsgs: Vec<Nsg>,
    /// The security admin configuration.
    pub admin: Option<AdminConfiguration>,
}

impl Truth {
    /// The truth of a world of which nothing has been written yet.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self {
            spec: Some(world.spec.clone()),
            incidents: world
                .incidents
                .iter()
                .map(|plan| Incident::of(world, plan))
                .collect(),
            nics: world.nics.iter().map(|nic| nic_fact(world, nic)).collect(),
            nsgs: world.nsgs.clone(),
            admin: Some(world.admin.clone()),
            ..Self::default()
        }
    }

    /// Adds what was written elsewhere of the same world.
    pub fn merge(&mut self, other: &Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.records += other.records;
        self.total.add(&other.total);
        self.once.add(&other.once);
        self.attempts += other.attempts;
        self.denials += other.denials;
        self.sessions += other.sessions;
        self.whole_sessions += other.whole_sessions;
        self.min_tuple_ms = self.min_tuple_ms.into_iter().chain(other.min_tuple_ms).min();
        self.max_tuple_ms = self.max_tuple_ms.into_iter().chain(other.max_tuple_ms).max();
        for (key, sums) in &other.rows {
            self.rows.entry(key.clone()).or_default().add(sums);
        }
        for (hour, sums) in &other.hours {
            self.hours.entry(*hour).or_default().add(sums);
        }
        for (mine, theirs) in self.incidents.iter_mut().zip(&other.incidents) {
            mine.merge(theirs);
        }
    }

    pub(crate) fn saw_time(&mut self, time_ms: i64, tuple: &Sums) {
        self.min_tuple_ms = Some(self.min_tuple_ms.map_or(time_ms, |known| known.min(time_ms)));
        self.max_tuple_ms = Some(self.max_tuple_ms.map_or(time_ms, |known| known.max(time_ms)));
        let hour = time_ms - time_ms.rem_euclid(crate::calendar::HOUR_MS);
        self.hours.entry(hour).or_default().add(tuple);
    }
}

fn nic_fact(world: &World, nic: &crate::world::Nic) -> NicFact {
    let subnet = world.subnets.get(nic.subnet);
    let nsgs = [subnet.and_then(|subnet| subnet.nsg), nic.nsg];
    NicFact {
        mac: nic.mac.clone(),
        ips: std::iter::once(nic.ipv4)
            .chain(nic.ipv6)
            .map(|address| address.to_string())
            .collect(),
        vm: nic.vm.clone(),
        nic_id: nic.id.clone(),
        subnet: subnet.map_or_else(String::new, |subnet| subnet.name.clone()),
        vnet: world
            .vnets
            .get(nic.vnet)
            .map_or_else(String::new, |vnet| vnet.name.clone()),
        nsgs: nsgs
            .into_iter()
            .flatten()
            .filter_map(|at| Some(world.nsgs.get(at)?.name.clone()))
            .collect(),
        format: world.format_of(nic),
        is_public: nic.is_public,
    }
}

impl Incident {
    fn of(world: &World, plan: &IncidentPlan) -> Self {
        let nics: Vec<_> = plan.nics.iter().filter_map(|at| world.nics.get(*at)).collect();
        Self {
            id: plan.id,
            kind: plan.kind,
            summary: plan.summary.clone(),
            source: plan.source.to_string(),
            targets: plan.targets.iter().map(ToString::to_string).collect(),
            vms: nics.iter().map(|nic| nic.vm.clone()).collect(),
            macs: nics.iter().map(|nic| nic.mac.clone()).collect(),
            port: match plan.kind {
                IncidentKind::SshBruteForceDenied | IncidentKind::SshBruteForceAllowed => Some(22),
                IncidentKind::HorizontalScan => Some(3389),
                IncidentKind::Exfiltration | IncidentKind::Beacon => Some(443),
                IncidentKind::DeniedDatabaseAccess => Some(1433),
                IncidentKind::VerticalPortScan => None,
            },
            ports: BTreeMap::new(),
            first_ms: None,
            last_ms: None,
            attempts: 0,
            directions: BTreeMap::new(),
            states: BTreeMap::new(),
            decided_by: Vec::new(),
        }
    }

    /// Counts one tuple as written.
    pub(crate) fn saw(&mut self, line: &crate::inbox::Line<'_>, time_ms: i64, tuple: &Sums) {
        let direction = line.direction.letter();
        *self.ports.entry(line.flow.destination_port).or_default() += 1;
        self.first_ms = Some(self.first_ms.map_or(time_ms, |known| known.min(time_ms)));
        self.last_ms = Some(self.last_ms.map_or(time_ms, |known| known.max(time_ms)));
        self.attempts += u64::from(line.opens);
        self.directions.entry(direction).or_default().add(tuple);
        *self.states.entry(line.state.letter()).or_default() += 1;
        self.decided(&DecidedBy {
            acl_id: line.decision.acl_id.clone(),
            rule: line.decision.rule.clone(),
            allowed: line.decision.allowed,
            direction,
            tuples: 1,
        });
    }

    fn decided(&mut self, by: &DecidedBy) {
        let same = |known: &&mut DecidedBy| {
            known.acl_id == by.acl_id && known.rule == by.rule && known.direction == by.direction
        };
        match self.decided_by.iter_mut().find(same) {
            Some(known) => known.tuples += by.tuples,
            None => {
                self.decided_by.push(by.clone());
                self.decided_by.sort_by(|a, b| {
                    (&a.acl_id, &a.rule, a.direction).cmp(&(&b.acl_id, &b.rule, b.direction))
                });
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (port, tuples) in &other.ports {
            *self.ports.entry(*port).or_default() += tuples;
        }
        self.first_ms = self.first_ms.into_iter().chain(other.first_ms).min();
        self.last_ms = self.last_ms.into_iter().chain(other.last_ms).max();
        self.attempts += other.attempts;
        for (direction, sums) in &other.directions {
            self.directions.entry(*direction).or_default().add(sums);
        }
        for (state, tuples) in &other.states {
            *self.states.entry(*state).or_default() += tuples;
        }
        for by in &other.decided_by {
            self.decided(by);
        }
    }
}
