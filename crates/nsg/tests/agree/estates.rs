//! Random estates of everything that a rule can hold.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use model::Direction;
use model::facts::{
    Access, AddressSpec, AdminRules, ArmId, Asset, EffectiveGroup, EffectiveRules, FactSet, Gateway,
    Interface, IpConfiguration, Peering, PortRange, Resource, Route, RouteTable, Rule, RuleProtocol,
    SecurityGroup, ServiceTag, Side, Subnet, TagSet, VirtualNetwork,
};
use nsg::Flow;
use sim::prng::Prng;

const AROUND: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";

pub(crate) fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{AROUND}/{rest}")).unwrap()
}

/// Few addresses, so that rules meet: edges of prefixes, inside, outside, the host, both families.
const ADDRESSES: [&str; 20] = [
    "10.0.0.4",
    "10.0.0.0",
    "10.0.255.255",
    "10.1.0.4",
    "10.2.0.4",
    "10.9.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "172.32.0.0",
    "192.168.0.1",
    "20.0.0.1",
    "20.0.0.255",
    "20.1.0.0",
    "203.0.113.7",
    "168.63.129.16",
    "169.254.169.254",
    "fd00::4",
    "fd00:1::4",
    "2603:1020::1",
    "::ffff:10.0.0.4",
];

const PREFIXES: [&str; 16] = [
    "10.0.0.0/16",
    "10.0.0.4/32",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.2.0.0/24",
    "172.16.0.0/12",
    "172.16.0.0/20",
    "192.168.0.0/16",
    "20.0.0.0/24",
    "20.0.0.0/15",
    "203.0.113.7/32",
    "0.0.0.0/0",
    "::/0",
    "fd00::/16",
    "2603:1020::/40",
    "168.63.129.16/32",
];

const TAGS: [&str; 13] = [
    "VirtualNetwork",
    "virtualnetwork",
    "Internet",
    "INTERNET",
    "AzureLoadBalancer",
    "AzurePlatformDNS",
    "AzurePlatformIMDS",
    "AzurePlatformLKM",
    "Storage",
    "storage.westEurope",
    "Sql",
    "NobodyKnows",
    "Any",
];

const PORTS: [u16; 9] = [0, 1, 22, 53, 80, 443, 1688, 65_534, 65_535];

pub(crate) struct Dice(pub(crate) Prng);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.below(end as u64)).unwrap()
    }

    pub(crate) fn one<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        &of[self.below(of.len())]
    }

    pub(crate) fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn address(&mut self) -> IpAddr {
        self.one(&ADDRESSES).parse().unwrap()
    }

    pub(crate) fn prefix(&mut self) -> IpNet {
        self.one(&PREFIXES).parse().unwrap()
    }

    fn spec(&mut self) -> AddressSpec {
        match self.below(10) {
            0 | 1 => AddressSpec::Any,
            2..=4 => AddressSpec::Prefix(self.prefix()),
            5 => AddressSpec::Range(self.address(), self.address()),
            _ => AddressSpec::Tag((*self.one(&TAGS)).to_owned()),
        }
    }

    fn side(&mut self) -> Side {
        let count = [0, 1, 1, 1, 1, 2, 3][self.below(7)];
        let ports = (0..[0, 1, 1, 1, 2][self.below(5)]).map(|_| {
            if self.is(50) {
                return PortRange::ALL;
            }
            let (first, last) = (*self.one(&PORTS), *self.one(&PORTS));
            PortRange {
                first: first.min(last),
                last: first.max(last),
            }
        });
        let ports = ports.collect();
        let mut side = Side {
            addresses: (0..count).map(|_| self.spec()).collect(),
            ports,
            ..Side::default()
        };
        if self.is(15) {
            side.application_groups.push(self.application_group());
        }
        if self.is(3) {
            side.network_groups.push(id("networkManagers/m/networkGroups/g"));
        }
        if self.is(5) {
            side.expanded = (0..2).map(|_| self.prefix()).collect();
        }
        if self.is(3) {
            side.unread_addresses.push("10.0.0.300".to_owned());
        }
        if self.is(3) {
            side.unread_ports.push("80-".to_owned());
        }
        side
    }

    fn application_group(&mut self) -> ArmId {
        id(self.one::<&str>(&[
            "applicationSecurityGroups/web",
            "applicationSecurityGroups/DATA",
            "applicationSecurityGroups/nobody",
        ]))
    }

    pub(crate) fn rule(&mut self, at: usize, is_admin: bool) -> Rule {
        let accesses: &[Access] = match is_admin {
            true => &[Access::Allow, Access::Deny, Access::AlwaysAllow],
            false => &[Access::Allow, Access::Deny],
        };
        Rule {
            name: format!("rule-{at}"),
            // Some have the same number.
            priority: i32::try_from(100 + self.below(60)).unwrap(),
            direction: *self.one(&[Direction::Inbound, Direction::Outbound]),
            access: *self.one(accesses),
            protocol: *self.one(&[
                RuleProtocol::Any,
                RuleProtocol::Any,
                RuleProtocol::Tcp,
                RuleProtocol::Tcp,
                RuleProtocol::Udp,
                RuleProtocol::Icmp,
                RuleProtocol::Esp,
                RuleProtocol::Ah,
            ]),
            source: self.side(),
            destination: self.side(),
            is_default: false,
            description: None,
            unknown: match self.is(3) {
                true => vec![(*self.one(&["acces", "sourceAddressPrefx"])).to_owned()],
                false => Vec::new(),
            },
        }
    }

    fn group(&mut self) -> SecurityGroup {
        let count = [1, 4, 20, 90][self.below(4)];
        SecurityGroup {
            rules: (0..count).map(|at| self.rule(at, false)).collect(),
            left_out: if self.is(5) {
                vec!["gone".to_owned()]
            } else {
                Vec::new()
            },
            ..SecurityGroup::default()
        }
    }

    pub(crate) fn flow(&mut self) -> Flow {
        Flow {
            direction: *self.one(&[Direction::Inbound, Direction::Outbound]),
            protocol: *self.one(&[6, 6, 6, 17, 17, 1, 50, 51, 58, 132, 255]),
            source: self.address(),
            source_port: *self.one(&PORTS),
            destination: self.address(),
            destination_port: *self.one(&PORTS),
        }
    }
}

fn resource(rest: &str, asset: Asset) -> Resource {
    Resource {
        id: id(rest),
        location: None,
        guid: None,
        tags: BTreeMap::new(),
        asset,
    }
}

fn networks(dice: &mut Dice) -> Vec<Resource> {
    let mut resources = Vec::new();
    let peering = Peering {
        name: "to-hub".to_owned(),
        remote: Some(id("virtualNetworks/hub")),
        remote_prefixes: vec!["10.1.0.0/16".parse().unwrap()],
        local_subnets: None,
        remote_subnets: None,
        is_connected: *dice.one(&[Some(true), Some(true), Some(false), None]),
        allows_forwarded: None,
        allows_gateway: None,
        uses_remote_gateway: *dice.one(&[Some(true), Some(false), Some(false), None]),
    };
    if dice.is(95) {
        let prefixes = ["10.0.0.0/16", "fd00::/48"];
        let network = VirtualNetwork {
            prefixes: prefixes.iter().map(|held| held.parse().unwrap()).collect(),
            peerings: if dice.is(60) { vec![peering] } else { Vec::new() },
            ..VirtualNetwork::default()
        };
        resources.push(resource("virtualNetworks/v", Asset::VirtualNetwork(network)));
    }
    if dice.is(70) {
        let subnet = Subnet {
            prefixes: vec!["10.0.0.0/24".parse().unwrap()],
            security_group: dice.is(60).then(|| id("networkSecurityGroups/of-subnet")),
            route_table: dice.is(20).then(|| id("routeTables/rt")),
            ..Subnet::default()
        };
        resources.push(resource("virtualNetworks/v/subnets/s", Asset::Subnet(subnet)));
    }
    if dice.is(80) {
        let route = Route {
            name: "r".to_owned(),
            prefix: dice.is(80).then(|| dice.prefix()),
            tag: dice.is(10).then(|| (*dice.one(&TAGS)).to_owned()),
            next_hop: "VirtualAppliance".to_owned(),
            next_hop_address: None,
        };
        let table = RouteTable {
            routes: vec![route],
            subnets: Vec::new(),
        };
        resources.push(resource("routeTables/rt", Asset::RouteTable(table)));
    }
    if dice.is(30) {
        let network = *dice.one(&["v", "hub"]);
        let gateway = Gateway {
            subnets: vec![id(&format!("virtualNetworks/{network}/subnets/GatewaySubnet"))],
            client_pools: vec!["172.16.0.0/24".parse().unwrap()],
            ..Gateway::default()
        };
        resources.push(resource("virtualNetworkGateways/g", Asset::Gateway(gateway)));
    }
    resources
}

fn interface(address: &str, own_group: Option<ArmId>, groups: Vec<ArmId>) -> Asset {
    Asset::Interface(Interface {
        configurations: vec![IpConfiguration {
            address: Some(address.parse().unwrap()),
            subnet: Some(id("virtualNetworks/v/subnets/s")),
            application_groups: groups,
            ..IpConfiguration::default()
        }],
        security_group: own_group,
        ..Interface::default()
    })
}

pub(crate) fn facts(dice: &mut Dice) -> FactSet {
    let mut resources = networks(dice);
    let own = dice.is(60).then(|| id("networkSecurityGroups/own"));
    let groups = if dice.is(50) {
        vec![id("applicationSecurityGroups/WEB")]
    } else {
        Vec::new()
    };
    resources.push(resource(
        "networkInterfaces/n",
        interface("10.0.0.4", own, groups),
    ));
    let data = vec![id("applicationSecurityGroups/data")];
    resources.push(resource(
        "networkInterfaces/other",
        interface("10.0.255.255", None, data),
    ));
    for name in ["of-subnet", "own"] {
        if dice.is(93) {
            let group = Asset::SecurityGroup(dice.group());
            resources.push(resource(&format!("networkSecurityGroups/{name}"), group));
        }
    }
    if dice.is(40) {
        let admin = AdminRules {
            rules: (0..3).map(|at| dice.rule(at, true)).collect(),
            left_out: if dice.is(3) {
                vec!["gone".to_owned()]
            } else {
                Vec::new()
            },
            network_groups: Vec::new(),
            scopes: dice
                .one(&[
                    vec![],
                    vec![id("virtualNetworks/v")],
                    vec![id("virtualNetworks/x")],
                ])
                .clone(),
        };
        let place = "networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc";
        resources.push(resource(place, Asset::AdminRules(admin)));
    }
    let tag = |name: &str, prefixes: &[&str]| ServiceTag {
        name: name.to_owned(),
        region: None,
        service: None,
        prefixes: prefixes.iter().map(|held| held.parse().unwrap()).collect(),
    };
    let tags = TagSet {
        tags: vec![
            tag("Storage", &["20.0.0.0/24", "2603:1020::/40", "20.1.0.0/16"]),
            tag("Storage.WestEurope", &["20.0.0.0/25"]),
            tag("Sql", &[]),
        ],
        ..TagSet::default()
    };
    let effective = dice.is(10).then(|| EffectiveRules {
        interface: Some(id("networkInterfaces/N")),
        groups: vec![EffectiveGroup {
            group: Some(id("networkSecurityGroups/own")),
            association: Some(id("networkInterfaces/n")),
            rules: dice.group().rules,
            left_out: match dice.is(10) {
                true => vec!["lost".to_owned()],
                false => Vec::new(),
            },
        }],
    });
    FactSet {
        resources,
        effective: effective.into_iter().collect(),
        tags: dice.is(80).then_some(tags),
        ..FactSet::default()
    }
}
