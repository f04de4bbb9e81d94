//! Bits and walk agree where rules cut ports and addresses into so many pieces that tables of all of them are made.

#![cfg(test)]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use model::Direction;
use model::facts::{
    Access, AddressSpec, ArmId, Asset, FactSet, Interface, IpConfiguration, PortRange, Resource, Rule,
    SecurityGroup, Subnet, VirtualNetwork,
};
use nsg::{Decision, Flow, Guard};
use sim::prng::{Prng, Purpose};

const AROUND: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";
const RULES: u16 = 300;

fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{AROUND}/{rest}")).unwrap()
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

/// Networks and ports of a rule: so many that they are searched in tables, and some that reach over others.
fn network(at: u16, bits: u8) -> String {
    let [high, low] = at.to_be_bytes();
    format!("10.{}.{low}.0/{bits}", 100 + high)
}

fn rules(dice: &mut Prng) -> Vec<Rule> {
    let rules = (0..RULES).map(|at| {
        let text = format!(
            r#"{{"id":"{AROUND}/networkSecurityGroups/g","securityRules":[{{"name":"r{at}","properties":{{"priority":{},"direction":"Inbound",
            "access":"{}","protocol":"Tcp","sourceAddressPrefix":"{}","sourcePortRange":"{}","destinationAddressPrefix":"*",
            "destinationPortRange":"{}-{}"}}}}]}}"#,
            100 + at,
            ["Allow", "Deny"][usize::from(dice.per_mille(500))],
            match dice.below(4) {
                0 => "*".to_owned(),
                1 => network(at, 18),
                _ => network(at, 24),
            },
            if dice.per_mille(300) { format!("{}", 40_000 + at) } else { "*".to_owned() },
            1_000 + at * 3,
            1_000 + at * 3 + u16::try_from(dice.below(40)).unwrap(),
        );
        let mut facts = inventory::read(text.as_bytes()).unwrap().facts;
        match facts.resources.pop().unwrap().asset {
            Asset::SecurityGroup(mut group) => group.rules.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    });
    rules.collect()
}

#[test]
fn tables_of_many_pieces_say_what_the_walk_says() {
    let mut dice = Prng::keyed(1, Purpose::BigBlob, &[85]);
    let group = SecurityGroup {
        rules: rules(&mut dice),
        ..SecurityGroup::default()
    };
    let used = |side: fn(&Rule) -> &[PortRange]| {
        let ports = group.rules.iter().flat_map(side);
        ports
            .map(|range| range.first)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert!(used(|rule| &rule.destination.ports).len() > 64);
    assert!(used(|rule| &rule.source.ports).len() > 64);
    let sources = group.rules.iter().flat_map(|rule| &rule.source.addresses);
    assert!(
        sources
            .filter(|held| matches!(held, AddressSpec::Prefix(_)))
            .count()
            > 64
    );
    let allowing = group.rules.iter().filter(|rule| rule.access == Access::Allow);
    assert!(allowing.count() > 64);
    let interface = Interface {
        configurations: vec![IpConfiguration {
            address: Some("10.0.0.4".parse().unwrap()),
            subnet: Some(id("virtualNetworks/v/subnets/s")),
            ..IpConfiguration::default()
        }],
        security_group: Some(id("networkSecurityGroups/g")),
        ..Interface::default()
    };
    let network = VirtualNetwork {
        prefixes: vec!["10.0.0.0/16".parse().unwrap()],
        ..VirtualNetwork::default()
    };
    let facts = FactSet {
        resources: vec![
            resource("networkInterfaces/n", Asset::Interface(interface)),
            resource("networkSecurityGroups/g", Asset::SecurityGroup(group)),
            resource("virtualNetworks/v", Asset::VirtualNetwork(network)),
            resource("virtualNetworks/v/subnets/s", Asset::Subnet(Subnet::default())),
        ],
        ..FactSet::default()
    };
    let guard = Guard::of(&facts, &id("networkInterfaces/n")).unwrap();
    let mut own = 0;
    for _ in 0..4_000 {
        let at = u16::try_from(dice.below(u64::from(RULES))).unwrap();
        let [high, low] = at.to_be_bytes();
        // Edges of a network, and beside it.
        let last = *dice.pick(&[0_u8, 1, 255]).unwrap();
        let near = low.wrapping_add(*dice.pick(&[0_u8, 0, 1, 255]).unwrap());
        let port = |dice: &mut Prng, first: u16| first + u16::try_from(dice.below(4)).unwrap() - 1;
        let flow = Flow {
            direction: Direction::Inbound,
            protocol: 6,
            source: IpAddr::from(Ipv4Addr::new(10, 100 + high, near, last)),
            source_port: port(&mut dice, 40_000 + at),
            destination: "10.0.0.4".parse().unwrap(),
            destination_port: port(&mut dice, 1_000 + at * 3),
        };
        let (verdict, proof) = (guard.judge(&flow), guard.prove(&flow));
        assert_eq!(verdict, proof.verdict, "{flow:?}\n{proof:#?}");
        let by = verdict.by.and_then(|place| guard.rule(place));
        own += usize::from(by.is_some_and(|held| !held.rule.is_default));
        assert_ne!(verdict.decision, Decision::NotGoverned);
    }
    println!("{own} of 4,000 decided by rules of the group");
    assert!(own > 1_000, "{own}");
}
