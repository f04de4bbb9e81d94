//! Small groups of rules at random, and every flow that they can tell apart.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::Direction;
use model::facts::{
    Access, AddressSpec, ArmId, Asset, FactSet, Interface, IpConfiguration, PortRange, Resource, Rule,
    RuleProtocol, SecurityGroup, ServiceTag, Side, Subnet, TagSet, VirtualNetwork,
};
use nsg::Flow;
use sim::prng::Prng;

const AROUND: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

pub(crate) fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{AROUND}/{rest}")).unwrap()
}

pub(crate) fn resource(rest: &str, asset: Asset) -> Resource {
    Resource {
        id: id(rest),
        location: None,
        guid: None,
        tags: BTreeMap::new(),
        asset,
    }
}

/// One address of each piece that the rules below can cut: inside of the network and outside, of both tags and of none.
const ADDRESSES: [&str; 9] = [
    "10.0.0.4",
    "10.0.0.200",
    "10.0.1.4",
    "10.9.0.1",
    "20.0.0.1",
    "20.0.0.200",
    "203.0.113.7",
    "fd00::4",
    "2001:db9::1",
];
const PREFIXES: [&str; 8] = [
    "10.0.0.0/25",
    "10.0.0.0/24",
    "10.0.0.0/16",
    "10.0.0.0/8",
    "20.0.0.0/25",
    "20.0.0.0/24",
    "0.0.0.0/0",
    "::/0",
];
/// Ports at the edges of ranges, so that all pieces have one.
pub(crate) const PORTS: [u16; 7] = [0, 21, 22, 80, 443, 1_000, 65_535];
const PROTOCOLS: [u8; 6] = [6, 17, 1, 50, 51, 132];

pub(crate) struct Dice(pub(crate) Prng);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.below(end as u64)).unwrap()
    }

    pub(crate) fn one<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        &of[self.below(of.len())]
    }

    fn side(&mut self, tags: &[&str]) -> Side {
        let addresses = (0..=self.below(2)).map(|_| match self.below(5) {
            0 | 1 => AddressSpec::Any,
            2 => AddressSpec::Tag((*self.one(tags)).to_owned()),
            _ => AddressSpec::Prefix(self.one(&PREFIXES).parse().unwrap()),
        });
        Side {
            addresses: addresses.collect(),
            ports: vec![PortRange::ALL],
            ..Side::default()
        }
    }

    fn rule(&mut self, at: usize, tags: &[&str]) -> Rule {
        let mut destination = self.side(tags);
        if self.below(2) == 0 {
            destination.ports = (0..=self.below(2))
                .map(|_| *self.one(&[(22, 22), (0, 21), (80, 443), (443, 65_535), (22, 1_000)]))
                .map(|(first, last)| PortRange { first, last })
                .collect();
        }
        Rule {
            name: format!("rule-{at}"),
            priority: i32::try_from(100 + at).unwrap(),
            direction: Direction::Inbound,
            access: *self.one(&[Access::Allow, Access::Deny]),
            protocol: *self.one(&[
                RuleProtocol::Any,
                RuleProtocol::Any,
                RuleProtocol::Tcp,
                RuleProtocol::Udp,
                RuleProtocol::Icmp,
            ]),
            source: self.side(tags),
            destination,
            is_default: false,
            description: None,
            unknown: Vec::new(),
        }
    }

    pub(crate) fn rules(&mut self, tags: &[&str]) -> Vec<Rule> {
        let count = 2 + self.below(7);
        (0..count).map(|at| self.rule(at, tags)).collect()
    }
}

pub(crate) fn facts(rules: Vec<Rule>, tags: Option<Vec<ServiceTag>>) -> FactSet {
    let interface = Interface {
        configurations: vec![IpConfiguration {
            address: Some("10.0.0.4".parse().unwrap()),
            subnet: Some(id("virtualNetworks/v/subnets/s")),
            ..IpConfiguration::default()
        }],
        ..Interface::default()
    };
    let network = VirtualNetwork {
        prefixes: vec!["10.0.0.0/16".parse().unwrap(), "fd00::/48".parse().unwrap()],
        ..VirtualNetwork::default()
    };
    let subnet = Subnet {
        prefixes: vec!["10.0.0.0/24".parse().unwrap()],
        security_group: Some(id("networkSecurityGroups/g")),
        ..Subnet::default()
    };
    let group = SecurityGroup {
        rules,
        ..SecurityGroup::default()
    };
    FactSet {
        resources: vec![
            resource("networkInterfaces/n", Asset::Interface(interface)),
            resource("virtualNetworks/v", Asset::VirtualNetwork(network)),
            resource("virtualNetworks/v/subnets/s", Asset::Subnet(subnet)),
            resource("networkSecurityGroups/g", Asset::SecurityGroup(group)),
        ],
        tags: tags.map(|tags| TagSet {
            tags,
            ..TagSet::default()
        }),
        ..FactSet::default()
    }
}

pub(crate) fn tag(name: &str, prefixes: &[&str]) -> ServiceTag {
    ServiceTag {
        name: name.to_owned(),
        region: None,
        service: None,
        prefixes: prefixes.iter().map(|held| held.parse().unwrap()).collect(),
    }
}

/// Every flow that these rules can tell apart.
pub(crate) fn flows() -> Vec<Flow> {
    let mut flows = Vec::new();
    let addresses: Vec<IpAddr> = ADDRESSES.iter().map(|held| held.parse().unwrap()).collect();
    for source in &addresses {
        for destination in addresses.iter().filter(|held| held.is_ipv4() == source.is_ipv4()) {
            for protocol in PROTOCOLS {
                let ports: &[u16] = if matches!(protocol, 6 | 17) { &PORTS } else { &[0] };
                flows.extend(ports.iter().map(|port| Flow {
                    direction: Direction::Inbound,
                    protocol,
                    source: *source,
                    source_port: if *port == 0 { 0 } else { 40_000 },
                    destination: *destination,
                    destination_port: *port,
                }));
            }
        }
    }
    flows
}
