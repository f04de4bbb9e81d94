//! The smallest change of rules that would turn a verdict around, proved by judging again with it.

use std::net::IpAddr;

use super::addition::{Addition, Moved};
use ipnet::IpNet;
use model::Direction;
use model::facts::{Access, AddressSpec, ArmId, Asset, FactSet, PortRange, Rule, RuleProtocol, Side};
use nsg::{Decision, Flow, Guard, LevelKind, LevelProof, PartProof, Proof, State, Step};
use serde::Serialize;

/// Numbers that rules of groups may have.
const PRIORITIES: std::ops::RangeInclusive<i32> = 100..=4_096;
/// Letters of a rule's name, with room for a number.
const NAME_MAX: usize = 76;
/// Of an address that is too long so many last letters.
const ADDRESS_END: usize = 19;
/// Two groups and some rules of the same number: more steps lead nowhere.
const STEPS_MAX: usize = 8;

/// Where a flow is judged.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The interface.
    pub interface: &'p ArmId,
    /// The flow as it is seen there.
    pub flow: Flow,
}

/// What would turn the verdict around.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What the flow would be then.
    pub allows: bool,
    /// Rules to be added, all of them.
    pub additions: Vec<Addition>,
    /// Why that is not enough, or is not known to be.
    pub obstacles: Vec<String>,
    /// Additions for what comes in are each for one of the machines behind a balancer.
    pub is_spread: bool,
    /// The time of the facts that it was tried on, in microseconds since 1970, where they are later than the flow's.
    #[serde(serialize_with = "crate::explain::time::iso_or_none")]
    pub as_of: Option<i64>,
}

/// The smallest change after which a flow that is denied somewhere is let through everywhere.
#[must_use]
pub fn to_allow(facts: &FactSet, places: &[Place<'_>]) -> Change {
    let mut change = Change {
        allows: true,
        ..Change::default()
    };
    let mut facts = facts.clone();
    for place in places {
        for _ in 0..STEPS_MAX {
            let Ok(guard) = Guard::of(&facts, place.interface) else {
                break;
            };
            let proof = guard.prove(&place.flow);
            if proof.verdict.decision == Decision::Allowed || proof.verdict.decision == Decision::NotGoverned
            {
                break;
            }
            match obstacle(&proof, place.interface) {
                Err(text) => {
                    change.obstacles.push(text);
                    break;
                }
                Ok((level, step)) => match addition(&facts, &guard, place, level, step, Access::Allow) {
                    Err(text) => {
                        change.obstacles.push(text);
                        break;
                    }
                    Ok(mut added) => {
                        // What is only proposed is not there to be widened.
                        let is_proposed = |name: &str| {
                            let mut all = change.additions.iter();
                            all.any(|held| held.group == added.group && held.rule.name == name)
                        };
                        if added.or_widen.as_ref().is_some_and(|(name, _)| is_proposed(name)) {
                            added.or_widen = None;
                        }
                        add(&mut facts, &added);
                        change.additions.push(added);
                    }
                },
            }
        }
    }
    change
}

/// The smallest change after which a flow that is let through is denied: one rule, at the last place that a group decides. None is
/// needed where rules deny it already, whatever was logged.
#[must_use]
pub fn to_deny(facts: &FactSet, places: &[Place<'_>]) -> Change {
    let mut change = Change::default();
    let is_denied = |place: &Place<'_>| {
        Guard::of(facts, place.interface)
            .is_ok_and(|guard| guard.prove(&place.flow).verdict.decision == Decision::Denied)
    };
    if places.iter().any(is_denied) {
        return change;
    }
    for place in places.iter().rev() {
        let Ok(guard) = Guard::of(facts, place.interface) else {
            continue;
        };
        let proof = guard.prove(&place.flow);
        if proof.is_of_platform {
            change.obstacles.push(
                "traffic with Azure's host is subject to no rule but those with the tags AzurePlatformDNS, AzurePlatformIMDS and AzurePlatformLKM".to_owned(),
            );
            return change;
        }
        if proof.verdict.decision == Decision::Unknown {
            let unknown = proof.unknowns.first().map(|text| format!(": {text}"));
            change.obstacles.push(format!(
                "at `{}` it is not known what rules say{}",
                place.interface.name(),
                unknown.unwrap_or_default()
            ));
            continue;
        }
        let level = proof
            .levels
            .iter()
            .rev()
            .find(|level| level.kind != LevelKind::Admin);
        let step = level.and_then(|level| level.steps.iter().find(|step| step.state == State::Yes));
        let (Some(level), Some(step)) = (level, step) else {
            continue;
        };
        match addition(facts, &guard, place, level, step, Access::Deny) {
            Ok(added) => {
                let mut changed = facts.clone();
                add(&mut changed, &added);
                let is_denied = Guard::of(&changed, place.interface)
                    .is_ok_and(|guard| guard.prove(&place.flow).verdict.decision == Decision::Denied);
                if is_denied {
                    change.additions.push(added);
                    change.obstacles.clear();
                    return change;
                }
            }
            Err(text) => change.obstacles.push(text),
        }
    }
    if change.additions.is_empty() && change.obstacles.is_empty() {
        change.obstacles.push(
            "no network security group that is known stands in its way: one would have to be put there"
                .to_owned(),
        );
    }
    change
}

/// The smallest change after which a flow that is let through at each of some places is denied at all of them.
#[must_use]
pub fn to_deny_each(facts: &FactSet, places: &[Place<'_>]) -> Change {
    let mut all = Change::default();
    let mut facts = facts.clone();
    for place in places {
        let change = to_deny(&facts, std::slice::from_ref(place));
        for added in &change.additions {
            add(&mut facts, added);
        }
        all.additions.extend(change.additions);
        let new = |text: &String| !all.obstacles.contains(text);
        let obstacles: Vec<String> = change.obstacles.into_iter().filter(new).collect();
        all.obstacles.extend(obstacles);
    }
    all
}

/// What denies: a rule of a group that another may be put before, or a reason why none may.
fn obstacle<'p>(proof: &'p Proof, interface: &ArmId) -> Result<(&'p LevelProof, &'p Step), String> {
    let level = proof.levels.last();
    let Some(level) = level.filter(|_| proof.verdict.decision == Decision::Denied) else {
        return Err(match proof.unknowns.first() {
            Some(unknown) => format!(
                "at `{}` it is not known what rules say: {unknown}",
                interface.name()
            ),
            None => format!("at `{}` it is not known what rules say", interface.name()),
        });
    };
    let step = level
        .steps
        .iter()
        .find(|step| step.state != State::No && step.access == Access::Deny);
    let Some(step) = step else {
        return Err(format!(
            "which rule denies at `{}` is not known",
            interface.name()
        ));
    };
    if level.kind == LevelKind::Admin {
        return Err(format!(
            "security admin rule `{}` denies it, and no rule of a group can change that: it is the network manager's, and wants an exception there",
            step.name
        ));
    }
    Ok((level, step))
}

fn addition(
    facts: &FactSet,
    guard: &Guard,
    place: &Place<'_>,
    level: &LevelProof,
    before: &Step,
    access: Access,
) -> Result<Addition, String> {
    let Some(group) = before.owner.as_ref().or(level.group.as_ref()) else {
        return Err(format!("which group rule `{}` is of is not known", before.name));
    };
    // Those that hold there: effective rules may be others than the group's own.
    let held = guard.rules().filter(|(at, _)| at.level == level.kind);
    let rules: Vec<&Rule> = held.map(|(_, held)| &held.rule).collect();
    let Some((priority, moved)) = room(&rules, place.flow.direction, before.priority) else {
        return Err(format!(
            "no number is free before rule `{}` of group `{}`, nor behind it",
            before.name,
            group.name()
        ));
    };
    let or_widen = (access == Access::Allow)
        .then(|| {
            level
                .steps
                .iter()
                .find_map(|step| widened(step, &guard.rule(step.place)?.rule, before, &place.flow))
        })
        .flatten();
    Ok(Addition {
        group: group.clone(),
        interface: place.interface.clone(),
        rule: exact(&place.flow, access, priority, &rules),
        before: before.name.clone(),
        before_priority: before.priority,
        moved,
        guarded: guarded(facts, group),
        or_widen,
    })
}

/// The last free number before another; where none is, those from that one on make room, up to the next that is free.
fn room(rules: &[&Rule], direction: Direction, before: i32) -> Option<(i32, Vec<Moved>)> {
    let held = |number: i32| {
        let is_it = |rule: &&&Rule| rule.direction == direction && rule.priority == number;
        rules.iter().find(is_it)
    };
    let last = before.saturating_sub(1).min(*PRIORITIES.end());
    let free = (*PRIORITIES.start()..=last)
        .rev()
        .find(|number| held(*number).is_none());
    if let Some(free) = free {
        return Some((free, Vec::new()));
    }
    let next = (before..=*PRIORITIES.end()).find(|number| held(*number).is_none())?;
    let moved = (before..next).rev().filter_map(|number| {
        held(number).map(|rule| Moved {
            name: rule.name.clone(),
            from: number,
            to: number + 1,
        })
    });
    Some((before, moved.collect()))
}

/// The rule for this flow and no other, whatever its source port.
fn exact(flow: &Flow, access: Access, priority: i32, beside: &[&Rule]) -> Rule {
    let side = |address: IpAddr, ports: PortRange| Side {
        addresses: vec![AddressSpec::Prefix(IpNet::from(address))],
        ports: vec![ports],
        ..Side::default()
    };
    let port = if flow.has_ports() {
        PortRange {
            first: flow.destination_port,
            last: flow.destination_port,
        }
    } else {
        PortRange::ALL
    };
    let protocol = match flow.protocol {
        6 => RuleProtocol::Tcp,
        17 => RuleProtocol::Udp,
        1 => RuleProtocol::Icmp,
        50 => RuleProtocol::Esp,
        51 => RuleProtocol::Ah,
        _ => RuleProtocol::Any,
    };
    Rule {
        name: name(flow, access, protocol, port, beside),
        priority,
        direction: flow.direction,
        access,
        protocol,
        source: side(flow.source, PortRange::ALL),
        destination: side(flow.destination, port),
        is_default: false,
        description: None,
        unknown: Vec::new(),
    }
}

/// A name that says what it is for. Names of rules are of 80 letters at most, and unique in their group, whatever their direction.
fn name(flow: &Flow, access: Access, protocol: RuleProtocol, port: PortRange, beside: &[&Rule]) -> String {
    let word = if access == Access::Allow { "Allow" } else { "Deny" };
    let way = match flow.direction {
        Direction::Inbound => "In",
        Direction::Outbound => "Out",
    };
    let plain = |address: IpAddr| address.to_string().replace([':', '.'], "-");
    let port = port.to_string().replace('*', "any");
    let begin = format!("{word}-{way}-{protocol:?}-{port}");
    let long = format!("{begin}-{}-to-{}", plain(flow.source), plain(flow.destination));
    // Two addresses of IPv6 are too long: their ends tell enough, beside the number behind.
    let end = |address: IpAddr| {
        let text = plain(address);
        let from = text.len().saturating_sub(ADDRESS_END);
        text.get(from..).unwrap_or_default().trim_matches('-').to_owned()
    };
    let short = match long.len() > NAME_MAX {
        true => format!("{begin}-{}-to-{}", end(flow.source), end(flow.destination)),
        false => long,
    };
    let is_taken = |name: &str| beside.iter().any(|rule| rule.name.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|number| format!("{short}-{number}"));
    let mut names = std::iter::once(short.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or(short)
}

/// An allowing rule before the one that decides, of which a single part does not match.
fn widened(step: &Step, rule: &Rule, before: &Step, flow: &Flow) -> Option<(String, String)> {
    // Azure's own rules stand behind these numbers and cannot be changed.
    let is_editable = PRIORITIES.contains(&step.priority);
    let is_open =
        is_editable && step.access == Access::Allow && step.priority < before.priority && step.applies;
    if !is_open || step.state != State::No {
        return None;
    }
    let missing = |part: &PartProof| part.state == State::No;
    let parts = [
        (missing(&step.source), format!("source `{}`", flow.source)),
        (
            missing(&step.destination),
            format!("destination `{}`", flow.destination),
        ),
        (
            missing(&step.destination_port),
            format!("destination port `{}`", flow.destination_port),
        ),
    ];
    let is_of_groups = |part: &PartProof, side: &Side| missing(part) && !takes_addresses(side);
    if missing(&step.protocol)
        || missing(&step.source_port)
        || is_of_groups(&step.source, &rule.source)
        || is_of_groups(&step.destination, &rule.destination)
    {
        return None;
    }
    let mut lacking = parts.into_iter().filter(|(is_missing, _)| *is_missing);
    match (lacking.next(), lacking.next()) {
        (Some((_, text)), None) => Some((step.name.clone(), text)),
        _ => None,
    }
}

/// True for a side that an address can be added to: Azure takes none beside groups or tags.
fn takes_addresses(side: &Side) -> bool {
    let is_plain = |address: &AddressSpec| matches!(address, AddressSpec::Prefix(_) | AddressSpec::Range(..));
    side.application_groups.is_empty()
        && side.network_groups.is_empty()
        && side.unread_addresses.is_empty()
        && side.addresses.iter().all(is_plain)
}

/// So many interfaces a group guards, by themselves or through their subnets.
fn guarded(facts: &FactSet, group: &ArmId) -> usize {
    let held = match facts.asset(group) {
        Some(Asset::SecurityGroup(held)) => Some(held),
        _ => None,
    };
    let subnets: Vec<&ArmId> = facts
        .resources
        .iter()
        .filter(|resource| match &resource.asset {
            Asset::Subnet(subnet) => {
                subnet.security_group.as_ref() == Some(group)
                    || held.is_some_and(|held| held.subnets.contains(&resource.id))
            }
            _ => false,
        })
        .map(|resource| &resource.id)
        .collect();
    let is_guarded = |resource: &&model::facts::Resource| match &resource.asset {
        Asset::Interface(interface) => {
            interface.security_group.as_ref() == Some(group)
                || held.is_some_and(|held| held.interfaces.contains(&resource.id))
                || interface
                    .configurations
                    .iter()
                    .filter_map(|one| one.subnet.as_ref())
                    .any(|subnet| subnets.contains(&subnet))
        }
        _ => false,
    };
    facts.resources.iter().filter(is_guarded).count()
}

fn add(facts: &mut FactSet, added: &Addition) {
    for held in &mut facts.resources {
        if let (true, Asset::SecurityGroup(group)) = (held.id == added.group, &mut held.asset) {
            added.put_into(&mut group.rules);
        }
    }
    let effective = facts.effective.iter_mut().flat_map(|held| &mut held.groups);
    for group in effective.filter(|held| held.group.as_ref() == Some(&added.group)) {
        added.put_into(&mut group.rules);
    }
}
