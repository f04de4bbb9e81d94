//! Draws flows of a case: addresses and ports at the edges of what its rules name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::CaseFlow;
use super::estate::{Estate, Interface, Protocol, Rule, Side};
use super::known::METADATA_ADDRESS;
use crate::cidr::Prefix;
use crate::internet::PLATFORM_ADDRESS;
use crate::prng::{Prng, Purpose};
use crate::rules::{Address, Direction, PortRange};

/// Addresses that no part of an estate names.
const ANYWHERE: [&str; 14] = [
    "203.0.113.9",
    "203.0.113.127",
    "203.0.113.128",
    "8.8.8.8",
    "255.255.255.255",
    "0.0.0.0",
    "10.99.1.1",
    "172.15.255.255",
    "172.31.0.9",
    "172.32.0.0",
    "192.168.77.9",
    "2001:db8::9",
    "fd77::1",
    "fc00::",
];

const PROTOCOLS: [u8; 6] = [1, 50, 51, 58, 47, 0];

/// What flows are drawn from.
struct Pools {
    addresses: Vec<IpAddr>,
    ports: Vec<u16>,
}

pub(super) fn flows(seed: u64, estate: &Estate, count: usize) -> Vec<CaseFlow> {
    let mut prng = Prng::keyed(seed, Purpose::Verdicts, &[2]);
    let pools = pools(estate);
    let mut flows = Vec::new();
    while flows.len() < count {
        let Some(interface) = prng.pick(&estate.interfaces) else {
            break;
        };
        let drawn = flow(&mut prng, &pools, interface);
        let aimed = prng.per_mille(450);
        flows.extend(drawn.map(|mut flow| {
            if let Some(rule) = rule_met_by(&mut prng, estate, interface).filter(|_| aimed) {
                aim(&mut prng, estate, &mut flow, rule);
            }
            flow
        }));
    }
    flows
}

fn flow(prng: &mut Prng, pools: &Pools, interface: &Interface) -> Option<CaseFlow> {
    let held = prng.pick(&interface.configurations)?;
    let own = if prng.per_mille(40) {
        *prng.pick(&pools.addresses)?
    } else {
        held.address
    };
    let other = match prng.below(1000) {
        0..=69 => PLATFORM_ADDRESS.parse().ok()?,
        70..=99 => METADATA_ADDRESS.parse().ok()?,
        100..=219 => prng.pick(&ANYWHERE)?.parse().ok()?,
        _ => *prng.pick(&pools.addresses)?,
    };
    if own.is_ipv4() != other.is_ipv4() {
        return None;
    }
    let protocol = match prng.below(100) {
        0..=61 => 6,
        62..=92 => 17,
        _ => *prng.pick(&PROTOCOLS)?,
    };
    let has_ports = protocol == 6 || protocol == 17;
    let mut port = |chance: u64| {
        if !has_ports {
            0
        } else if prng.per_mille(chance) {
            prng.ephemeral_port()
        } else {
            prng.pick(&pools.ports).copied().unwrap_or(0)
        }
    };
    let (source_port, destination_port) = (port(700), port(100));
    let direction = if prng.per_mille(500) {
        Direction::Inbound
    } else {
        Direction::Outbound
    };
    let (source, destination) = match direction {
        Direction::Inbound => (other, own),
        Direction::Outbound => (own, other),
    };
    Some(CaseFlow {
        interface: interface.id.clone(),
        direction,
        protocol,
        source,
        source_port,
        destination,
        destination_port,
    })
}

/// A rule that the interface's flows are put to.
fn rule_met_by<'e>(prng: &mut Prng, estate: &'e Estate, interface: &'e Interface) -> Option<&'e Rule> {
    let subnet = interface
        .configurations
        .first()
        .and_then(|held| estate.subnet(&held.subnet));
    let ids = [
        interface.group.as_ref(),
        subnet.and_then(|subnet| subnet.group.as_ref()),
    ];
    let groups = ids.into_iter().flatten().filter_map(|id| estate.group(id));
    let effective = interface.effective.iter().flat_map(|held| &held.rules);
    let admin = estate.collections.iter().flat_map(|held| &held.rules);
    let rules: Vec<&Rule> = groups
        .flat_map(|group| &group.rules)
        .chain(effective)
        .chain(admin)
        .filter(|rule| !rule.is_default)
        .collect();
    prng.pick(&rules).copied()
}

/// Makes a flow more like one that the rule matches: the reporter's own address stays, and so does what a rule leaves open.
fn aim(prng: &mut Prng, estate: &Estate, flow: &mut CaseFlow, rule: &Rule) {
    let is_inbound = rule.direction == Direction::Inbound;
    if flow.direction != rule.direction {
        std::mem::swap(&mut flow.source, &mut flow.destination);
        flow.direction = rule.direction;
    }
    flow.protocol = match rule.protocol {
        Protocol::Any if flow.protocol == 6 => 6,
        Protocol::Any | Protocol::Udp => 17,
        Protocol::Tcp => 6,
        Protocol::Icmp => 1,
        Protocol::Esp => 50,
        Protocol::Ah => 51,
    };
    let (far, far_side) = if is_inbound {
        (&mut flow.source, &rule.source)
    } else {
        (&mut flow.destination, &rule.destination)
    };
    if let Some(address) = address_of(prng, estate, far_side)
        && address.is_ipv4() == far.is_ipv4()
    {
        *far = address;
    }
    let mut port = |side: &Side, drawn: u16| match prng.pick(&side.ports) {
        _ if flow.protocol != 6 && flow.protocol != 17 => 0,
        Some(range) if *range != PortRange::ANY => prng.pick(&around(*range)).copied().unwrap_or(drawn),
        _ => drawn,
    };
    flow.source_port = port(&rule.source, flow.source_port);
    flow.destination_port = port(&rule.destination, flow.destination_port);
}

/// An address that one part of a side is about, or one beside it; none where any will do.
fn address_of(prng: &mut Prng, estate: &Estate, side: &Side) -> Option<IpAddr> {
    let held = estate.interfaces.iter().flat_map(|held| &held.configurations);
    if let Some(group) = prng.pick(&side.application_groups) {
        let members = held.filter(|held| held.application_groups.contains(group));
        let members: Vec<IpAddr> = members.map(|held| held.address).collect();
        return prng.pick(&members).copied();
    }
    let prefix = match prng.pick(&side.addresses)? {
        Address::Any => return None,
        Address::Prefix(prefix) => *prefix,
        Address::Tag(name) => match name.as_str() {
            "VirtualNetwork" => {
                let held: Vec<IpAddr> = held.map(|held| held.address).collect();
                return prng.pick(&held).copied();
            }
            "Internet" => return "8.8.8.8".parse().ok(),
            "AzureLoadBalancer" | "AzurePlatformDNS" => return PLATFORM_ADDRESS.parse().ok(),
            "AzurePlatformIMDS" => return METADATA_ADDRESS.parse().ok(),
            other => {
                let tag = estate.tags.iter().flatten().find(|tag| tag.name == other)?;
                *prng.pick(&tag.prefixes)?
            }
        },
    };
    prng.pick(&edges(prefix)).copied()
}

/// The ports at the edges of a range, mostly inside of it.
fn around(range: PortRange) -> [u16; 6] {
    let (before, behind) = (range.first.saturating_sub(1), range.last.saturating_add(1));
    [range.first, range.last, range.first, range.last, before, behind]
}

fn pools(estate: &Estate) -> Pools {
    let groups = estate.groups.iter().flat_map(|group| &group.rules);
    let collections = estate.collections.iter().flat_map(|held| &held.rules);
    let rules: Vec<_> = groups.chain(collections).collect();
    let sides = || rules.iter().flat_map(|rule| [&rule.source, &rule.destination]);
    let written = sides().flat_map(|side| &side.addresses);
    let routed = estate.tables.iter().flat_map(|table| &table.routes);
    let written = written.chain(routed.map(|route| &route.to));
    let mut prefixes: Vec<Prefix> = written
        .filter_map(|address| match address {
            Address::Prefix(prefix) => Some(*prefix),
            Address::Any | Address::Tag(_) => None,
        })
        .collect();
    for network in &estate.networks {
        prefixes.extend(&network.prefixes);
        prefixes.extend(network.peerings.iter().flat_map(|held| &held.remote_prefixes));
    }
    prefixes.extend(estate.subnets.iter().flat_map(|subnet| &subnet.prefixes));
    prefixes.extend(estate.tags.iter().flatten().flat_map(|tag| &tag.prefixes));
    prefixes.extend(estate.local_gateways.iter().flat_map(|held| &held.prefixes));
    prefixes.extend(estate.gateways.iter().flat_map(|held| &held.clients));
    let effective = estate.interfaces.iter().flat_map(|held| &held.effective);
    let effective = effective.flat_map(|group| &group.rules);
    let effective = effective.flat_map(|rule| [&rule.source, &rule.destination]);
    prefixes.extend(effective.flat_map(|side| &side.expanded));
    let mut addresses: Vec<IpAddr> = prefixes.into_iter().flat_map(edges).collect();
    addresses.sort_unstable();
    addresses.dedup();
    // Each interface as often as all edges together have room for one.
    let interfaces: Vec<IpAddr> = estate
        .interfaces
        .iter()
        .flat_map(|interface| interface.configurations.iter().map(|held| held.address))
        .collect();
    let times = 1 + addresses.len() / (2 * interfaces.len().max(1));
    for _ in 0..times {
        addresses.extend(&interfaces);
    }
    let mut ports = vec![0, 22, 53, 80, 443, 1688, 65535];
    let ranges = sides().flat_map(|side| &side.ports);
    for range in ranges.filter(|range| **range != PortRange::ANY) {
        ports.extend(around(*range));
    }
    Pools { addresses, ports }
}

/// The first and the last address of a prefix, and, half as often, those before and behind.
fn edges(prefix: Prefix) -> Vec<IpAddr> {
    let first = prefix.host(0);
    let last = match first {
        IpAddr::V4(first) => {
            let free = u32::MAX.checked_shr(u32::from(prefix.bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(first) | free))
        }
        IpAddr::V6(first) => {
            let free = u128::MAX.checked_shr(u32::from(prefix.bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(first) | free))
        }
    };
    vec![first, last, first, last, moved(first, false), moved(last, true)]
}

/// The address one place on.
fn moved(address: IpAddr, is_up: bool) -> IpAddr {
    match address {
        IpAddr::V4(held) => {
            let held = u32::from(held);
            let held = if is_up {
                held.saturating_add(1)
            } else {
                held.saturating_sub(1)
            };
            IpAddr::V4(Ipv4Addr::from(held))
        }
        IpAddr::V6(held) => {
            let held = u128::from(held);
            let held = if is_up {
                held.saturating_add(1)
            } else {
                held.saturating_sub(1)
            };
            IpAddr::V6(Ipv6Addr::from(held))
        }
    }
}
