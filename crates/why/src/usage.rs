//! How often rules were met. A log names the last group that a flow passed; the rules that let it pass before are found by evaluating
//! all of them.
//!
//! A flow counts for the rules on its path only where the evaluated path ends as the log says, in the verdict and in the rule. Elsewhere the
//! rule that the log names counts, and those that were evaluated may have been met.

mod unused;

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use model::facts::{Access, ArmId, Asset, FactSet, Mac, Rule};
use model::{Direction, RuleKind};
use nsg::{Decision, Guard, HeldRule, RulePlace};

use crate::guards::Guards;
use crate::logged::{LoggedFlow, Sums};

pub(crate) use unused::names_host;
pub use unused::{Observed, count_ports, observed, unused};

/// So many ports of a rule are kept; of more it is only known that there were more.
const PORTS_MAX: usize = 2_048;

/// A rule by its owner, direction and name in lower case: names are compared ignoring case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// The group or the collection.
    pub owner: ArmId,
    /// Its direction: names are of one namespace, but for the rules that Azure gives.
    pub direction: Direction,
    /// The name, in lower case.
    pub name: String,
}

impl RuleId {
    /// Of a rule; none if nobody owns it.
    #[must_use]
    pub fn of(held: &HeldRule) -> Option<Self> {
        Some(Self {
            owner: held.owner.clone()?,
            direction: held.rule.direction,
            name: held.rule.name.to_ascii_lowercase(),
        })
    }
}

/// How a rule was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleUse {
    /// Flows that it surely met.
    pub met: Sums,
    /// Flows that it may have met.
    pub perhaps: Sums,
    /// The destination ports of flows that it met or may have met; [`RuleUse::has_more_ports`] says if there were more.
    pub ports: AHashSet<u16>,
    /// There were more ports than are kept.
    pub has_more_ports: bool,
}

impl RuleUse {
    fn add(&mut self, logged: &LoggedFlow<'_>, is_sure: bool) {
        let sums = if is_sure { &mut self.met } else { &mut self.perhaps };
        *sums += &logged.sums;
        self.add_port(logged.flow.destination_port);
    }

    fn merge(&mut self, other: &Self) {
        self.met += &other.met;
        self.perhaps += &other.perhaps;
        self.has_more_ports |= other.has_more_ports;
        other.ports.iter().for_each(|port| self.add_port(*port));
    }

    fn add_port(&mut self, port: u16) {
        if self.ports.len() < PORTS_MAX {
            self.ports.insert(port);
        } else if !self.ports.contains(&port) {
            self.has_more_ports = true;
        }
    }

    /// Flows begun or turned away, that it surely met.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.met.attempts
    }

    /// When it was last met for sure, in microseconds since 1970.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.met.times.map(|(_, last)| last)
    }

    /// Nothing met it, and nothing may have.
    #[must_use]
    pub const fn is_unused(&self) -> bool {
        self.met.lines == 0 && self.perhaps.lines == 0
    }
}

/// The interface whose flows come: what is looked up for one of them is known for the others.
#[derive(Clone, Debug)]
struct Open {
    mac: Option<Mac>,
    /// None where no interface that is known reports.
    guard: Option<Arc<Guard>>,
    uses: AHashMap<RulePlace, RuleUse>,
    named: AHashMap<Named, Option<RulePlace>>,
}

/// What a log names: group, rule, direction, whether the flow was let through.
type Named = (String, String, Direction, bool);

/// How all rules were met.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    open_interface: Option<Open>,
    /// Rule by rule, after [`Usage::finish`]; one that is not there was not met.
    pub rules: BTreeMap<RuleId, RuleUse>,
    /// Rules that logs name for interfaces that are not known: group, direction and rule, in lower case.
    by_name: BTreeMap<(String, Direction, String), Sums>,
    /// Each rule as it is, and since when it has been so.
    known: BTreeMap<RuleId, (Rule, i64)>,
    /// Flows whose evaluated path is not what was logged: rules have changed since, or are not all known.
    pub logged_otherwise: Sums,
    /// Flows of which the rules on their path are not all known.
    pub open: Sums,
    /// Flows whose reporter is no interface that is known.
    pub unplaced: Sums,
    /// Flows that the platform decided.
    pub not_of_rules: Sums,
}

/// What was evaluated for a flow.
struct Walked {
    sure: Vec<RulePlace>,
    perhaps: Vec<RulePlace>,
}

impl Usage {
    /// Begins with facts that hold from a time on, in microseconds since 1970. What was met of a rule that is another one now is forgotten:
    /// it says nothing of what the rule is.
    pub fn begin(&mut self, facts: &FactSet, from: i64) {
        self.finish();
        let mut known = BTreeMap::new();
        for held in &facts.resources {
            let rules = match &held.asset {
                Asset::SecurityGroup(group) => &group.rules,
                Asset::AdminRules(collection) => &collection.rules,
                _ => continue,
            };
            for rule in rules.iter().filter(|rule| !rule.is_default) {
                let id = RuleId {
                    owner: held.id.clone(),
                    direction: rule.direction,
                    name: rule.name.to_ascii_lowercase(),
                };
                let since = match self.known.remove(&id) {
                    Some((before, since)) if before == *rule => since,
                    Some(_) => {
                        self.rules.remove(&id);
                        from
                    }
                    None => from,
                };
                known.insert(id, (rule.clone(), since));
            }
        }
        for gone in self.known.keys() {
            self.rules.remove(gone);
        }
        self.known = known;
    }

    /// Since when a rule has been as it is, as far as the times that were looked at reach.
    #[must_use]
    pub fn since(&self, rule: &RuleId) -> Option<i64> {
        self.known.get(rule).map(|(_, since)| *since)
    }

    /// What logs name a rule for at interfaces that are not known, by the name of its group.
    #[must_use]
    pub fn named_elsewhere(&self, rule: &RuleId) -> Sums {
        let group = rule.owner.name().to_ascii_lowercase();
        let held = self.by_name.get(&(group, rule.direction, rule.name.clone()));
        held.copied().unwrap_or_default()
    }

    /// Takes flows of one interface together. The facts of the guards are those of the flow's own time, and [`Usage::begin`] comes before
    /// others.
    pub fn take(&mut self, guards: &mut Guards<'_>, logged: &LoggedFlow<'_>) {
        if matches!(logged.rule_kind, RuleKind::Platform | RuleKind::Unspecified) {
            self.not_of_rules += &logged.sums;
            return;
        }
        if self
            .open_interface
            .as_ref()
            .is_none_or(|open| open.mac != logged.mac)
        {
            self.finish();
            let interface = logged.mac.and_then(|mac| guards.of_mac(mac).one());
            self.open_interface = Some(Open {
                mac: logged.mac,
                guard: interface.and_then(|interface| guards.guard(interface).ok()),
                uses: AHashMap::new(),
                named: AHashMap::new(),
            });
        }
        let Some(mut open) = self.open_interface.take() else {
            return;
        };
        match open.guard.clone() {
            Some(guard) => self.take_at(&mut open, &guard, logged),
            None => self.take_unplaced(logged),
        }
        self.open_interface = Some(open);
    }

    fn take_at(&mut self, open: &mut Open, guard: &Guard, logged: &LoggedFlow<'_>) {
        let name = (
            logged.group.to_owned(),
            logged.rule.to_owned(),
            logged.flow.direction,
            logged.is_allowed,
        );
        let named = *open.named.entry(name).or_insert_with(|| named(guard, logged));
        let walked = self.walk(guard, logged, named);
        for (places, is_sure) in [(walked.sure, true), (walked.perhaps, false)] {
            for place in places {
                open.uses.entry(place).or_default().add(logged, is_sure);
            }
        }
    }

    fn take_unplaced(&mut self, logged: &LoggedFlow<'_>) {
        self.unplaced += &logged.sums;
        let group = logged.group.rsplit('/').next().unwrap_or_default();
        let name = (
            group.to_ascii_lowercase(),
            logged.flow.direction,
            logged.rule.to_ascii_lowercase(),
        );
        *self.by_name.entry(name).or_default() += &logged.sums;
    }

    /// Ends what is open: [`Usage::rules`] has all that was taken.
    pub fn finish(&mut self) {
        let Some(open) = self.open_interface.take() else {
            return;
        };
        let Some(guard) = &open.guard else {
            return;
        };
        for (place, used) in &open.uses {
            if let Some(id) = guard.rule(*place).and_then(RuleId::of) {
                self.rules.entry(id).or_default().merge(used);
            }
        }
    }

    fn walk(&mut self, guard: &Guard, logged: &LoggedFlow<'_>, named: Option<RulePlace>) -> Walked {
        let path = guard.path(&logged.flow);
        let mut sure: Vec<RulePlace> = path.rules().collect();
        let mut perhaps: Vec<RulePlace> = Vec::new();
        if !path.is_known() {
            self.open += &logged.sums;
            perhaps = guard.candidates(&logged.flow);
        }
        let decided = match path.verdict.decision {
            Decision::Allowed => Some(true),
            Decision::Denied => Some(false),
            Decision::NotGoverned | Decision::Unknown => None,
        };
        let is_otherwise = decided.is_some_and(|is_allowed| is_allowed != logged.is_allowed)
            || (named.is_some() && path.is_known() && path.verdict.by.is_some() && path.verdict.by != named);
        if is_otherwise {
            self.logged_otherwise += &logged.sums;
            perhaps.append(&mut sure);
        }
        // A log of a rule that the facts do not have names nobody; one that they have is believed.
        sure.extend(named.filter(|named| !sure.contains(named)));
        perhaps.retain(|place| !sure.contains(place));
        perhaps.sort_unstable();
        perhaps.dedup();
        Walked { sure, perhaps }
    }
}

/// The rule that the log names, among those that hold at the interface. The last part of a group's name is compared: a log
/// spells ids in several ways.
fn named(guard: &Guard, logged: &LoggedFlow<'_>) -> Option<RulePlace> {
    if logged.rule.is_empty() {
        return None;
    }
    let direction = logged.flow.direction;
    let access = |held: &HeldRule| (held.rule.access != Access::Deny) == logged.is_allowed;
    let group = logged.group.rsplit('/').next().unwrap_or_default();
    let mut found = guard
        .levels()
        .in_order(direction)
        .flat_map(|level| {
            let rules = (0_u32..).zip(&level.rules);
            rules.map(|(rule, held)| {
                let place = RulePlace {
                    level: level.kind,
                    rule,
                };
                (place, held)
            })
        })
        .filter(|(_, held)| {
            let is_owner = held.owner.as_ref().is_some_and(|owner| {
                group.is_empty()
                    || owner.name().eq_ignore_ascii_case(group)
                    || logged.rule_kind == RuleKind::Admin
            });
            held.rule.direction == direction
                && held.rule.name.eq_ignore_ascii_case(logged.rule)
                && is_owner
                && access(held)
        })
        .map(|(place, _)| place);
    let first = found.next()?;
    // Of two levels with one group the log does not say which was the last.
    found.next().is_none().then_some(first)
}
