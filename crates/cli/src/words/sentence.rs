//! One entry, one line: when, which way, who to whom, decided by what, and what was counted.
//! Parts are set apart by two spaces, so that a line can be read and cut up alike.

use std::fmt::Write as _;

use enrich::{End, Ends, Origin, Origins};
use model::{Direction, FlowState, FlowStatus, LogFormat};

use super::decision::decision;
use super::endpoint::{Service, endpoint, has_ports, kind, service, service_text};
use crate::instant;
use crate::quantity::{counted, grouped};
use crate::reading::row::{Counters, Row};
use model::printable;

/// Marks put around what was denied. Empty unless a terminal may be coloured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) denied: &'static str,
    pub(crate) end: &'static str,
}

impl Marks {
    /// Red for denials.
    pub(crate) const COLOR: Self = Self {
        denied: "\x1b[31m",
        end: "\x1b[0m",
    };
}

/// What facts say of the two ends of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Who they are.
    pub(crate) ends: Ends,
    /// Where they are, of public ones.
    pub(crate) origins: Origins,
}

/// The sentence about one entry; of its ends, what facts say, where some are at hand.
pub(crate) fn sentence(row: &Row<'_>, marks: Marks, told: Option<&Told>) -> String {
    let mut text = instant::words(row.time, row.format.is_nsg());
    text.push_str("  ");
    text.push_str(&direction(row));
    text.push_str("  ");
    text.push_str(&who(row, told));
    text.push_str("  ");
    let decided = decision(row.status, row.rule_kind, row.rule, row.acl, row.format);
    if row.status == FlowStatus::Denied {
        let _ = write!(text, "{}{decided}{}", marks.denied, marks.end);
    } else {
        text.push_str(&decided);
    }
    let remarks: Vec<String> = [
        what_happened(row),
        encryption(row),
        late_reply(row),
        repeated(row),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !remarks.is_empty() {
        text.push_str("  ");
        text.push_str(&remarks.join("; "));
    }
    text
}

/// Seen from the network interface that reported it.
fn direction(row: &Row<'_>) -> String {
    let (word, preposition) = match row.direction {
        Direction::Inbound => ("inbound", "to"),
        Direction::Outbound => ("outbound", "from"),
    };
    match row.mac {
        Some(mac) => format!("{word} {preposition} NIC {}", printable::text(mac)),
        None => format!("{word}, NIC not logged"),
    }
}

fn who(row: &Row<'_>, told: Option<&Told>) -> String {
    let source_port = row.source_port.unwrap_or(0);
    let with_ports = has_ports(row.protocol.number, (source_port, row.destination_port));
    let port = |port: Option<u16>| port.filter(|_| with_ports);
    format!(
        "{} ({}) -> {} {} ({})",
        endpoint(row.source, port(row.source_port)),
        named(
            kind(row.source.ip),
            told.map(|told| (&told.ends.source, &told.origins.source))
        ),
        endpoint(row.destination, port(Some(row.destination_port))),
        service_text(
            service(source_port, row.destination_port, row.protocol.number),
            row.protocol
        ),
        named(
            kind(row.destination.ip),
            told.map(|told| (&told.ends.destination, &told.origins.destination))
        ),
    )
}

/// What a list says of an end.
fn harm(end: &End) -> Option<String> {
    let threat = end.threat.as_ref()?;
    Some(match threat.kind.as_str() {
        "" => "known for harm".to_owned(),
        kind => format!("known for harm: {}", printable::text(kind)),
    })
}

/// `vm-web-02, internal` or `internet, DE, AS3320 Deutsche Telekom AG`: the name that facts give an end before what kind of
/// address it has, and after that where it is.
fn named(kind: &str, end: Option<(&End, &Origin)>) -> String {
    let name = end.and_then(|(end, _)| harm(end).or_else(|| name(end)));
    let origin = end
        .filter(|(_, origin)| !origin.is_empty())
        .map(|(_, origin)| printable::text(&origin.to_string()).into_owned());
    let parts = [name, Some(kind.to_owned()), origin];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn name(end: &End) -> Option<String> {
    let tag = end.service_tags.split(' ').next().unwrap_or_default();
    let names = [end.machine.as_str(), &end.load_balancer, &end.interface, tag];
    let name = names.into_iter().find(|name| !name.is_empty())?;
    // Without its group, unless several may be meant.
    let short = name.rsplit('/').next().filter(|_| !name.contains(' '));
    Some(printable::text(short.unwrap_or(name)).into_owned())
}

/// Begin, continue or end, and what was counted. A denial has neither.
fn what_happened(row: &Row<'_>) -> Option<String> {
    if row.format.is_aggregated() {
        return Some(stands_for(row));
    }
    if row.format == LogFormat::Flat && row.state.is_none() {
        return (row.counters != Counters::default()).then(|| counters(row.counters, ""));
    }
    let word = match row.state {
        // Version 2 of the NSG log writes a denial as a beginning.
        _ if row.status == FlowStatus::Denied => return None,
        Some(FlowState::Begin) if is_nothing(row.counters) => return Some("begin".to_owned()),
        Some(FlowState::Begin) => "begin",
        Some(FlowState::Continue) => "continues",
        Some(FlowState::End) => "end",
        Some(FlowState::Denied) => return None,
        None if row.format == LogFormat::Nsg1 => {
            return Some("state and counters are not in version 1 of the log".to_owned());
        }
        None => return Some("state not logged".to_owned()),
    };
    Some(format!("{word}: {}", counters(row.counters, SINCE)))
}

/// An aggregated row: how many flows, and what they carried together.
fn stands_for(row: &Row<'_>) -> String {
    let number = |flows: i64| u64::try_from(flows).unwrap_or(0);
    // What was denied has not begun.
    let word = if row.status == FlowStatus::Denied {
        ""
    } else {
        " begun"
    };
    let begun = match row.started {
        Some(flows) => format!("{}{word}", counted(number(flows), "flow")),
        None => "flows not counted".to_owned(),
    };
    let ended = row
        .completed
        .map(|flows| format!(", {} ended", grouped(number(flows))))
        .unwrap_or_default();
    if row.status == FlowStatus::Denied && is_nothing(row.counters) {
        return begun;
    }
    format!("{begun}{ended}: {}", counters(row.counters, ""))
}

fn is_nothing(counters: Counters) -> bool {
    let all = [
        counters.packets_sent,
        counters.bytes_sent,
        counters.packets_received,
        counters.bytes_received,
    ];
    all.iter().all(|value| value.unwrap_or(0) == 0)
}

/// Counters of a tuple are what was added since the previous entry of the flow, never totals.
const SINCE: &str = " since the previous entry";

fn counters(counters: Counters, since: &str) -> String {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    let way = |packets: Option<i64>, bytes: Option<i64>, word: &str| {
        let packets = packets.map(|value| counted(number(value), "packet"));
        let bytes = bytes.map(|value| format!("{} B", grouped(number(value))));
        match (packets, bytes) {
            (Some(packets), Some(bytes)) => format!("{packets} {bytes} {word}"),
            (Some(packets), None) => format!("{packets} {word} (bytes not reported)"),
            (None, Some(bytes)) => format!("{bytes} {word} (packets not reported)"),
            (None, None) => format!("{word} not reported"),
        }
    };
    if counters == Counters::default() {
        return "counters not reported".to_owned();
    }
    format!(
        "{}, {}{since}",
        way(counters.packets_sent, counters.bytes_sent, "sent"),
        way(counters.packets_received, counters.bytes_received, "returned"),
    )
}

fn encryption(row: &Row<'_>) -> Option<String> {
    let logged = row.encryption.filter(|logged| !logged.is_empty())?;
    let known = encryption_words(logged).map(str::to_owned);
    Some(known.unwrap_or_else(|| {
        format!(
            "encryption `{}`, which no documentation names",
            printable::text(logged)
        )
    }))
}

/// A value of the encryption column in words, if the documentation names it. `X` alone is encrypted.
/// <https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview#virtual-network-flow-logs-and-virtual-network-encryption>
pub(crate) fn encryption_words(logged: &str) -> Option<&'static str> {
    Some(match logged {
        "X" => "encrypted",
        "NX" => "not encrypted",
        "NX_HW_NOT_SUPPORTED" => "not encrypted: the host's hardware cannot",
        "NX_SW_NOT_READY" => "not encrypted: software not ready",
        "NX_NOT_ACCEPTED" => "not encrypted, which the network does not accept",
        "NX_NOT_SUPPORTED" => "not encrypted: discovery not supported",
        "NX_LOCAL_DST" => "not encrypted: the destination is on the same host",
        "NX_FALLBACK" => "not encrypted: fell back",
        _ => return None,
    })
}

fn late_reply(row: &Row<'_>) -> Option<String> {
    let source_port = row.source_port?;
    match service(source_port, row.destination_port, row.protocol.number) {
        Service::LateReply(label) => Some(format!(
            "likely a late reply from {label} (port {source_port}), not a connection the source opened"
        )),
        _ => None,
    }
}

fn repeated(row: &Row<'_>) -> Option<String> {
    row.repeated
        .then(|| "its record stood in the file before".to_owned())
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
