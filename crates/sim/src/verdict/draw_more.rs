//! Draws what not every estate has: gateways that are joined to each other, their clients, private endpoints, and what Azure says that
//! holds at an interface. Numbers of its own, so that the rest of an estate is what it is without.

use super::draw::{id, prefixes};
use super::estate::{Connection, EffectiveGroup, Estate, Group, Interface, Rule, Side, network_of, same};
use crate::cidr::Prefix;
use crate::prng::{Prng, Purpose};
use crate::rules::{Access, Address};

/// Addresses of clients; the last ones are those of networks too.
const CLIENTS: [&str; 3] = ["172.16.201.0/24", "10.250.0.0/16", "192.168.4.128/25"];

/// What else may belong to `VirtualNetwork`, as nobody but Azure knows.
const LEARNED: [&str; 4] = [
    "10.99.0.0/16",
    "192.168.77.0/24",
    "203.0.113.0/25",
    "172.20.0.0/24",
];

const POLICIES: [Option<&str>; 5] = [
    None,
    Some("Disabled"),
    Some("Enabled"),
    Some("NetworkSecurityGroupEnabled"),
    Some("RouteTableEnabled"),
];

pub(super) fn add(seed: u64, estate: &mut Estate) {
    let mut prng = Prng::keyed(seed, Purpose::Verdicts, &[3]);
    let prng = &mut prng;
    join_gateways(prng, estate);
    for gateway in &mut estate.gateways {
        if prng.per_mille(250) {
            let pool = *prng.pick(&CLIENTS).unwrap_or(&"10.250.0.0/16");
            gateway.clients = prefixes(&[pool]);
        }
    }
    draw_endpoints(prng, estate);
    draw_effective(prng, estate);
}

/// Each pair by a connection of the one, of the other, or of both, as Azure has it.
fn join_gateways(prng: &mut Prng, estate: &mut Estate) {
    let ids: Vec<String> = estate.gateways.iter().map(|held| held.id.clone()).collect();
    for (at, one) in ids.iter().enumerate() {
        for (of, other) in ids.iter().enumerate().skip(at + 1) {
            if !prng.per_mille(500) {
                continue;
            }
            let mut put = |gateway: &str, remote: &str, name: String| {
                estate.connections.push(Connection {
                    id: id("connections", &name),
                    gateway: gateway.to_owned(),
                    remote: remote.to_owned(),
                });
            };
            let kind = prng.below(3);
            if kind != 1 {
                put(one, other, format!("cn-{at}-to-{of}"));
            }
            if kind != 0 {
                put(other, one, format!("cn-{of}-to-{at}"));
            }
        }
    }
}

fn draw_endpoints(prng: &mut Prng, estate: &mut Estate) {
    for subnet in &mut estate.subnets {
        subnet.endpoint_policies = prng.pick(&POLICIES).copied().flatten();
    }
    for (at, interface) in estate.interfaces.iter_mut().enumerate() {
        if prng.per_mille(40) {
            interface.private_endpoint = Some(id("privateEndpoints", &format!("pe-{at}")));
        }
    }
}

/// What Azure is asked about names an interface only through the group of its own.
fn draw_effective(prng: &mut Prng, estate: &mut Estate) {
    let drawn: Vec<Vec<EffectiveGroup>> = estate
        .interfaces
        .iter()
        .map(|interface| match &interface.group {
            Some(own) if prng.per_mille(350) => effective(prng, estate, interface, own),
            _ => Vec::new(),
        })
        .collect();
    for (interface, drawn) in estate.interfaces.iter_mut().zip(drawn) {
        interface.effective = drawn;
    }
}

fn effective(prng: &mut Prng, estate: &Estate, interface: &Interface, own: &str) -> Vec<EffectiveGroup> {
    let Some(first) = interface.configurations.first() else {
        return Vec::new();
    };
    let mut network: Vec<Prefix> = estate
        .network(network_of(&first.subnet))
        .map(|network| network.prefixes.clone())
        .unwrap_or_default();
    // Some tools list one family only.
    if prng.per_mille(400) {
        network.retain(|prefix| prefix.base.is_ipv4());
    }
    if prng.per_mille(600) {
        let learned = *prng.pick(&LEARNED).unwrap_or(&"10.99.0.0/16");
        network.extend(prefixes(&[learned]));
    }
    let mut held = Vec::new();
    let of_subnet = estate
        .subnet(&first.subnet)
        .and_then(|subnet| subnet.group.as_ref());
    for (id, is_of_subnet) in [(Some(own), false), (of_subnet.map(String::as_str), true)] {
        let Some(group) = id.and_then(|id| estate.group(id)) else {
            continue;
        };
        held.push(EffectiveGroup {
            id: group.id.clone(),
            is_of_subnet,
            rules: rules(prng, estate, group, &network),
        });
    }
    held
}

/// The rules of a group as they were when Azure was asked, with tags expanded.
fn rules(prng: &mut Prng, estate: &Estate, group: &Group, network: &[Prefix]) -> Vec<Rule> {
    let mut rules = group.rules.clone();
    if !rules.iter().any(|rule| rule.is_default) {
        rules.extend(super::draw_rules::default_rules());
    }
    // Some rule was another one.
    let place = prng.below(rules.len().max(1) as u64);
    let place = usize::try_from(place).unwrap_or(0);
    if let Some(rule) = rules
        .get_mut(place)
        .filter(|rule| !rule.is_default && prng.per_mille(500))
    {
        rule.access = match rule.access {
            Access::Deny => Access::Allow,
            _ => Access::Deny,
        };
    }
    for rule in &mut rules {
        expand(estate, &mut rule.source, network);
        expand(estate, &mut rule.destination, network);
    }
    rules
}

/// Azure lists all addresses of a side's tags, or none.
fn expand(estate: &Estate, side: &mut Side, network: &[Prefix]) {
    let mut expanded = Vec::new();
    for address in &side.addresses {
        let Address::Tag(name) = address else { continue };
        if same(name, "VirtualNetwork") {
            expanded.extend(network);
            continue;
        }
        let tags = estate.tags.iter().flatten();
        match tags.into_iter().find(|tag| same(&tag.name, name)) {
            Some(tag) => expanded.extend(&tag.prefixes),
            None => return,
        }
    }
    side.expanded = expanded;
}
