//! Draws groups, security admin rules and their rules: few addresses and few ports, so that rules meet flows and each other.

use std::net::IpAddr;

use super::estate::{Collection, Estate, Group, Protocol, Rule, Side};
use crate::cidr::Prefix;
use crate::prng::Prng;
use crate::rules::{Access, Address, DEFAULT_RULES, Direction, PortRange};

/// A service tag that no file has.
pub(super) const MADE_UP_TAG: &str = "AzureMadeUp.Nowhere";

/// Ports, edges included.
const PORTS: [&str; 16] = [
    "*",
    "*",
    "22",
    "53",
    "80",
    "443",
    "1688",
    "0",
    "65535",
    "0-1023",
    "80-443",
    "443-443",
    "1024-65535",
    "0-65535",
    "440-450",
    "65534-65535",
];

/// Tags; special ones more often.
const TAGS: [&str; 14] = [
    "VirtualNetwork",
    "VirtualNetwork",
    "VirtualNetwork",
    "Internet",
    "Internet",
    "Internet",
    "AzureLoadBalancer",
    "AzurePlatformDNS",
    "AzurePlatformIMDS",
    "AzurePlatformLKM",
    "Storage",
    "Storage.WestEurope",
    "Sql",
    MADE_UP_TAG,
];

const WIDE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "10.200.0.0/16",
    "0.0.0.0/0",
    "::/0",
    "203.0.113.0/24",
    "203.0.113.128/25",
    "198.51.100.7",
];

const ICMP_AND_OTHERS: [Protocol; 3] = [Protocol::Icmp, Protocol::Esp, Protocol::Ah];

/// The rules that every group has (FORMATS.md 5.2).
pub(super) fn default_rules() -> Vec<Rule> {
    let side = |address: &str| Side {
        addresses: vec![Address::from(address.to_owned())],
        ports: vec![PortRange::ANY],
        ..Side::default()
    };
    let lines = DEFAULT_RULES.iter();
    lines
        .map(
            |(priority, direction, access, _, source, destination, _, name)| Rule {
                name: (*name).to_owned(),
                priority: *priority,
                direction: *direction,
                access: *access,
                protocol: Protocol::Any,
                source: side(source),
                destination: side(destination),
                is_default: true,
            },
        )
        .collect()
}

/// Groups under the given ids.
pub(super) fn groups(prng: &mut Prng, estate: &Estate, ids: &[String]) -> Vec<Group> {
    let ids = ids.iter();
    ids.map(|id| {
        let count = prng.below(9);
        let mut rules: Vec<Rule> = (0..count).map(|at| rule(prng, estate, at, false)).collect();
        if prng.per_mille(750) {
            rules.extend(default_rules());
        }
        Group {
            id: id.clone(),
            rules,
        }
    })
    .collect()
}

/// Security admin rules, for networks or for network groups.
pub(super) fn collections(prng: &mut Prng, estate: &Estate, scope: &str) -> Vec<Collection> {
    if !prng.per_mille(450) {
        return Vec::new();
    }
    let manager = format!("{scope}/providers/Microsoft.Network/networkManagers/avnm");
    let made = (0..prng.between(1, 2)).map(|at| {
        let count = prng.between(1, 4);
        let rules = (0..count)
            .map(|of| rule(prng, estate, at * 10 + of, true))
            .collect();
        let (mut network_groups, mut members) = (Vec::new(), Vec::new());
        let kind = prng.below(100);
        if kind < 25 || (90..96).contains(&kind) {
            network_groups.push(format!("{manager}/networkGroups/all-of-{at}"));
        }
        if (25..85).contains(&kind) || (90..96).contains(&kind) {
            let chosen = prng.pick(&estate.networks);
            members.extend(chosen.map(|network| network.id.clone()));
        }
        if (85..90).contains(&kind) {
            members.push(scope.split("/resourceGroups").next().unwrap_or(scope).to_owned());
        }
        Collection {
            id: format!("{manager}/securityAdminConfigurations/sac/ruleCollections/set-{at}"),
            rules,
            network_groups,
            members,
        }
    });
    made.collect()
}

fn rule(prng: &mut Prng, estate: &Estate, at: u64, is_admin: bool) -> Rule {
    let direction = if prng.per_mille(500) {
        Direction::Inbound
    } else {
        Direction::Outbound
    };
    let access = match prng.below(10) {
        0..=1 if is_admin => Access::AlwaysAllow,
        2..=4 if is_admin => Access::Allow,
        0..=4 => Access::Allow,
        _ => Access::Deny,
    };
    let protocol = match prng.below(10) {
        0..=3 => Protocol::Any,
        4..=6 => Protocol::Tcp,
        7..=8 => Protocol::Udp,
        _ => prng.pick(&ICMP_AND_OTHERS).copied().unwrap_or(Protocol::Icmp),
    };
    let source_is_far = direction == Direction::Inbound;
    let mut source = side(prng, estate, source_is_far, is_admin);
    let mut destination = side(prng, estate, !source_is_far, is_admin);
    source.ports = ports(prng, 800);
    destination.ports = ports(prng, 250);
    let priority = match prng.below(40) {
        0 => 100,
        1 => 4096,
        // Ties are rare.
        _ => 110 + at * 10 + prng.below(9),
    };
    Rule {
        name: format!("{}-{at}", if access == Access::Deny { "deny" } else { "allow" }),
        priority: u16::try_from(priority).unwrap_or(4096),
        direction,
        access,
        protocol,
        source,
        destination,
        is_default: false,
    }
}

/// Ports; all of them in so many of 1,000 cases.
fn ports(prng: &mut Prng, all: u64) -> Vec<PortRange> {
    if prng.per_mille(all) {
        return vec![PortRange::ANY];
    }
    let count = if prng.per_mille(700) {
        1
    } else {
        prng.between(2, 3)
    };
    let mut ports = Vec::new();
    for _ in 0..count {
        let drawn = prng.pick(&PORTS).and_then(|text| PortRange::parse(text));
        ports.extend(drawn.filter(|range| !ports.contains(range)));
    }
    ports
}

/// Addresses and groups of one side. The far one is that of the other end; the near one is mostly any.
fn side(prng: &mut Prng, estate: &Estate, is_far: bool, is_admin: bool) -> Side {
    let mut side = Side::default();
    if prng.per_mille(if is_far { 180 } else { 650 }) {
        side.addresses.push(Address::Any);
        return side;
    }
    let kind = prng.below(100);
    if kind < 14 && !is_admin && !estate.application_groups.is_empty() {
        for _ in 0..prng.between(1, 2) {
            side.application_groups
                .extend(prng.pick(&estate.application_groups).cloned());
        }
        side.application_groups.dedup();
        if prng.per_mille(800) {
            return side;
        }
    }
    if kind < 6 && is_admin {
        side.network_groups
            .push("/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-Case/providers/Microsoft.Network/networkManagers/avnm/networkGroups/shops".to_owned());
        return side;
    }
    if kind == 99 && !is_admin {
        // No address and no group: what it matches is not known.
        return side;
    }
    let count = if prng.per_mille(700) {
        1
    } else {
        prng.between(2, 4)
    };
    for _ in 0..count {
        let drawn = address(prng, estate);
        if !side.addresses.contains(&drawn) {
            side.addresses.push(drawn);
        }
    }
    side
}

fn address(prng: &mut Prng, estate: &Estate) -> Address {
    let prefix = match prng.below(10) {
        0..=3 => return Address::Tag(prng.pick(&TAGS).map_or("Internet", |tag| *tag).to_owned()),
        4..=5 => {
            let held = estate.interfaces.iter().flat_map(|held| &held.configurations);
            let held: Vec<IpAddr> = held.map(|held| held.address).collect();
            prng.pick(&held)
                .and_then(|address| Prefix::parse(&address.to_string()))
        }
        6..=7 => {
            let held = estate.subnets.iter().flat_map(|subnet| &subnet.prefixes);
            let held: Vec<Prefix> = held.copied().collect();
            prng.pick(&held).map(|prefix| narrowed(prng, *prefix))
        }
        8 => {
            let held = estate.networks.iter().flat_map(|network| &network.prefixes);
            let held: Vec<Prefix> = held.copied().collect();
            prng.pick(&held).copied()
        }
        _ => None,
    };
    let wide = || prng.pick(&WIDE).and_then(|text| Prefix::parse(text));
    prefix.or_else(wide).map_or(Address::Any, Address::Prefix)
}

/// The prefix, or a half of it, at times written by an address inside of it.
fn narrowed(prng: &mut Prng, prefix: Prefix) -> Prefix {
    match prng.below(4) {
        0 => Prefix {
            base: prefix.host(prefix.size() / 2),
            bits: prefix.bits + 1,
        },
        1 => Prefix {
            base: prefix.host(3),
            bits: prefix.bits,
        },
        _ => prefix,
    }
}
