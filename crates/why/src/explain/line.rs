//! A tuple of a flow as an interface logged it, and what several of them come to.

use std::net::IpAddr;

use model::facts::Mac;
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use serde::Serialize;

/// The five parts of a flow, as the one who opened it meant them. Who asks may not know all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowKey {
    /// Who opened it.
    pub source: IpAddr,
    /// From which port.
    pub source_port: Option<u16>,
    /// To whom.
    pub destination: IpAddr,
    /// To which port.
    pub destination_port: Option<u16>,
    /// The number of the protocol.
    pub protocol: Option<u8>,
}

/// What was counted since the tuple before; none where it was not reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Packets from source to destination.
    pub packets_sent: Option<i64>,
    /// Bytes from source to destination.
    pub bytes_sent: Option<i64>,
    /// Packets from destination to source.
    pub packets_received: Option<i64>,
    /// Bytes from destination to source.
    pub bytes_received: Option<i64>,
}

/// One tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// The interface that reported it.
    pub mac: Option<Mac>,
    /// As that interface saw it.
    pub direction: Direction,
    /// Whose flow.
    pub key: FlowKey,
    /// `B`, `C`, `E`, `D`; none in the oldest logs.
    pub state: Option<FlowState>,
    /// What was decided.
    pub status: FlowStatus,
    /// As logged: `X`, `NX`, `NX_…`.
    pub encryption: String,
    /// What was counted.
    pub counters: Counters,
    /// What kind of rule decided.
    pub rule_kind: RuleKind,
    /// Its name as logged, prefix and case kept.
    pub rule: String,
    /// Its group as logged.
    pub group: String,
    /// What the flow log is enabled on.
    pub target: String,
    /// The layout that it was read by.
    pub format: String,
    /// Its identity.
    pub flow_id: String,
}

impl Line {
    /// True if it opens the flow, or is all of it.
    pub(crate) const fn is_start(&self) -> bool {
        matches!(self.state, None | Some(FlowState::Begin | FlowState::Denied))
    }
}

/// What one interface logged of the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// Tuples.
    pub tuples: usize,
    /// Those that are denied.
    pub denied: usize,
    /// The first, in microseconds since 1970.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub first: i64,
    /// The last.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub last: i64,
    /// The states, in the order of their times: `BCE`.
    pub states: String,
    /// Everything that was reported; none where nothing was.
    pub counters: Counters,
}

impl Sums {
    /// Of tuples in the order of their times.
    pub(crate) fn of(lines: &[&Line]) -> Self {
        let mut counters = Counters::default();
        for line in lines {
            let parts = [
                (&mut counters.packets_sent, line.counters.packets_sent),
                (&mut counters.bytes_sent, line.counters.bytes_sent),
                (&mut counters.packets_received, line.counters.packets_received),
                (&mut counters.bytes_received, line.counters.bytes_received),
            ];
            for (sum, more) in parts {
                if let Some(more) = more {
                    *sum = Some(sum.unwrap_or_default().saturating_add(more));
                }
            }
        }
        let states = lines.iter().filter_map(|line| line.state);
        let times = || lines.iter().map(|line| line.at);
        Self {
            tuples: lines.len(),
            denied: lines
                .iter()
                .filter(|line| line.status == FlowStatus::Denied)
                .count(),
            first: times().min().unwrap_or_default(),
            last: times().max().unwrap_or_default(),
            states: states.map(FlowState::as_str).collect(),
            counters,
        }
    }

    /// Whether a reply came; none where no counter says it. A denial has no reply.
    #[must_use]
    pub const fn is_answered(&self) -> Option<bool> {
        match (self.counters.packets_received, self.counters.bytes_received) {
            (None, None) => None,
            (packets, bytes) => Some(matches!(packets, Some(1..)) || matches!(bytes, Some(1..))),
        }
    }
}

/// A flow that goes on says something every five minutes: after so long without, it is another.
const GAP: i64 = 30 * 60 * 1_000_000;
/// What both ends log of the same moment may lie so far apart.
const APART: i64 = 90 * 1_000_000;

/// Of tuples of one five-tuple those of one flow: that of the tuple closest to a time, or of the last.
#[must_use]
pub fn one_flow(lines: &[Line], at: Option<i64>) -> Vec<&Line> {
    let distance = |line: &&Line| match at {
        Some(at) => line.at.abs_diff(at),
        None => i64::MAX.abs_diff(line.at),
    };
    let Some(chosen) = lines.iter().min_by_key(distance) else {
        return Vec::new();
    };
    let mut same: Vec<&Line> = lines.iter().filter(|line| line.key == chosen.key).collect();
    same.sort_by_key(|line| line.at);
    // Who logged most of what is around it shows where it begins and ends; others have their own clock.
    let own: Vec<&&Line> = same
        .iter()
        .filter(|line| line.mac == chosen.mac && line.direction == chosen.direction)
        .collect();
    let place = own
        .iter()
        .position(|line| line.at == chosen.at)
        .unwrap_or_default();
    let (mut first, mut last) = (chosen.at, chosen.at);
    let mut is_open = !chosen.is_start();
    for line in own.iter().take(place).rev() {
        if !is_open || first.saturating_sub(line.at) > GAP || line.state == Some(FlowState::End) {
            break;
        }
        first = line.at;
        is_open = !line.is_start();
    }
    for line in own.iter().skip(place + 1) {
        if line.is_start() || line.at.saturating_sub(last) > GAP {
            break;
        }
        last = line.at;
    }
    let around = first.saturating_sub(APART)..=last.saturating_add(APART);
    same.retain(|line| {
        let is_own = line.mac == chosen.mac && line.direction == chosen.direction;
        match is_own {
            true => (first..=last).contains(&line.at),
            false => around.contains(&line.at),
        }
    });
    same
}
