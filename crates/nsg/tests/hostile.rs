//! Input of the largest size that Azure takes, and past it: bounded in memory and time, and right.

#![cfg(test)]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use ipnet::IpNet;
use model::Direction;
use model::facts::{
    Access, AddressSpec, ArmId, Asset, FactSet, Interface, IpConfiguration, PortRange, Resource, Rule,
    RuleProtocol, SecurityGroup, Side, Subnet, VirtualNetwork,
};
use nsg::{Flow, Guard};
use sim::prng::{Prng, Purpose};

const AROUND: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";

fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{AROUND}/{rest}")).unwrap()
}

fn guard(rules: Vec<Rule>) -> Guard {
    let resource = |rest: &str, asset: Asset| Resource {
        id: id(rest),
        location: None,
        guid: None,
        tags: BTreeMap::new(),
        asset,
    };
    let configuration = IpConfiguration {
        address: Some("10.0.1.4".parse().unwrap()),
        subnet: Some(id("virtualNetworks/v/subnets/s")),
        ..IpConfiguration::default()
    };
    let network = VirtualNetwork {
        prefixes: vec!["10.0.0.0/16".parse().unwrap()],
        ..VirtualNetwork::default()
    };
    let interface = Interface {
        configurations: vec![configuration],
        security_group: Some(id("networkSecurityGroups/o")),
        ..Interface::default()
    };
    let group = SecurityGroup {
        rules,
        ..SecurityGroup::default()
    };
    let facts = FactSet {
        resources: vec![
            resource("virtualNetworks/v", Asset::VirtualNetwork(network)),
            resource("virtualNetworks/v/subnets/s", Asset::Subnet(Subnet::default())),
            resource("networkInterfaces/n", Asset::Interface(interface)),
            resource("networkSecurityGroups/o", Asset::SecurityGroup(group)),
        ],
        ..FactSet::default()
    };
    Guard::of(&facts, &id("networkInterfaces/n")).unwrap()
}

fn rule(at: usize, addresses: Vec<AddressSpec>) -> Rule {
    let side = |addresses| Side {
        addresses,
        ports: vec![PortRange::ALL],
        ..Side::default()
    };
    Rule {
        name: format!("rule-{at}"),
        priority: 100 + i32::try_from(at).unwrap(),
        direction: Direction::Inbound,
        access: if at.is_multiple_of(3) {
            Access::Deny
        } else {
            Access::Allow
        },
        protocol: RuleProtocol::Any,
        source: side(addresses),
        destination: side(vec![AddressSpec::Any]),
        is_default: false,
        description: None,
        unknown: Vec::new(),
    }
}

fn number(prng: &mut Prng) -> u32 {
    u32::try_from(prng.below(1 << 32)).unwrap()
}

fn address(prng: &mut Prng) -> IpAddr {
    if prng.below(8) == 0 {
        Ipv6Addr::from((0x2603 << 112) | (u128::from(number(prng)) << 64)).into()
    } else {
        Ipv4Addr::from(number(prng)).into()
    }
}

fn agree(guard: &Guard, prng: &mut Prng, count: usize) {
    for _ in 0..count {
        let flow = Flow {
            direction: Direction::Inbound,
            protocol: 6,
            source: address(prng),
            source_port: 50_000,
            destination: "10.0.1.4".parse().unwrap(),
            destination_port: 443,
        };
        assert_eq!(guard.judge(&flow), guard.prove(&flow).verdict, "{flow:?}");
    }
}

#[test]
fn a_thousand_rules_of_four_thousand_prefixes() {
    let mut prng = Prng::keyed(1, Purpose::BigBlob, &[79]);
    let rules = (0..1_000).map(|at| {
        let prefixes = (0..4_000).map(|_| {
            let length = match address(&mut prng) {
                IpAddr::V4(_) => prng.between(16, 32),
                IpAddr::V6(_) => prng.between(20, 64),
            };
            let held = match length {
                0..=32 => Ipv4Addr::from(number(&mut prng)).into(),
                _ => address(&mut prng),
            };
            let length = if held.is_ipv4() { length.min(32) } else { length };
            AddressSpec::Prefix(IpNet::new(held, u8::try_from(length).unwrap()).unwrap().trunc())
        });
        rule(at, prefixes.collect())
    });
    let rules: Vec<Rule> = rules.collect();
    let begun = Instant::now();
    let guard = guard(rules);
    let compiled = begun.elapsed();
    println!("compiled in {compiled:.1?}");
    agree(&guard, &mut prng, 20);
    assert!(compiled.as_secs() < 120, "{compiled:?}");
}

#[test]
fn more_rules_than_azure_takes() {
    let mut prng = Prng::keyed(1, Purpose::BigBlob, &[80]);
    let rules = (0..20_000).map(|at| {
        let prefix = IpNet::new(Ipv4Addr::from(number(&mut prng)).into(), 8)
            .unwrap()
            .trunc();
        rule(
            at,
            vec![
                AddressSpec::Prefix(prefix),
                AddressSpec::Tag("Internet".to_owned()),
            ],
        )
    });
    let guard = guard(rules.collect());
    agree(&guard, &mut prng, 20);
}
