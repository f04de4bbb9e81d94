//! Decides a flow the naive way: walk the rules in order, the first that matches wins.
//!
//! This is the slow, obvious twin of the rule evaluator and the reason why each logged tuple has the rule it has. It must
//! stay simple enough to be checked by reading FORMATS.md 5.4, and must not import the evaluator.
//!
//! Deliberate simplifications, all of them properties of this world: `VirtualNetwork` is the own VNet and its peers;
//! `Internet` is everything else except the platform address; `AzureLoadBalancer` is the platform address; traffic to
//! the platform address is governed by no rule.

use crate::internet::PLATFORM_ADDRESS;
use crate::rules::{Access, Address, Decision, Direction, Nsg, Protocol, Rule};
use crate::world::{Encryption, Nic, Vnet, World};
use std::net::IpAddr;

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FiveTuple {
    /// The side that opened the flow.
    pub source: IpAddr,
    /// The side that answers.
    pub destination: IpAddr,
    /// Its port.
    pub source_port: u16,
    /// The port that was called.
    pub destination_port: u16,
    /// IANA number.
    pub protocol: u8,
}

/// The decision that one NIC's log shows for a flow: of an allowed one the last NSG passed, of a denied one the denier.
#[must_use]
pub fn decide<'w>(world: &'w World, nic: &Nic, direction: Direction, flow: &FiveTuple) -> &'w Decision {
    if direction == Direction::Outbound && is_platform(flow.destination) {
        return &world.platform;
    }
    let Some(vnet) = world.vnets.get(nic.vnet) else {
        return &world.platform;
    };
    if direction == Direction::Inbound && dropped_for_encryption(world, vnet, flow.source) {
        return &world.encryption_drop;
    }
    if world.admin.vnets.contains(&vnet.name)
        && let Some(rule) = first_match(world, vnet, &world.admin.rules, direction, flow)
        && rule.access != Access::Allow
    {
        return &rule.decision;
    }
    let subnet = world.subnets.get(nic.subnet).and_then(|subnet| subnet.nsg);
    let order = match direction {
        Direction::Inbound => [subnet, nic.nsg],
        Direction::Outbound => [nic.nsg, subnet],
    };
    let mut last = &world.platform;
    for nsg in order.into_iter().flatten().filter_map(|at| world.nsgs.get(at)) {
        match first_match_in(world, vnet, nsg, direction, flow) {
            Some(rule) if rule.access == Access::Deny => return &rule.decision,
            Some(rule) => last = &rule.decision,
            None => {}
        }
    }
    last
}

fn first_match_in<'w>(
    world: &World,
    vnet: &Vnet,
    nsg: &'w Nsg,
    direction: Direction,
    flow: &FiveTuple,
) -> Option<&'w Rule> {
    first_match(world, vnet, &nsg.rules, direction, flow)
}

/// The first rule, in the order of the list, that matches a flow at a NIC of the VNet.
pub fn first_match<'r>(
    world: &World,
    vnet: &Vnet,
    rules: &'r [Rule],
    direction: Direction,
    flow: &FiveTuple,
) -> Option<&'r Rule> {
    rules
        .iter()
        .filter(|rule| rule.direction == direction)
        .find(|rule| {
            matches_protocol(rule.protocol, flow.protocol)
                && rule
                    .destination_ports
                    .iter()
                    .any(|range| range.contains(flow.destination_port))
                && rule
                    .source_ports
                    .iter()
                    .any(|range| range.contains(flow.source_port))
                && rule
                    .sources
                    .iter()
                    .any(|address| matches_address(world, vnet, address, flow.source))
                && rule
                    .destinations
                    .iter()
                    .any(|address| matches_address(world, vnet, address, flow.destination))
        })
}

fn matches_protocol(protocol: Protocol, number: u8) -> bool {
    match protocol {
        Protocol::Any => true,
        Protocol::Tcp => number == 6,
        Protocol::Udp => number == 17,
    }
}

fn matches_address(world: &World, vnet: &Vnet, wanted: &Address, address: IpAddr) -> bool {
    match wanted {
        Address::Any => true,
        Address::Prefix(prefix) => prefix.contains(address),
        Address::Tag(name) => match name.as_str() {
            "VirtualNetwork" => in_virtual_network(world, vnet, address),
            "AzureLoadBalancer" => is_platform(address),
            "Internet" => !is_platform(address) && !in_virtual_network(world, vnet, address),
            other => world
                .service_tags
                .iter()
                .any(|tag| tag.name == other && tag.contains(address)),
        },
    }
}

fn in_virtual_network(world: &World, vnet: &Vnet, address: IpAddr) -> bool {
    let peers = vnet.peers.iter().filter_map(|peer| world.vnets.get(*peer));
    std::iter::once(vnet)
        .chain(peers)
        .any(|vnet| vnet.prefixes.iter().any(|prefix| prefix.contains(address)))
}

/// A VNet that enforces encryption drops what comes, from inside the virtual network, from a VNet that does not encrypt.
fn dropped_for_encryption(world: &World, vnet: &Vnet, source: IpAddr) -> bool {
    vnet.encryption == Encryption::Enforced
        && in_virtual_network(world, vnet, source)
        && !world.vnets.iter().any(|other| {
            other.encryption == Encryption::Enforced && other.prefixes.iter().any(|p| p.contains(source))
        })
}

fn is_platform(address: IpAddr) -> bool {
    PLATFORM_ADDRESS.parse() == Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Scale, WorldSpec};

    /// `flow` reads `in 92.72.1.1 > vm-web-02 tcp/443`; the log is that of the source for `out`, of the destination for
    /// `in`.
    fn check(flow: &str, expected: &str) {
        let world = World::generate(&WorldSpec {
            seed: 3,
            start_day: 20_000,
            hours: 1,
            scale: Scale::Small,
        });
        let words: Vec<&str> = flow.split(' ').collect();
        let nic_of = |vm: &str| world.nics.iter().find(|nic| nic.vm == vm);
        let address = |text: &str| nic_of(text).map_or_else(|| text.parse().unwrap(), |nic| nic.ipv4);
        let (protocol, port) = words[4].split_once('/').unwrap();
        let tuple = FiveTuple {
            source: address(words[1]),
            destination: address(words[3]),
            source_port: 50_000,
            destination_port: port.parse().unwrap(),
            protocol: if protocol == "tcp" { 6 } else { 17 },
        };
        let (direction, vm) = match words[0] {
            "in" => (Direction::Inbound, words[3]),
            _ => (Direction::Outbound, words[1]),
        };
        assert_eq!(
            decide(&world, nic_of(vm).unwrap(), direction, &tuple).rule,
            expected,
            "{flow}"
        );
    }

    #[test]
    fn into_web_servers() {
        check(
            "in 92.72.1.1 > vm-web-02 tcp/443",
            "UserRule_AllowHttpsFromInternet",
        );
        check("in 92.72.1.1 > vm-web-01 tcp/443", "UserRule_AllowWebPorts");
        check("in 92.72.1.1 > vm-web-02 tcp/22", "DefaultRule_DenyAllInBound");
        check(
            "in 92.72.1.1 > vm-web-02 tcp/445",
            "BlockHighRiskTCPPortsFromInternet",
        );
        check("in 92.72.1.1 > vm-web-02 udp/443", "DefaultRule_DenyAllInBound");
        check(
            "in 168.63.129.16 > vm-web-02 tcp/80",
            "DefaultRule_AllowAzureLoadBalancerInBound",
        );
        check("in vm-dev-01 > vm-web-02 tcp/443", "UserRule_DenyAllFromVnet");
        check("in vm-mon-01 > vm-web-01 tcp/9100", "AlwaysAllowMonitoring");
    }

    #[test]
    fn out_of_web_servers() {
        check("out vm-web-02 > 168.63.129.16 udp/53", "PlatformRule");
        check("out vm-web-02 > vm-app-01 tcp/8080", "UserRule_AllowAppTier");
        check(
            "out vm-web-01 > 140.82.112.3 tcp/443",
            "DefaultRule_AllowInternetOutBound",
        );
        check("out vm-web-01 > 140.82.112.3 tcp/25", "UserRule_DenySmtpOutBound");
    }

    #[test]
    fn databases() {
        check(
            "in vm-app-01 > vm-db-01 tcp/5432",
            "UserRule_AllowPostgresFromApp",
        );
        check("in vm-dev-01 > vm-db-01 tcp/1433", "UserRule_DenySqlFromDev");
        check("in vm-dev-01 > vm-db-01 tcp/5432", "UserRule_DenyAllFromVnet");
        check(
            "out vm-db-01 > 20.60.130.9 tcp/443",
            "UserRule_AllowBackupToStorage",
        );
        check(
            "out vm-db-01 > 140.82.112.3 tcp/443",
            "UserRule_DenyInternetOutBound",
        );
    }

    #[test]
    fn encryption_comes_before_the_rules() {
        check("in vm-jump-01 > vm-pay-01 tcp/22", "unspecified");
        check("in vm-pay-02 > vm-pay-01 tcp/8443", "UserRule_AllowPaymentPeers");
        check("in 198.18.1.1 > vm-pay-01 tcp/22", "DefaultRule_DenyAllInBound");
    }
}
