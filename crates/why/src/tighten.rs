//! Rules of one group, as narrow as what was let through needs them.
//!
//! A rule that lets traffic pass is narrowed to the ports and peers that were seen, with a margin, and stays where it is. So nothing is
//! let through that was not before, which is proved all the same. What logs cannot show is never taken away: ICMP and other
//! protocols, probes of load balancers, and what is met rarely or never stays as it is, and is listed.

mod narrow;
mod proof;
mod propose;
mod split;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use ahash::AHashMap;
use model::Direction;
use model::facts::{Access, ArmId, Asset, FactSet, Rule};
use nsg::{Decision, Estate, HeldRule, Surroundings};

use crate::coverage::Hours;
use crate::guards::Guards;
use crate::logged::{LoggedFlow, Sums};

pub use narrow::Margin;
use narrow::Peer;
pub use proof::{Widening, widens};
pub use propose::{Fate, Proposal, Proposed};
pub use trial::{Newly, NewlyKey, Trial};

/// So many different peers of a rule are kept; of more all are let through that were before.
const PEERS_MAX: usize = 2_000;

/// Why there is no proposal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TightenError {
    /// No such group.
    #[error("no network security group `{0}` is among the facts: `flowglass facts show` lists what is")]
    UnknownGroup(String),
    /// Several have the name.
    #[error("several network security groups are called `{0}`: give the id of one")]
    Ambiguous(String),
    /// It guards nothing.
    #[error(
        "group `{0}` guards no interface that is known: load `az network nic list` and `az network vnet list`"
    )]
    GuardsNothing(String),
    /// Rules of it are not known.
    #[error("group `{group}`: {reason}; nothing is proposed for rules that are not all known")]
    NotKnown {
        /// The group.
        group: String,
        /// What is not known, with the rule.
        reason: String,
    },
    /// No interface that it guards logged in every hour.
    #[error(
        "group `{0}`: no interface that it guards logged in enough of its hours; `--coverage` says how many percent are enough"
    )]
    NothingComplete(String),
    /// There is no room for the rules.
    #[error(
        "group `{0}`: what would be proposed has more rules than a group may have, 1,000, or numbers than there are"
    )]
    TooManyRules(String),
    /// It could not be proved that nothing is widened.
    #[error("group `{group}`: {widening}; nothing is proposed")]
    Unproved {
        /// The group.
        group: String,
        /// What was found.
        widening: Widening,
    },
}

/// What was seen of a rule.
#[derive(Clone, Debug, Default)]
struct Seen {
    sums: Sums,
    /// Days on which it was met.
    days: BTreeSet<i64>,
    /// By protocol and destination port.
    peers: BTreeMap<(u8, u16), BTreeSet<Peer>>,
    has_many_peers: bool,
    /// Flows that it may have met.
    open: u64,
}

/// A group with what was seen of each of its rules.
pub struct Learner<'f> {
    facts: &'f FactSet,
    guards: Guards<'f>,
    group: ArmId,
    rules: Vec<HeldRule>,
    places: AHashMap<(Direction, String), usize>,
    around: Vec<Surroundings>,
    margin: Margin,
    complete: BTreeMap<ArmId, Hours>,
    skipped: BTreeMap<ArmId, Hours>,
    seen: Vec<Seen>,
    /// Flows that were let through and that the rules of now turn away: they say nothing of these.
    logged_otherwise: Sums,
}

const DAY: i64 = 86_400_000_000;

/// Of the group that is called or has the id.
pub fn learner<'f>(facts: &'f FactSet, group: &str, margin: Margin) -> Result<Learner<'f>, TightenError> {
    let is_meant = |id: &ArmId| match ArmId::parse(group) {
        Some(typed) => typed == *id,
        None => id.name().eq_ignore_ascii_case(group),
    };
    let mut groups = facts
        .resources
        .iter()
        .filter(|held| matches!(held.asset, Asset::SecurityGroup(_)) && is_meant(&held.id));
    let found = groups
        .next()
        .ok_or_else(|| TightenError::UnknownGroup(group.to_owned()))?;
    if groups.next().is_some() {
        return Err(TightenError::Ambiguous(group.to_owned()));
    }
    Learner::of(facts, &found.id, margin)
}

impl<'f> Learner<'f> {
    fn of(facts: &'f FactSet, group: &ArmId, margin: Margin) -> Result<Self, TightenError> {
        let estate = Estate::of(facts);
        let name = || group.name().to_owned();
        let Some((level, problems)) = estate.rules_of(group) else {
            return Err(TightenError::UnknownGroup(name()));
        };
        let unread = level.rules.iter().find_map(|held| {
            if let Some(property) = held.rule.unknown.first() {
                return Some(format!(
                    "rule `{}` has property `{property}`, which is not known",
                    held.rule.name
                ));
            }
            [&held.rule.source, &held.rule.destination]
                .into_iter()
                .find_map(|side| {
                    let text = side
                        .unread_addresses
                        .first()
                        .or_else(|| side.unread_ports.first())?;
                    Some(format!(
                        "rule `{}` has `{text}`, which could not be read",
                        held.rule.name
                    ))
                })
        });
        let problem = problems.first().map(|problem| problem.message.clone());
        if let Some(reason) = level.unknown.first().cloned().or(unread).or(problem) {
            return Err(TightenError::NotKnown {
                group: name(),
                reason,
            });
        }
        let interfaces: Vec<ArmId> = estate
            .interfaces()
            .filter(|interface| estate.groups_at(interface).contains(group))
            .cloned()
            .collect();
        let around = crate::hygiene::surroundings(&estate, &interfaces);
        if interfaces.is_empty() {
            return Err(TightenError::GuardsNothing(name()));
        }
        let places = level.rules.iter().enumerate();
        let places = places.map(|(at, held)| {
            let name = held.rule.name.to_ascii_lowercase();
            ((held.rule.direction, name), at)
        });
        Ok(Self {
            facts,
            guards: Guards::of(facts),
            group: group.clone(),
            places: places.collect(),
            seen: vec![Seen::default(); level.rules.len()],
            rules: level.rules,
            around,
            margin,
            complete: BTreeMap::new(),
            skipped: interfaces.into_iter().map(|id| (id, Hours::default())).collect(),
            logged_otherwise: Sums::default(),
        })
    }

    /// The group.
    #[must_use]
    pub const fn group(&self) -> &ArmId {
        &self.group
    }

    /// True if rules name source ports: then flows are needed with theirs.
    #[must_use]
    pub fn names_source_ports(&self) -> bool {
        let all = [model::facts::PortRange::ALL];
        self.rules.iter().any(|held| held.rule.source.ports != all)
    }

    /// Says in how many hours each interface logged. Those with fewer percent of their hours are skipped: nothing is learned of
    /// them, and nothing is taken from them.
    pub fn cover(&mut self, hours: impl Fn(&ArmId) -> Hours, percent: u64) {
        let all = std::mem::take(&mut self.skipped).into_iter();
        let all = all.chain(std::mem::take(&mut self.complete));
        let all: Vec<ArmId> = all.map(|(id, _)| id).collect();
        for id in all {
            let held = hours(&id);
            let is_enough = held.expected > 0 && held.logged * 100 >= held.expected * percent;
            let place = if is_enough {
                &mut self.complete
            } else {
                &mut self.skipped
            };
            place.insert(id, held);
        }
    }

    /// Takes a flow that an interface logged.
    pub fn take(&mut self, interface: &ArmId, logged: &LoggedFlow<'_>) {
        if !logged.is_allowed || !self.complete.contains_key(interface) {
            return;
        }
        let Ok(guard) = self.guards.guard(interface) else {
            return;
        };
        let path = guard.path(&logged.flow);
        if path.verdict.decision == Decision::Denied {
            self.logged_otherwise += &logged.sums;
            return;
        }
        let place = |place| {
            let held: &HeldRule = guard.rule(place)?;
            let is_own = held.owner.as_ref() == Some(&self.group);
            let name = (held.rule.direction, held.rule.name.to_ascii_lowercase());
            self.places.get(&name).copied().filter(|_| is_own)
        };
        let sure: Vec<usize> = path.rules().filter_map(place).collect();
        let open: Vec<usize> = match path.is_known() {
            true => Vec::new(),
            false => guard
                .candidates(&logged.flow)
                .into_iter()
                .filter_map(place)
                .collect(),
        };
        for at in open.into_iter().filter(|at| !sure.contains(at)) {
            if let Some(seen) = self.seen.get_mut(at) {
                seen.open += logged.sums.lines;
            }
        }
        for at in sure {
            self.see(at, logged);
        }
    }

    fn see(&mut self, at: usize, logged: &LoggedFlow<'_>) {
        let (Some(held), Some(seen)) = (self.rules.get(at), self.seen.get_mut(at)) else {
            return;
        };
        seen.sums += &logged.sums;
        if let Some((first, last)) = logged.sums.times {
            seen.days.extend([first.div_euclid(DAY), last.div_euclid(DAY)]);
        }
        if held.rule.access != Access::Allow {
            return;
        }
        let flow = &logged.flow;
        let address = match flow.direction {
            Direction::Inbound => flow.source,
            Direction::Outbound => flow.destination,
        };
        let peer = narrow::peer(&held.rule, address, self.margin, &self.around);
        let peers = seen
            .peers
            .entry((flow.protocol, flow.destination_port))
            .or_default();
        if peers.len() < PEERS_MAX {
            peers.insert(peer);
        } else if !peers.contains(&peer) {
            seen.has_many_peers = true;
        }
    }

    /// The rules that are proposed, proved to let through nothing that the rules of now turn away.
    pub fn propose(&self) -> Result<Proposal, TightenError> {
        if self.complete.is_empty() {
            return Err(TightenError::NothingComplete(self.group.name().to_owned()));
        }
        let proposal = propose::propose(self)?;
        proof::never_widens(self, &proposal).map_err(|widening| TightenError::Unproved {
            group: self.group.name().to_owned(),
            widening,
        })?;
        Ok(proposal)
    }
}

/// The side of a rule that is not at the interface that it guards.
fn peer_side(rule: &Rule) -> &model::facts::Side {
    match rule.direction {
        Direction::Inbound => &rule.source,
        Direction::Outbound => &rule.destination,
    }
}
