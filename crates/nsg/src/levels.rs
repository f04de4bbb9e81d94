//! Who guards an interface: the security admin rules for it, the group of its subnet, its own group.

use model::facts::{
    AddressSpec, AdminRules, ArmId, Asset, EffectiveGroup, Interface, Resource, Rule, SecurityGroup, Side,
};

use crate::estate::Estate;
use crate::guard::subnets;
use crate::level::{HeldRule, Level, Levels, missing_defaults};
use crate::problem::{Problem, Problems};
use crate::ranges::State;
use crate::surroundings::is_range;
use crate::verdict::LevelKind;

/// The levels of an interface.
pub(crate) fn levels(
    estate: &Estate<'_>,
    id: &ArmId,
    interface: &Interface,
    subnets: &[ArmId],
    problems: &mut Problems,
) -> Levels {
    let own = guarded(
        estate,
        LevelKind::Interface,
        id,
        interface.security_group.as_ref(),
        problems,
    );
    let mut held = Levels {
        admin: admin(estate, subnets),
        subnet: subnet_level(estate, id, subnets, problems),
        interface: own,
    };
    if let Some(effective) = estate.effective_of(id) {
        for group in &effective.groups {
            take_effective(group, id, interface, &mut held, problems);
        }
    }
    for level in [&mut held.admin, &mut held.subnet, &mut held.interface]
        .into_iter()
        .flatten()
    {
        level.sort();
        tell_overlaps(level, problems);
        tell_bad_ranges(level, problems);
    }
    held
}

impl Estate<'_> {
    /// The collections of security admin rules that hold at an interface, or may.
    #[must_use]
    pub fn collections_at(&self, interface: &ArmId) -> Vec<ArmId> {
        let Some(Asset::Interface(held)) = self.asset(interface) else {
            return Vec::new();
        };
        let subnets = subnets(held);
        let holding = self.admin().iter().filter(|resource| match &resource.asset {
            Asset::AdminRules(rules) => holds_in(rules, &subnets) != State::No,
            _ => false,
        });
        holding.map(|resource| resource.id.clone()).collect()
    }

    /// The rules of a group or of a collection of security admin rules by themselves, in the order in which they are asked, and what is
    /// wrong with them; none if there is no such thing.
    #[must_use]
    pub fn rules_of(&self, id: &ArmId) -> Option<(Level, Vec<Problem>)> {
        let mut problems = Problems::default();
        let mut level = match self.asset(id)? {
            Asset::SecurityGroup(held) => {
                let mut level = Level::new(LevelKind::Subnet, Some(id.clone()));
                take_group(&mut level, id, held, &mut problems);
                level
            }
            Asset::AdminRules(held) => {
                let mut level = Level::new(LevelKind::Admin, Some(id.clone()));
                take_admin(&mut level, id, held, true);
                level
            }
            _ => return None,
        };
        level.sort();
        tell_overlaps(&level, &mut problems);
        tell_bad_ranges(&level, &mut problems);
        Some((level, problems.told()))
    }
}

fn subnet_level(
    estate: &Estate<'_>,
    id: &ArmId,
    subnets: &[ArmId],
    problems: &mut Problems,
) -> Option<Level> {
    let unknown = |reason: String, problems: &mut Problems| {
        problems.add(id, "ipConfigurations.subnet", reason.clone());
        let mut level = Level::new(LevelKind::Subnet, None);
        level.unknown.push(reason);
        Some(level)
    };
    let mut found: Vec<Option<Level>> = Vec::new();
    for subnet in subnets {
        let named = match estate.asset(subnet) {
            Some(Asset::Subnet(held)) => held.security_group.as_ref(),
            _ if estate.groups_of(subnet).is_empty() => {
                let reason = format!(
                    "subnet `{}` is not among the facts, so it is not known which group guards it: load `az network vnet list`",
                    subnet.name()
                );
                return unknown(reason, problems);
            }
            _ => None,
        };
        let level = guarded(estate, LevelKind::Subnet, subnet, named, problems);
        if !found.contains(&level) {
            found.push(level);
        }
    }
    match found.len() {
        0 => unknown("the subnet of the interface is not known".to_owned(), problems),
        1 => found.pop().flatten(),
        _ => unknown(
            "its addresses are of several subnets, whose groups differ".to_owned(),
            problems,
        ),
    }
}

/// The group that guards a subnet or an interface: what the guarded names, and what the groups say of themselves.
fn guarded(
    estate: &Estate<'_>,
    kind: LevelKind,
    guarded: &ArmId,
    named: Option<&ArmId>,
    problems: &mut Problems,
) -> Option<Level> {
    let mut groups: Vec<&ArmId> = named.into_iter().collect();
    groups.extend(estate.groups_of(guarded));
    groups.sort_unstable();
    groups.dedup();
    let first = groups.first().map(|group| estate.spelled(group).clone());
    let mut level = Level::new(kind, first);
    match groups.as_slice() {
        [] => return None,
        [group] => match estate.asset(group) {
            Some(Asset::SecurityGroup(held)) => {
                take_group(&mut level, estate.spelled(group), held, problems);
            }
            _ => {
                let is_proposed = ArmId::group_proposed().as_ref() == Some(*group);
                let message = match group.is_to_come() {
                    true if is_proposed => format!(
                        "which network security group is to guard `{}` is not known",
                        guarded.name()
                    ),
                    true => format!(
                        "which network security group guards `{}` is not known",
                        guarded.name()
                    ),
                    false => format!(
                        "network security group `{}` is not among the facts: load `az network nsg list`",
                        group.name()
                    ),
                };
                // Of what is to come the document has told.
                if !group.is_to_come() {
                    problems.add(guarded, "networkSecurityGroup", message.clone());
                }
                level.unknown.push(message);
            }
        },
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|group| format!("`{}`", group.name()))
                .collect();
            let message = format!(
                "it is not known which of the groups {} guards `{}`",
                names.join(" and "),
                guarded.name()
            );
            problems.add(guarded, "networkSecurityGroup", message.clone());
            level.unknown.push(message);
        }
    }
    Some(level)
}

fn take_group(level: &mut Level, id: &ArmId, group: &SecurityGroup, problems: &mut Problems) {
    let from = level.unknown.len();
    tell_left_out(level, id, &group.left_out, &group.rules, problems);
    if group.is_to_be {
        // A question of its own: what is not known then need not be what is not known now.
        let told = level.unknown.iter_mut().skip(from);
        told.for_each(|reason| reason.push_str(", as it is proposed"));
    }
    take_rules(level, Some(id), &group.rules);
}

fn tell_left_out(level: &mut Level, id: &ArmId, names: &[String], rules: &[Rule], problems: &mut Problems) {
    let default = crate::level::default_rules();
    for name in left_out(names, rules) {
        // What Azure's own rules do is known, whether or not an export says it.
        if !default.iter().any(|rule| rule.name.eq_ignore_ascii_case(name)) {
            let (path, message) = if name == SecurityGroup::NOT_KNOWN {
                let message = format!("which rules group `{}` has is not known", id.name());
                ("securityRules".to_owned(), message)
            } else {
                let message = format!("what rule `{name}` of group `{}` does is not known", id.name());
                (format!("securityRules.{name}"), message)
            };
            problems.add(id, &path, message.clone());
            level.unknown.push(message);
        }
    }
}

/// Names of rules that are not known, but for those that are.
fn left_out<'n>(names: &'n [String], rules: &'n [Rule]) -> impl Iterator<Item = &'n String> {
    names
        .iter()
        .filter(|name| !rules.iter().any(|rule| rule.name.eq_ignore_ascii_case(name)))
}

fn take_rules(level: &mut Level, owner: Option<&ArmId>, rules: &[Rule]) {
    let missing = missing_defaults(rules);
    level
        .rules
        .extend(rules.iter().cloned().chain(missing).map(|rule| HeldRule {
            rule,
            owner: owner.cloned(),
            applies: true,
        }));
}

/// Effective rules take the place of the group's own.
fn take_effective(
    group: &EffectiveGroup,
    id: &ArmId,
    interface: &Interface,
    held: &mut Levels,
    problems: &mut Problems,
) {
    let ends_with = |id: &ArmId, kind: &str| {
        id.kind()
            .is_some_and(|held| held.to_ascii_lowercase().ends_with(kind))
    };
    let kind = match &group.association {
        Some(association) if ends_with(association, "/subnets") => LevelKind::Subnet,
        Some(association) if ends_with(association, "/networkinterfaces") => LevelKind::Interface,
        _ if group.group.is_some() && group.group == interface.security_group => LevelKind::Interface,
        _ if group.group.is_some()
            && held
                .subnet
                .as_ref()
                .is_some_and(|level| level.group == group.group) =>
        {
            LevelKind::Subnet
        }
        _ => {
            let message = "effective rules do not say whether they are those of the subnet or of the interface: those of the group are used".to_owned();
            problems.add(id, "effectiveSecurityRules", message);
            return;
        }
    };
    let place = match kind {
        LevelKind::Subnet => &mut held.subnet,
        _ => &mut held.interface,
    };
    let mut level = Level::new(kind, group.group.clone());
    let rules: Vec<Rule> = group.rules.iter().cloned().map(of_both_families).collect();
    let owner = group.group.as_ref().unwrap_or(id);
    tell_left_out(&mut level, owner, &group.left_out, &rules, problems);
    take_rules(&mut level, group.group.as_ref(), &rules);
    *place = Some(level);
}

/// Effective rules write the `*` of Azure's own rules as `0.0.0.0/0`, though those hold for IPv6 too.
fn of_both_families(mut rule: Rule) -> Rule {
    let widen = |side: &mut Side| {
        let is_all = |address: &AddressSpec| matches!(address, AddressSpec::Prefix(prefix) if prefix.prefix_len() == 0);
        if side.addresses.iter().any(is_all) {
            side.addresses.push(AddressSpec::Any);
        }
    };
    if rule.is_default {
        widen(&mut rule.source);
        widen(&mut rule.destination);
    }
    rule
}

/// The security admin rules that hold in these subnets, or may.
fn admin(estate: &Estate<'_>, subnets: &[ArmId]) -> Option<Level> {
    let mut level = Level::new(LevelKind::Admin, None);
    for Resource { id, asset, .. } in estate.admin() {
        let Asset::AdminRules(held) = asset else {
            continue;
        };
        let applies = holds_in(held, subnets);
        if applies == State::No {
            continue;
        }
        take_admin(&mut level, id, held, applies == State::Yes);
    }
    (!level.rules.is_empty() || !level.unknown.is_empty()).then_some(level)
}

fn take_admin(level: &mut Level, id: &ArmId, held: &AdminRules, applies: bool) {
    level
        .rules
        .extend(held.rules.iter().cloned().map(|rule| HeldRule {
            rule,
            owner: Some(id.clone()),
            applies,
        }));
    let names = left_out(&held.left_out, &held.rules);
    level
        .unknown
        .extend(names.map(|name| format!("what security admin rule `{name}` does is not known")));
}

/// Whether a collection of rules holds in these subnets. Where it does not say for what it is, it may.
fn holds_in(rules: &AdminRules, subnets: &[ArmId]) -> State {
    if rules.scopes.is_empty() || subnets.is_empty() {
        return State::Unknown;
    }
    let states = rules.scopes.iter().map(|scope| {
        let has = |subnet: &ArmId| {
            subnet == scope || subnet.parent().as_ref() == Some(scope) || {
                let is_subscription = scope.kind().is_none() && scope.resource_group().is_none();
                is_subscription
                    && scope
                        .subscription()
                        .zip(subnet.subscription())
                        .is_some_and(|(scope, held)| scope.eq_ignore_ascii_case(held))
            }
        };
        let is_management = scope.subscription().is_none();
        match (subnets.iter().all(has), subnets.iter().any(has) || is_management) {
            (true, _) => State::Yes,
            (false, true) => State::Unknown,
            (false, false) => State::No,
        }
    });
    let state = states.max().unwrap_or(State::No);
    // Members of network groups may be found by conditions, which nobody lists.
    if state == State::No && !rules.network_groups.is_empty() {
        State::Unknown
    } else {
        state
    }
}

/// Azure refuses two rules of one direction with one number. Collections of admin rules may have the same.
fn tell_overlaps(level: &Level, problems: &mut Problems) {
    for direction in [model::Direction::Inbound, model::Direction::Outbound] {
        let held: Vec<&HeldRule> = level
            .rules
            .iter()
            .filter(|held| held.rule.direction == direction)
            .collect();
        for (first, second) in held.iter().zip(held.iter().skip(1)) {
            let (Some(owner), true) = (&second.owner, first.owner == second.owner) else {
                continue;
            };
            if first.rule.priority == second.rule.priority {
                let message = format!(
                    "rules `{}` and `{}` are both {} with priority {}: where they disagree it is not known which holds",
                    first.rule.name,
                    second.rule.name,
                    direction.as_str().to_ascii_lowercase(),
                    first.rule.priority
                );
                problems.add(
                    owner,
                    &format!("securityRules.{}.priority", second.rule.name),
                    message,
                );
            }
        }
    }
}

fn tell_bad_ranges(level: &Level, problems: &mut Problems) {
    for held in &level.rules {
        for (side, name) in [
            (&held.rule.source, "source"),
            (&held.rule.destination, "destination"),
        ] {
            for address in &side.addresses {
                if let (AddressSpec::Range(first, last), Some(owner)) = (address, &held.owner)
                    && !is_range(*first, *last)
                {
                    let path = format!("securityRules.{}.{name}AddressPrefix", held.rule.name);
                    problems.add(owner, &path, format!("`{first}-{last}` is no range of addresses"));
                }
            }
        }
    }
}
