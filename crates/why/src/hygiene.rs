//! What is wrong with rules by themselves: those that nothing can meet, that change nothing, that contradict others, that let through
//! too much.
//!
//! Sets of flows are compared, not samples. What depends on tags or members that are not known is told as not known.

mod list;
mod named;
mod partly;
mod wide;

use std::collections::BTreeMap;

use ahash::AHashSet;
use model::Direction;
use model::facts::{ArmId, Asset, FactSet};
use nsg::{Estate, HeldRule, LevelKind, Problem, Surroundings};
use serde::Serialize;

pub(crate) use named::has_group;
pub use partly::Loss;
pub use wide::MANAGEMENT_PORTS;

/// What is found about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// All that it matches is matched by rules before it; without any of these it matches nothing at all.
    Shadowed,
    /// Without it every verdict would be the same.
    Redundant,
    /// A rule before it matches the same and does the opposite.
    Conflicting,
    /// Rules before it take a part of what it matches, and do the opposite.
    PartlyConflicting,
    /// It lets everything through, from everywhere to everywhere.
    AnyAny,
    /// It opens ports by which machines are managed to the internet.
    ManagementFromInternet,
    /// Nothing met it.
    Unused,
    /// Of its ports only a few were used.
    UnusedShare,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Shadowed,
        Self::Redundant,
        Self::Conflicting,
        Self::PartlyConflicting,
        Self::AnyAny,
        Self::ManagementFromInternet,
        Self::Unused,
        Self::UnusedShare,
    ];

    /// Its name, as it is written everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shadowed => "shadowed",
            Self::Redundant => "redundant",
            Self::Conflicting => "conflicting",
            Self::PartlyConflicting => "partly-conflicting",
            Self::AnyAny => "any-any",
            Self::ManagementFromInternet => "management-from-internet",
            Self::Unused => "unused",
            Self::UnusedShare => "unused-share",
        }
    }
}

/// Something that is found about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The rule, by its place in the list.
    pub rule: usize,
    /// The rules that cause it, by their places, in the order in which they are asked.
    pub causes: Vec<usize>,
    /// What is lost to each of these, of what is partly lost.
    pub losses: Vec<Loss>,
    /// It is so whatever is not known; else it may be so.
    pub is_known: bool,
}

/// The rules of a group or of a collection of security admin rules, with what is found about them.
#[derive(Clone, Debug)]
pub struct RuleList {
    /// The group or the collection.
    pub owner: ArmId,
    /// At which level: `Subnet` stands for groups, wherever they are.
    pub kind: LevelKind,
    /// The rules of both directions, in the order in which they are asked.
    pub rules: Vec<HeldRule>,
    /// Why there may be rules that are not known.
    pub unknown: Vec<String>,
    /// What is wrong with the facts.
    pub problems: Vec<Problem>,
    /// What rules name and facts do not have.
    pub missing: Vec<Problem>,
    /// The interfaces that are guarded, as far as they are known; of security admin rules those that may be.
    pub interfaces: Vec<ArmId>,
    /// What is found, rule by rule.
    pub findings: Vec<Finding>,
    /// Directions whose rules overlap in more ways than are looked at.
    pub given_up: Vec<Direction>,
}

/// All groups and collections of security admin rules among facts.
#[must_use]
pub fn hygiene(facts: &FactSet) -> Vec<RuleList> {
    let estate = Estate::of(facts);
    let mut guarded: BTreeMap<ArmId, Vec<ArmId>> = BTreeMap::new();
    for interface in estate.interfaces() {
        let collections = estate.collections_at(interface);
        for group in estate.groups_at(interface).into_iter().chain(collections) {
            guarded.entry(group).or_default().push(interface.clone());
        }
    }
    let owners = facts
        .resources
        .iter()
        .filter(|held| matches!(held.asset, Asset::SecurityGroup(_) | Asset::AdminRules(_)));
    let mut lists: Vec<RuleList> = owners
        .filter_map(|held| {
            let interfaces = guarded.remove(&held.id).unwrap_or_default();
            of_owner(&estate, facts, &held.id, interfaces)
        })
        .collect();
    lists.sort_by(|one, other| one.owner.cmp(&other.owner));
    lists
}

fn of_owner(estate: &Estate<'_>, facts: &FactSet, owner: &ArmId, interfaces: Vec<ArmId>) -> Option<RuleList> {
    let (level, mut problems) = estate.rules_of(owner)?;
    problems.extend(named::unread(owner, &level.rules));
    let missing = named::missing(facts, owner, &level.rules);
    let mut list = RuleList {
        owner: owner.clone(),
        kind: level.kind,
        rules: level.rules,
        unknown: level.unknown,
        problems,
        missing,
        interfaces,
        findings: Vec::new(),
        given_up: Vec::new(),
    };
    let around = surroundings(estate, &list.interfaces);
    for direction in [Direction::Inbound, Direction::Outbound] {
        let places: Vec<usize> = (0..list.rules.len())
            .filter(|at| {
                list.rules
                    .get(*at)
                    .is_some_and(|held| held.rule.direction == direction)
            })
            .collect();
        let rules: Vec<HeldRule> = places
            .iter()
            .filter_map(|at| list.rules.get(*at).cloned())
            .collect();
        let found: Result<Vec<Vec<Finding>>, _> = around
            .iter()
            .map(|around| list::findings(&rules, list.kind, !list.unknown.is_empty(), around))
            .collect();
        match found {
            Err(_) => list.given_up.push(direction),
            Ok(found) => list.findings.extend(
                agreed(&found)
                    .into_iter()
                    .map(|finding| in_list(finding, &places)),
            ),
        }
    }
    list.findings.sort_by_key(|finding| (finding.rule, finding.kind));
    Some(list)
}

/// A finding about rules of one direction, by the places of these in the whole list.
fn in_list(mut finding: Finding, places: &[usize]) -> Finding {
    let place = |at: &usize| places.get(*at).copied().unwrap_or_default();
    finding.rule = place(&finding.rule);
    finding.causes = finding.causes.iter().map(place).collect();
    for loss in &mut finding.losses {
        loss.to = place(&loss.to);
    }
    finding
}

/// What tags mean at the interfaces of a group, each case once.
pub(crate) fn surroundings(estate: &Estate<'_>, interfaces: &[ArmId]) -> Vec<Surroundings> {
    let mut known: AHashSet<Vec<ArmId>> = AHashSet::new();
    let mut around: Vec<Surroundings> = Vec::new();
    for interface in interfaces {
        let subnets = estate.subnets_of(interface);
        // Routes that Azure computed are of one interface; all else is of its subnet.
        if !estate.has_own_routes(interface) && !known.insert(subnets) {
            continue;
        }
        let Ok(held) = estate.surroundings_of(interface) else {
            continue;
        };
        if !around.iter().any(|other| other.means_the_same(&held)) {
            around.push(held);
        }
    }
    if around.is_empty() {
        around.push(estate.surroundings_of_nobody());
    }
    around
}

/// What is found in all surroundings is known; what is found in some may be so.
fn agreed(found: &[Vec<Finding>]) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for finding in found.iter().flatten() {
        let is_same = |held: &Finding| held.kind == finding.kind && held.rule == finding.rule;
        if all.iter().any(is_same) {
            continue;
        }
        let mut agreed = finding.clone();
        for other in found {
            match other.iter().find(|held| is_same(held)) {
                Some(held) => agreed.is_known &= held.is_known && held.losses == finding.losses,
                None => agreed.is_known = false,
            }
        }
        all.push(agreed);
    }
    all
}
