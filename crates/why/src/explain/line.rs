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

impl Line {
    const fn reports_replies(&self) -> bool {
        let counters = &self.counters;
        matches!(self.state, Some(FlowState::Continue | FlowState::End))
            && (counters.packets_received.is_some() || counters.bytes_received.is_some())
    }

    /// Its record, and its place there: of tuples of one moment the order in which they were written.
    fn place(&self) -> (&str, u64) {
        match self.flow_id.rsplit_once('-') {
            Some((record, place)) => (record, place.parse().unwrap_or_default()),
            None => (&self.flow_id, 0),
        }
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
    /// A tuple that goes on or ends reports counters: those of a beginning are zero, whatever comes.
    #[serde(skip)]
    pub reports_replies: bool,
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
            reports_replies: lines.iter().any(|line| line.reports_replies()),
        }
    }

    /// Whether a reply came; none where no counter says it. A denial has no reply.
    #[must_use]
    pub const fn is_answered(&self) -> Option<bool> {
        match (self.counters.packets_received, self.counters.bytes_received) {
            (Some(1..), _) | (_, Some(1..)) => Some(true),
            _ if self.reports_replies => Some(false),
            _ => None,
        }
    }
}

/// A flow that goes on says something every five minutes: after so long without, it is another.
const GAP: i64 = 30 * 60 * 1_000_000;
/// What both ends log of the same moment may lie so far apart.
const APART: i64 = 90 * 1_000_000;

/// Which of many flows is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meaning<'m> {
    /// The one that is closest to this time; without it the last.
    pub at: Option<i64>,
    /// The one that this tuple is of.
    pub flow_id: Option<&'m str>,
}

/// Of tuples of one five-tuple those of one flow.
#[must_use]
pub fn one_flow<'l>(lines: &'l [Line], meant: Meaning<'_>) -> Vec<&'l Line> {
    let all: Vec<&Line> = lines.iter().collect();
    let named = meant
        .flow_id
        .and_then(|id| lines.iter().find(|line| line.flow_id == id));
    let chosen = named.or_else(|| all.get(closest(&all, meant.at)?).copied());
    let all: Vec<(FlowKey, &Line)> = lines.iter().map(|line| (line.key, line)).collect();
    chosen.map_or_else(Vec::new, |line| cut(&all, (line.key, line)))
}

/// The place of the tuple that is closest to a time; of the last one without it.
pub(super) fn closest(lines: &[&Line], at: Option<i64>) -> Option<usize> {
    let distance = |line: &Line| match at {
        Some(at) => line.at.abs_diff(at),
        None => i64::MAX.abs_diff(line.at),
    };
    let all = lines.iter().enumerate();
    let (place, _) = all.min_by_key(|(_, line)| distance(line))?;
    Some(place)
}

/// The tuples of a tuple's flow, among those of one five-tuple: of each its flow as it was sent is given, for ends may log other addresses.
pub(super) fn cut<'l>(all: &[(FlowKey, &'l Line)], chosen: (FlowKey, &'l Line)) -> Vec<&'l Line> {
    let (sent, chosen) = chosen;
    let same = all.iter().filter(|(key, _)| *key == sent);
    let mut same: Vec<&Line> = same.map(|(_, line)| *line).collect();
    same.sort_by_key(|line| (line.at, line.place()));
    // Who logged most of what is around it shows where it begins and ends; others have their own clock.
    let is_own = |line: &&Line| line.mac == chosen.mac && line.direction == chosen.direction;
    let own: Vec<&Line> = same.iter().copied().filter(is_own).collect();
    let place = own
        .iter()
        .position(|line| std::ptr::eq(*line, chosen))
        .unwrap_or_default();
    let mut first = place;
    while own.get(first).is_some_and(|line| !line.is_start()) {
        let Some(before) = first.checked_sub(1).and_then(|at| own.get(at)) else {
            break;
        };
        let gap = own.get(first).map_or(0, |line| line.at.saturating_sub(before.at));
        if gap > GAP || before.state == Some(FlowState::End) {
            break;
        }
        first -= 1;
    }
    let mut last = place;
    while let (Some(line), Some(next)) = (own.get(last), own.get(last + 1)) {
        let ends = line.state == Some(FlowState::End);
        if ends || next.is_start() || next.at.saturating_sub(line.at) > GAP {
            break;
        }
        last += 1;
    }
    let flow: Vec<&Line> = own.get(first..=last).unwrap_or_default().to_vec();
    let from = flow
        .first()
        .map_or(chosen.at, |line| line.at)
        .saturating_sub(APART);
    let to = flow
        .last()
        .map_or(chosen.at, |line| line.at)
        .saturating_add(APART);
    same.retain(|line| match is_own(line) {
        true => flow.iter().any(|held| std::ptr::eq(*held, *line)),
        false => (from..=to).contains(&line.at),
    });
    same
}
