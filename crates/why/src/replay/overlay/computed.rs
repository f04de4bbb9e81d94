//! What Azure computed for interfaces, carried over to what is proposed. The rules come from the groups as they would be; what was
//! computed of tags, `VirtualNetwork` among them, does not change with a group, nor with who is guarded by it.

use std::collections::BTreeSet;

use ahash::AHashMap;
use enrich::Change;
use ipnet::IpNet;
use model::facts::{
    AddressSpec, ArmId, Asset, EffectiveGroup, EffectiveRules, FactSet, Rule, SecurityGroup, Side,
};

/// Facts of now and of then, by their ids.
struct Both<'f> {
    now: AHashMap<&'f ArmId, &'f Asset>,
    then: AHashMap<&'f ArmId, &'f Asset>,
    changes: AHashMap<&'f ArmId, &'f Change>,
    /// Groups of which all rules are said.
    whole: &'f BTreeSet<ArmId>,
}

/// Carries over what was computed of the facts of now.
pub(super) fn carry_over(
    now: &FactSet,
    then: &mut FactSet,
    changes: &[(ArmId, Change)],
    whole: &BTreeSet<ArmId>,
) {
    fn by_id(facts: &FactSet) -> AHashMap<&ArmId, &Asset> {
        facts
            .resources
            .iter()
            .map(|held| (&held.id, &held.asset))
            .collect()
    }
    let (mut rules, mut routes) = (
        std::mem::take(&mut then.effective),
        std::mem::take(&mut then.effective_routes),
    );
    let both = Both {
        now: by_id(now),
        then: by_id(then),
        changes: changes.iter().map(|(id, change)| (id, change)).collect(),
        whole,
    };
    for held in &mut rules {
        both.carry(held);
    }
    let is_moved = |interface: &Option<ArmId>| interface.as_ref().is_some_and(|id| both.is_moved(id));
    routes.retain(|held| !is_moved(&held.interface));
    (then.effective, then.effective_routes) = (rules, routes);
}

impl Both<'_> {
    fn carry(&self, held: &mut EffectiveRules) {
        let Some(interface) = held.interface.clone() else {
            return;
        };
        if self.is_moved(&interface) {
            held.groups.clear();
            return;
        }
        let expansions = expansions(held);
        let default: Vec<Rule> = held
            .groups
            .iter()
            .flat_map(|group| &group.rules)
            .cloned()
            .collect();
        let default = own(&default, true);
        let mut guarded = vec![interface.clone()];
        guarded.extend(self.subnets_of(&interface));
        let mut groups = Vec::new();
        for group in held.groups.drain(..) {
            let place = self.guarded_by(&group, &guarded);
            groups.extend(match place {
                Some(place) => {
                    guarded.retain(|held| *held != place);
                    self.carried(group, &place, &expansions)
                }
                None => Some(group),
            });
        }
        // Somebody is guarded who was not, or by another group.
        for place in guarded {
            if let Some(group) = self.guard(&self.then, &place)
                && self.guard(&self.now, &place).as_ref() != Some(&group)
            {
                groups.extend(self.made(&group, &place, &default, &expansions));
            }
        }
        held.groups = groups;
    }

    /// What becomes of the rules of one group at the place that it guards.
    fn carried(
        &self,
        held: EffectiveGroup,
        place: &ArmId,
        expansions: &AHashMap<String, Vec<IpNet>>,
    ) -> Option<EffectiveGroup> {
        let (now, then) = (self.guard(&self.now, place), self.guard(&self.then, place));
        if now != then && then != held.group {
            return self.made(then.as_ref()?, place, &own(&held.rules, true), expansions);
        }
        let Some(group) = held
            .group
            .clone()
            .filter(|group| self.changes.contains_key(group))
        else {
            return Some(held);
        };
        let is_whole = self.whole.contains(&group);
        let after = group_of(&self.then, &group)?;
        let before = group_of(&self.now, &group).cloned().unwrap_or_default();
        Some(merged(held, &before, after, is_whole, expansions))
    }

    /// The rules of a group that is to guard: its own, beside the default ones that were computed.
    fn made(
        &self,
        group: &ArmId,
        place: &ArmId,
        default: &[Rule],
        expansions: &AHashMap<String, Vec<IpNet>>,
    ) -> Option<EffectiveGroup> {
        let held = group_of(&self.then, group)?;
        let rules = own(&held.rules, false).into_iter();
        let rules = rules.map(|rule| expanded(rule, expansions));
        Some(EffectiveGroup {
            group: Some(group.clone()),
            association: Some(place.clone()),
            rules: default.iter().cloned().chain(rules).collect(),
            left_out: held.left_out.clone(),
        })
    }

    /// Of an interface and its subnets the one that a group is computed for.
    fn guarded_by(&self, group: &EffectiveGroup, guarded: &[ArmId]) -> Option<ArmId> {
        let is_said = |place: &&ArmId| group.association.as_ref() == Some(*place);
        let is_guard = |place: &&ArmId| group.group.is_some() && self.guard(&self.now, place) == group.group;
        let said = guarded.iter().find(is_said);
        said.or_else(|| guarded.iter().find(is_guard)).cloned()
    }

    fn subnets_of(&self, interface: &ArmId) -> Vec<ArmId> {
        let Some(Asset::Interface(held)) = self.then.get(interface) else {
            return Vec::new();
        };
        let mut subnets: Vec<ArmId> = held
            .configurations
            .iter()
            .filter_map(|one| one.subnet.clone())
            .collect();
        subnets.sort_unstable();
        subnets.dedup();
        subnets
    }

    /// The group that guards a subnet or an interface, as either says it.
    fn guard(&self, facts: &AHashMap<&ArmId, &Asset>, place: &ArmId) -> Option<ArmId> {
        let named = match facts.get(place) {
            Some(Asset::Subnet(held)) => held.security_group.clone(),
            Some(Asset::Interface(held)) => held.security_group.clone(),
            _ => None,
        };
        named.or_else(|| {
            let mut claiming = facts.iter().filter(|(_, asset)| match asset {
                Asset::SecurityGroup(held) => held.subnets.contains(place) || held.interfaces.contains(place),
                _ => false,
            });
            claiming.next().map(|(id, _)| (*id).clone())
        })
    }

    /// True for an interface that would be elsewhere, or in a subnet that would be another: nothing that was computed holds there.
    fn is_moved(&self, interface: &ArmId) -> bool {
        const SAME: [&str; 5] = [
            "security_group",
            "application_groups",
            "pools",
            "nat_gateway",
            "rules_hold",
        ];
        let is_other = |id: &ArmId| match self.changes.get(id) {
            None => false,
            Some(Change::Added | Change::Removed) => true,
            Some(Change::Changed(parts)) => parts
                .iter()
                .any(|part| !SAME.iter().any(|same| part.path.contains(same))),
        };
        is_other(interface) || self.subnets_of(interface).iter().any(is_other)
    }
}

fn group_of<'f>(facts: &AHashMap<&ArmId, &'f Asset>, id: &ArmId) -> Option<&'f SecurityGroup> {
    match facts.get(id)? {
        Asset::SecurityGroup(held) => Some(held),
        _ => None,
    }
}

/// The default rules of a list, each once, or the others.
fn own(rules: &[Rule], is_default: bool) -> Vec<Rule> {
    let mut own: Vec<Rule> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_default == is_default) {
        if !own
            .iter()
            .any(|held| held.name == rule.name && held.direction == rule.direction)
        {
            own.push(rule.clone());
        }
    }
    own
}

fn named<'r>(rules: &'r [Rule], name: &str) -> Option<&'r Rule> {
    rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(name))
}

/// A rule that does not change stays as it was computed. Rules that only Azure named stay, unless all rules of the group are said.
fn merged(
    mut held: EffectiveGroup,
    before: &SecurityGroup,
    after: &SecurityGroup,
    is_whole: bool,
    expansions: &AHashMap<String, Vec<IpNet>>,
) -> EffectiveGroup {
    let is_same = |name: &str| named(&before.rules, name) == named(&after.rules, name);
    held.rules.retain(|rule| {
        let is_known =
            named(&before.rules, &rule.name).is_some() || named(&after.rules, &rule.name).is_some();
        rule.is_default || (is_known && is_same(&rule.name)) || (!is_known && !is_whole)
    });
    for rule in own(&after.rules, false) {
        let is_meant = is_whole || !is_same(&rule.name);
        if is_meant && named(&held.rules, &rule.name).is_none() {
            held.rules.push(expanded(rule, expansions));
        }
    }
    if is_whole {
        held.left_out.clone_from(&after.left_out);
    } else {
        let more = after
            .left_out
            .iter()
            .filter(|name| !before.left_out.contains(name));
        held.left_out.extend(more.cloned());
        held.left_out.retain(|name| named(&held.rules, name).is_none());
    }
    held
}

/// What was computed of tags: a side of one tag says it.
fn expansions(held: &EffectiveRules) -> AHashMap<String, Vec<IpNet>> {
    let rules = held.groups.iter().flat_map(|group| &group.rules);
    let mut expansions = AHashMap::new();
    for side in rules.flat_map(|rule| [&rule.source, &rule.destination]) {
        if let [AddressSpec::Tag(name)] = side.addresses.as_slice()
            && !side.expanded.is_empty()
        {
            expansions
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| side.expanded.clone());
        }
    }
    expansions
}

/// A rule with what was computed of its tags, where that is known of all tags of a side.
fn expanded(mut rule: Rule, expansions: &AHashMap<String, Vec<IpNet>>) -> Rule {
    let expand = |side: &mut Side| {
        let tags = side.addresses.iter().filter_map(|address| match address {
            AddressSpec::Tag(name) => Some(expansions.get(&name.to_ascii_lowercase())),
            _ => None,
        });
        let known: Option<Vec<&Vec<IpNet>>> = tags.collect();
        if side.expanded.is_empty() {
            side.expanded = known.into_iter().flatten().flatten().copied().collect();
        }
    };
    expand(&mut rule.source);
    expand(&mut rule.destination);
    rule
}
