//! What a reading amounts to, counted as it goes by. How it is said is in `summary_text` and
//! `summary_json`; nothing here prints.

use std::collections::BTreeMap;
use std::net::IpAddr;

use formats::{Counts, Quarantined};
use model::{Code, Direction, FlowState, FlowStatus, LogFormat, RuleKind};

use super::tally::{Column, Name, Names, Tally, Weighs};
use crate::instant::Micros;
use crate::reading::row::{Counters, Row};
use crate::reading::scan::Scan;
use crate::words::endpoint::{Service, service};
use crate::words::sentence::encryption_words;

/// Raw examples kept for each quarantine code.
pub(crate) const EXAMPLES_MAX: usize = 3;

/// Packets and bytes each way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Volume {
    pub(crate) packets_sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) packets_received: u64,
    pub(crate) bytes_received: u64,
}

impl Volume {
    fn add(&mut self, counters: Counters) {
        // Negative counters are quarantined below; a sum stops at its top rather than turning over.
        let number = |value: Option<i64>| u64::try_from(value.unwrap_or(0)).unwrap_or(0);
        self.packets_sent = self.packets_sent.saturating_add(number(counters.packets_sent));
        self.bytes_sent = self.bytes_sent.saturating_add(number(counters.bytes_sent));
        self.packets_received = self
            .packets_received
            .saturating_add(number(counters.packets_received));
        self.bytes_received = self
            .bytes_received
            .saturating_add(number(counters.bytes_received));
    }

    /// Both ways together.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes_sent.saturating_add(self.bytes_received)
    }
}

/// A rule with its decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RuleKey {
    pub(crate) kind: RuleKind,
    pub(crate) rule: Name,
    pub(crate) acl: Name,
    pub(crate) status: FlowStatus,
}

/// Who was denied to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PairKey {
    pub(crate) source: Option<IpAddr>,
    pub(crate) destination: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) protocol: u8,
}

/// A service, or the late replies from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ServiceKey {
    Port { protocol: u8, port: u16 },
    LateReplies { protocol: u8, port: u16 },
}

/// Tuples and volume of a key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    pub(crate) tuples: u64,
    pub(crate) denied: u64,
    /// Tuples with at least one counter.
    pub(crate) reported: u64,
    pub(crate) volume: Volume,
}

impl Weight {
    fn add(&mut self, row: &Row<'_>) {
        self.tuples += 1;
        self.denied += u64::from(row.status == FlowStatus::Denied);
        self.reported += u64::from(row.counters != Counters::default());
        self.volume.add(row.counters);
    }
}

/// A denied pair.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Denials {
    pub(crate) tuples: u64,
    /// The first rule that denied it.
    pub(crate) rule: Option<RuleKey>,
    /// Others denied it too.
    pub(crate) more_rules: bool,
    /// Those that look like late replies rather than attempts.
    pub(crate) late_replies: u64,
}

/// An address, whichever end it was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Talker {
    pub(crate) tuples: u64,
    pub(crate) bytes_out: u64,
    pub(crate) bytes_in: u64,
}

/// A reporting interface.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nic {
    pub(crate) weight: Weight,
    pub(crate) inbound: u64,
    pub(crate) outbound: u64,
}

impl Weighs for Weight {
    fn weight(&self) -> (u64, u64) {
        (self.tuples, 0)
    }

    fn tuples(&self) -> u64 {
        self.tuples
    }
}

impl Weighs for Denials {
    fn weight(&self) -> (u64, u64) {
        (self.tuples, 0)
    }

    fn tuples(&self) -> u64 {
        self.tuples
    }
}

impl Weighs for Talker {
    fn weight(&self) -> (u64, u64) {
        (self.bytes_out.saturating_add(self.bytes_in), self.tuples)
    }

    fn tuples(&self) -> u64 {
        self.tuples
    }
}

impl Weighs for Nic {
    fn weight(&self) -> (u64, u64) {
        self.weight.weight()
    }

    fn tuples(&self) -> u64 {
        self.weight.tuples
    }
}

/// Counts over the tuples that match.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Matching {
    pub(crate) weight: Weight,
    pub(crate) inbound: u64,
    /// By [`FlowState::ALL`]; the last is "not logged".
    pub(crate) states: [u64; 5],
    /// By [`LogFormat::ALL`].
    pub(crate) formats: [u64; LogFormat::ALL.len()],
    /// Rows that stand for several flows, the flows that they say began, and that ended.
    pub(crate) aggregated: u64,
    pub(crate) flows_started: u64,
    pub(crate) flows_completed: u64,
    pub(crate) encrypted: u64,
    pub(crate) not_encrypted: u64,
    /// Encryption logged by a value that no documentation names: neither of the two.
    pub(crate) encryption_unknown: u64,
    pub(crate) late_replies: u64,
    pub(crate) platform: u64,
    pub(crate) first: Option<Micros>,
    pub(crate) last: Option<Micros>,
}

/// Counts over the sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// Read as flow logs, those without records included.
    pub(crate) read: u64,
    pub(crate) failed: u64,
    pub(crate) unrecognised: u64,
    /// Those of them that the user named, rather than a folder around them.
    pub(crate) unrecognised_named: u64,
    pub(crate) empty: u64,
    pub(crate) source_bytes: u64,
    pub(crate) any_compressed: bool,
}

/// Something quarantined, as an example.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    pub(crate) source: String,
    pub(crate) offset: u64,
    pub(crate) raw: Vec<u8>,
}

/// The whole summary.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) files: Files,
    pub(crate) counts: Counts,
    pub(crate) oddities: formats::Tally,
    pub(crate) quarantined: formats::Tally,
    pub(crate) examples: BTreeMap<Code, Vec<Example>>,
    pub(crate) matching: Matching,
    pub(crate) names: Names,
    pub(crate) rules: Tally<RuleKey, Weight>,
    pub(crate) denied: Tally<PairKey, Denials>,
    pub(crate) talkers: Tally<IpAddr, Talker>,
    pub(crate) services: Tally<ServiceKey, Weight>,
    pub(crate) nics: Tally<Name, Nic>,
}

impl Summary {
    /// Counts a tuple that matches.
    pub(crate) fn add(&mut self, row: &Row<'_>) {
        self.matching.add(row);
        let rule = RuleKey {
            kind: row.rule_kind,
            rule: self.names.number(Column::Rule, row.rule),
            acl: self.names.number(Column::Acl, row.acl),
            status: row.status,
        };
        self.rules.entry(rule).add(row);
        let protocol = row.protocol.number.unwrap_or(u8::MAX);
        let service = service(
            row.source_port.unwrap_or(0),
            row.destination_port,
            row.protocol.number,
        );
        let is_late = matches!(service, Service::LateReply(_));
        self.matching.late_replies += u64::from(is_late);
        if row.status == FlowStatus::Denied {
            let pair = PairKey {
                source: row.source.ip,
                destination: row.destination.ip,
                port: row.destination_port,
                protocol,
            };
            let denials = self.denied.entry(pair);
            denials.tuples += 1;
            let first = *denials.rule.get_or_insert(rule);
            denials.more_rules |= first != rule;
            denials.late_replies += u64::from(is_late);
        }
        let service = if is_late {
            ServiceKey::LateReplies {
                protocol,
                port: row.source_port.unwrap_or(0),
            }
        } else {
            ServiceKey::Port {
                protocol,
                port: row.destination_port,
            }
        };
        self.services.entry(service).add(row);
        self.add_talkers(row);
        let mac = self.names.number(Column::Mac, row.mac);
        let nic = self.nics.entry(mac);
        nic.weight.add(row);
        match row.direction {
            Direction::Inbound => nic.inbound += 1,
            Direction::Outbound => nic.outbound += 1,
        }
    }

    fn add_talkers(&mut self, row: &Row<'_>) {
        let number = |value: Option<i64>| u64::try_from(value.unwrap_or(0)).unwrap_or(0);
        let (sent, received) = (
            number(row.counters.bytes_sent),
            number(row.counters.bytes_received),
        );
        let ends = [
            (row.source.ip, sent, received),
            (row.destination.ip, received, sent),
        ];
        for (ip, out, into) in ends {
            let Some(ip) = ip else { continue };
            let talker = self.talkers.entry(ip);
            talker.tuples += 1;
            talker.bytes_out = talker.bytes_out.saturating_add(out);
            talker.bytes_in = talker.bytes_in.saturating_add(into);
        }
    }

    /// Keeps an example of what was quarantined.
    pub(crate) fn example(&mut self, source: &str, item: Quarantined) {
        let examples = self.examples.entry(item.code).or_default();
        if examples.len() < EXAMPLES_MAX {
            examples.push(Example {
                source: source.to_owned(),
                offset: item.offset,
                raw: item.raw,
            });
        }
    }

    /// Adds what became of a source.
    pub(crate) fn scanned(&mut self, scan: &Scan) {
        let report = &scan.report;
        self.files.any_compressed |= scan.compressed;
        let (all, one) = (&mut self.counts, &report.counts);
        all.bytes_read += one.bytes_read;
        all.bytes_given_up += one.bytes_given_up;
        all.records += one.records;
        all.records_broken += one.records_broken;
        all.tuples_received += one.tuples_received;
        all.tuples_stored += one.tuples_stored;
        all.tuples_quarantined += one.tuples_quarantined;
        all.tuples_cut += one.tuples_cut;
        self.oddities.merge(&report.oddities);
        self.quarantined.merge(&report.quarantined);
    }
}

impl Matching {
    fn add(&mut self, row: &Row<'_>) {
        self.weight.add(row);
        self.inbound += u64::from(row.direction == Direction::Inbound);
        let state = row.state.map_or(FlowState::ALL.len(), |state| state as usize);
        let counted = self
            .states
            .get_mut(state)
            .into_iter()
            .chain(self.formats.get_mut(row.format as usize));
        counted.for_each(|count| *count += 1);
        if row.format.is_aggregated() {
            let number = |flows: Option<i64>| u64::try_from(flows.unwrap_or(0)).unwrap_or(0);
            self.aggregated += 1;
            self.flows_started = self.flows_started.saturating_add(number(row.started));
            self.flows_completed = self.flows_completed.saturating_add(number(row.completed));
        }
        match row.encryption {
            None | Some("") => {}
            Some("X") => self.encrypted += 1,
            Some(logged) if encryption_words(logged).is_some() => self.not_encrypted += 1,
            Some(_) => self.encryption_unknown += 1,
        }
        self.platform += u64::from(row.rule_kind == RuleKind::Platform);
        self.first = Some(self.first.map_or(row.time, |first| first.min(row.time)));
        self.last = Some(self.last.map_or(row.time, |last| last.max(row.time)));
    }

    /// Name and count of each format that was seen.
    pub(crate) fn formats_seen(&self) -> impl Iterator<Item = (LogFormat, u64)> + '_ {
        LogFormat::ALL
            .iter()
            .copied()
            .zip(self.formats)
            .filter(|(_, count)| *count > 0)
    }
}
