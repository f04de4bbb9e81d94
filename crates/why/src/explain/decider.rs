//! Which of the rules that hold at an interface a log means: groups by id or GUID, names ignoring case, cut off or not there.

use model::facts::{ArmId, FactSet};
use model::vocabulary::RuleKind;
use nsg::{Guard, HeldRule, LevelKind, RulePlace};
use serde::Serialize;

/// NSG flow logs cut names of rules after so many letters.
/// <https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview>
const RULE_NAME_MAX: usize = 65;
/// And names of groups after so many.
const GROUP_NAME_MAX: usize = 80;

/// What a log says of who decided.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'l> {
    /// The kind of rule.
    pub kind: RuleKind,
    /// The group as logged: an id, a GUID, or something else.
    pub group: &'l str,
    /// The rule as logged.
    pub rule: &'l str,
}

/// What a log means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Meant {
    /// This rule.
    Rule(RulePlace),
    /// One of several; names are cut off, or groups have rules of the same name.
    Ambiguous(Vec<RulePlace>),
    /// None of those that hold there.
    NotThere,
    /// No rule: the platform or encryption decided, or nothing is said.
    NoRule,
}

impl Decider<'_> {
    /// The rule's name without what is put before it; empty where none is said.
    #[must_use]
    pub fn name(&self) -> &str {
        if !matches!(self.kind, RuleKind::User | RuleKind::Default) {
            return self.rule;
        }
        let is_prefix = |held: &str| {
            ["UserRule", "DefaultRule"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(held))
        };
        match self.rule.split_once('_') {
            Some((prefix, name)) if is_prefix(prefix) => name,
            None if is_prefix(self.rule) => "",
            _ => self.rule,
        }
    }

    /// The group that it names, as facts have it: by its id ignoring case, or by its GUID.
    #[must_use]
    pub fn group_in<'f>(&self, facts: &'f FactSet) -> Option<&'f ArmId> {
        let id = ArmId::parse(self.group);
        let is_it = |held: &&model::facts::Resource| match &id {
            Some(id) => held.id == *id,
            None => held
                .guid
                .as_deref()
                .is_some_and(|guid| guid.eq_ignore_ascii_case(self.group)),
        };
        facts.resources.iter().find(is_it).map(|held| &held.id)
    }

    /// Which of an interface's rules it means.
    #[must_use]
    pub fn meant(&self, guard: &Guard, facts: &FactSet) -> Meant {
        self.meant_of(guard, self.group_in(facts))
    }

    /// The same, where it is known which group it names.
    pub(crate) fn meant_of(&self, guard: &Guard, group: Option<&ArmId>) -> Meant {
        if matches!(self.kind, RuleKind::Platform | RuleKind::Unspecified) {
            return Meant::NoRule;
        }
        let name = self.name();
        if name.is_empty() {
            return Meant::NoRule;
        }
        let named = |same: &dyn Fn(&str) -> bool| -> Vec<RulePlace> {
            let all = guard.rules().filter(|(place, held)| {
                self.is_of_kind(*place, held)
                    && group.is_none_or(|group| self.is_of_group(*place, held, group))
                    && same(&held.rule.name)
            });
            all.map(|(place, _)| place).collect()
        };
        let mut found = named(&|held| held.eq_ignore_ascii_case(name));
        if found.is_empty() && self.kind == RuleKind::Default {
            let key = default_key(name);
            found = named(&|held| key.is_some() && default_key(held) == key);
        }
        if found.is_empty() && name.chars().count() == RULE_NAME_MAX {
            let is_cut = |held: &str| {
                held.get(..name.len())
                    .is_some_and(|begin| begin.eq_ignore_ascii_case(name))
            };
            found = named(&is_cut);
        }
        match found.as_slice() {
            [] => Meant::NotThere,
            [one] => Meant::Rule(*one),
            _ => Meant::Ambiguous(found),
        }
    }

    fn is_of_kind(&self, place: RulePlace, held: &HeldRule) -> bool {
        match self.kind {
            RuleKind::User => !place.is_admin() && !held.rule.is_default,
            RuleKind::Default => !place.is_admin() && held.rule.is_default,
            RuleKind::Admin => place.is_admin(),
            _ => true,
        }
    }

    /// Of admin rules the log names the configuration, which the rule's collection is a part of.
    fn is_of_group(&self, place: RulePlace, held: &HeldRule, group: &ArmId) -> bool {
        let Some(owner) = &held.owner else { return true };
        if place.level == LevelKind::Admin {
            return std::iter::successors(Some(owner.clone()), ArmId::parent).any(|around| around == *group);
        }
        owner == group
    }

    /// True if the group's name may be cut off, so that it need not be the one of that name.
    #[must_use]
    pub fn is_group_cut(&self) -> bool {
        ArmId::parse(self.group).is_some_and(|id| id.name().chars().count() == GROUP_NAME_MAX)
    }
}

/// Default rules are spelled `DenyAllInBound`, `DenyAllInbound`, `DefaultInboundDenyAll`: what they speak of tells them apart.
fn default_key(name: &str) -> Option<(bool, &'static str)> {
    let name = name.to_ascii_lowercase();
    let words = ["loadbalancer", "vnet", "internet", "denyall"];
    let word = words.into_iter().find(|word| name.contains(word))?;
    Some((name.contains("inbound"), word))
}
