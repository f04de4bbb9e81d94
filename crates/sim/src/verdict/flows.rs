//! Draws flows of a case: addresses and ports at the edges of what its rules name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::CaseFlow;
use super::estate::{Estate, Interface};
use super::known::METADATA_ADDRESS;
use crate::cidr::Prefix;
use crate::internet::PLATFORM_ADDRESS;
use crate::prng::{Prng, Purpose};
use crate::rules::{Address, Direction};

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
        flows.extend(flow(&mut prng, &pools, interface));
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
    for range in sides().flat_map(|side| &side.ports) {
        ports.extend([range.first, range.last]);
        ports.extend([range.first.saturating_sub(1), range.last.saturating_add(1)]);
    }
    Pools { addresses, ports }
}

/// The first and the last address of a prefix, and those before and behind.
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
    vec![first, last, moved(first, false), moved(last, true)]
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
