//! How much of a rule what was seen needs: peers with a margin, and ports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use model::facts::{AddressSpec, PortRange, Rule, Side};
use model::{AddressClass, IpClass};
use nsg::Surroundings;

use super::{Seen, peer_side};

/// So many ports of one of a rule's ranges are listed; of more the range is kept from the first to the last that was used.
const PORTS_LISTED_MAX: usize = 16;
/// One rule is parted in so many, by the peers of its ports; beyond it all ports are for all peers.
const PARTS_MAX: usize = 6;

/// How far from what was seen rules reach: peers of one prefix of so many bits are as good as one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Of IPv4.
    pub v4: u8,
    /// Of IPv6.
    pub v6: u8,
}

impl Default for Margin {
    fn default() -> Self {
        Self { v4: 24, v6: 64 }
    }
}

impl Margin {
    /// Of so many bits of IPv4; a machine alone is a machine alone in both.
    #[must_use]
    pub const fn of_bits(v4: u8) -> Self {
        let v6 = if v4 >= 32 { 128 } else { 64 };
        Self { v4, v6 }
    }

    fn around(self, address: IpAddr) -> Option<IpNet> {
        let bits = match address {
            IpAddr::V4(_) => self.v4,
            IpAddr::V6(_) => self.v6,
        };
        IpNet::new(address, bits).ok().map(|prefix| prefix.trunc())
    }
}

/// What of a rule a peer needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    /// A part of what it names, or one of the things that it names.
    Spec(AddressSpec),
    /// Its application security groups.
    Groups,
    /// All of it: there is no telling by what the peer is meant.
    Whole,
}

/// What a peer needs of a rule: never more than the rule has.
pub(super) fn peer(rule: &Rule, address: IpAddr, margin: Margin, around: &[Surroundings]) -> Peer {
    let address = address.to_canonical();
    let side = peer_side(rule);
    let own = side
        .addresses
        .iter()
        .find_map(|spec| part(spec, address, margin, around));
    match own {
        Some(spec) => Peer::Spec(spec),
        None if is_plain(side) && !side.application_groups.is_empty() && side.addresses.is_empty() => {
            Peer::Groups
        }
        None => Peer::Whole,
    }
}

/// True if nothing that is only known to Azure stands in a side.
fn is_plain(side: &Side) -> bool {
    side.network_groups.is_empty() && side.unread_addresses.is_empty() && side.expanded.is_empty()
}

fn part(spec: &AddressSpec, address: IpAddr, margin: Margin, around: &[Surroundings]) -> Option<AddressSpec> {
    let wide = margin.around(address)?;
    let is_public = AddressClass::of(address).ip_class() == IpClass::Internet;
    let in_network =
        |prefix: &IpNet| !around.is_empty() && around.iter().all(|held| held.network_has(prefix));
    match spec {
        AddressSpec::Prefix(prefix) if prefix.contains(&address) => {
            // Public peers change from day to day.
            let is_kept = prefix.prefix_len() >= wide.prefix_len() || is_public;
            Some(AddressSpec::Prefix(if is_kept { *prefix } else { wide }))
        }
        AddressSpec::Range(first, last) if *first <= address && address <= *last => {
            let is_within = *first <= wide.network() && wide.broadcast() <= *last;
            let single = IpNet::from(address);
            Some(AddressSpec::Prefix(if is_within { wide } else { single }))
        }
        AddressSpec::Any if is_public && !in_network(&IpNet::from(address)) => Some(AddressSpec::Any),
        AddressSpec::Any => Some(AddressSpec::Prefix(wide)),
        AddressSpec::Tag(name) if name.eq_ignore_ascii_case("VirtualNetwork") => {
            let single = IpNet::from(address);
            match (in_network(&wide), in_network(&single)) {
                (true, _) => Some(AddressSpec::Prefix(wide)),
                (false, true) => Some(AddressSpec::Prefix(single)),
                (false, false) => None,
            }
        }
        _ => None,
    }
}

/// A rule about these ports, for these peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) ports: Vec<PortRange>,
    pub(super) peers: Side,
}

/// The parts of a rule that are needed for one protocol.
pub(super) fn parts(rule: &Rule, seen: &Seen, protocol: u8) -> Vec<Part> {
    let mut by_peers: BTreeMap<BTreeSet<Peer>, BTreeSet<u16>> = BTreeMap::new();
    let held = seen.peers.iter().filter(|((number, _), _)| *number == protocol);
    for ((_, port), peers) in held {
        by_peers.entry(peers.clone()).or_default().insert(*port);
    }
    if by_peers.len() > PARTS_MAX || seen.has_many_peers {
        let mut all = (BTreeSet::new(), BTreeSet::new());
        for (peers, ports) in by_peers {
            all.0.extend(peers);
            all.1.extend(ports);
        }
        if seen.has_many_peers {
            all.0.insert(Peer::Whole);
        }
        by_peers = BTreeMap::from([all]);
    }
    by_peers
        .into_iter()
        .map(|(peers, ports)| Part {
            ports: ranges(&rule.destination.ports, &ports),
            peers: side(peer_side(rule), &peers),
        })
        .collect()
}

/// A side with these peers, and the ports that it has.
fn side(whole: &Side, peers: &BTreeSet<Peer>) -> Side {
    if peers.contains(&Peer::Whole) {
        return whole.clone();
    }
    let specs = peers.iter().filter_map(|peer| match peer {
        Peer::Spec(spec) => Some(spec.clone()),
        Peer::Groups | Peer::Whole => None,
    });
    let mut addresses: Vec<AddressSpec> = specs.collect();
    if addresses.contains(&AddressSpec::Any) {
        addresses = vec![AddressSpec::Any];
    }
    let prefixes: Vec<IpNet> = addresses
        .iter()
        .filter_map(|spec| match spec {
            AddressSpec::Prefix(prefix) => Some(*prefix),
            _ => None,
        })
        .collect();
    addresses.retain(|spec| !matches!(spec, AddressSpec::Prefix(_)));
    addresses.extend(IpNet::aggregate(&prefixes).into_iter().map(AddressSpec::Prefix));
    Side {
        addresses,
        ports: whole.ports.clone(),
        application_groups: match peers.contains(&Peer::Groups) {
            true => whole.application_groups.clone(),
            false => Vec::new(),
        },
        ..Side::default()
    }
}

/// The ports that were used, range by range of the rule.
fn ranges(whole: &[PortRange], used: &BTreeSet<u16>) -> Vec<PortRange> {
    let mut found: Vec<PortRange> = Vec::new();
    for range in whole {
        let within: Vec<u16> = used.iter().copied().filter(|port| range.has(*port)).collect();
        let (Some(first), Some(last)) = (within.first(), within.last()) else {
            continue;
        };
        if within.len() > PORTS_LISTED_MAX {
            found.push(PortRange {
                first: *first,
                last: *last,
            });
            continue;
        }
        found.extend(within.iter().map(|port| PortRange {
            first: *port,
            last: *port,
        }));
    }
    found.sort_unstable();
    joined(&found)
}

/// Ranges that touch, as one.
fn joined(sorted: &[PortRange]) -> Vec<PortRange> {
    let mut all: Vec<PortRange> = Vec::new();
    for range in sorted {
        match all.last_mut() {
            Some(held) if u32::from(range.first) <= u32::from(held.last) + 1 => {
                held.last = held.last.max(range.last);
            }
            _ => all.push(*range),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u16, last: u16) -> PortRange {
        PortRange { first, last }
    }

    #[test]
    fn few_ports_are_listed_and_many_are_a_range_within_the_rules_own() {
        let used: BTreeSet<u16> = [80, 81, 443, 9_000].into();
        assert_eq!(
            ranges(&[PortRange::ALL], &used),
            [range(80, 81), range(443, 443), range(9_000, 9_000)]
        );
        assert_eq!(ranges(&[range(400, 500)], &used), [range(443, 443)]);
        let many: BTreeSet<u16> = (0..40).map(|at| 50_000 + at * 100).collect();
        assert_eq!(
            ranges(&[range(49_152, 65_535), range(22, 22)], &many),
            [range(50_000, 53_900)]
        );
    }
}
