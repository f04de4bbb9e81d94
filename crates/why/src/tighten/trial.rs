//! A proposal against flows of which it was not made: what it would turn away of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::Direction;
use model::facts::{ArmId, Asset, FactSet};
use nsg::Decision;

use super::propose::Proposal;
use crate::guards::Guards;
use crate::logged::{LoggedFlow, Sums};

/// So many peers are named.
const PEERS_NAMED: usize = 5;

/// Facts in which a group has the rules that are proposed.
#[must_use]
pub(super) fn applied(facts: &FactSet, proposal: &Proposal) -> FactSet {
    let mut facts = facts.clone();
    for held in facts
        .resources
        .iter_mut()
        .filter(|held| held.id == proposal.group)
    {
        if let Asset::SecurityGroup(group) = &mut held.asset {
            group.rules.retain(|rule| rule.is_default);
            group
                .rules
                .extend(proposal.rules.iter().map(|proposed| proposed.rule.clone()));
        }
    }
    // Rules that Azure computed are those of now.
    facts.effective.retain(|held| {
        held.groups
            .iter()
            .all(|group| group.group.as_ref() != Some(&proposal.group))
    });
    facts
}

/// Flows that would be turned away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newly {
    /// What they come to.
    pub sums: Sums,
    /// Some of their peers.
    pub peers: BTreeSet<IpAddr>,
    /// There are more.
    pub has_more_peers: bool,
}

/// By the rule that lets flows through now, and the interface, protocol and destination port.
pub type NewlyKey = (Direction, String, ArmId, u8, u16);

/// A proposal on trial.
pub struct Trial<'f> {
    now: Guards<'f>,
    then: Guards<'f>,
    complete: BTreeSet<ArmId>,
    /// What would be turned away.
    pub newly: BTreeMap<NewlyKey, Newly>,
    /// Flows that were let through and judged.
    pub judged: Sums,
    /// Flows of which it is not known what would become of them.
    pub open: Sums,
}

impl Proposal {
    /// Facts with what is proposed.
    #[must_use]
    pub fn applied(&self, facts: &FactSet) -> FactSet {
        applied(facts, self)
    }

    /// Puts it on trial. The second facts are the first with what is proposed.
    #[must_use]
    pub fn trial<'f>(&self, now: &'f FactSet, then: &'f FactSet) -> Trial<'f> {
        Trial {
            now: Guards::of(now),
            then: Guards::of(then),
            complete: self.complete.keys().cloned().collect(),
            newly: BTreeMap::new(),
            judged: Sums::default(),
            open: Sums::default(),
        }
    }
}

impl Trial<'_> {
    /// Takes a flow that an interface logged. What is turned away now, or was, cannot be newly turned away.
    pub fn take(&mut self, interface: &ArmId, logged: &LoggedFlow<'_>) {
        if !logged.is_allowed || !self.complete.contains(interface) {
            return;
        }
        let (Ok(now), Ok(then)) = (self.now.guard(interface), self.then.guard(interface)) else {
            return;
        };
        let flow = &logged.flow;
        let (before, after) = (now.judge(flow), then.judge(flow));
        if before.decision == Decision::Denied {
            return;
        }
        self.judged += &logged.sums;
        match after.decision {
            Decision::Denied => {}
            Decision::Unknown => {
                self.open += &logged.sums;
                return;
            }
            _ => return,
        }
        let rule = before.by.and_then(|place| now.rule(place));
        let rule = rule.map_or_else(|| "not known".to_owned(), |held| held.rule.name.clone());
        let key = (
            flow.direction,
            rule,
            interface.clone(),
            flow.protocol,
            flow.destination_port,
        );
        let newly = self.newly.entry(key).or_default();
        newly.sums += &logged.sums;
        let peer = match flow.direction {
            Direction::Inbound => flow.source,
            Direction::Outbound => flow.destination,
        };
        if newly.peers.len() < PEERS_NAMED {
            newly.peers.insert(peer);
        } else if !newly.peers.contains(&peer) {
            newly.has_more_peers = true;
        }
    }
}
