//! How many flows a second one core judges against a group of 1,000 rules with service tags of real size.
//!
//! `cargo bench --manifest-path bench/nsg/Cargo.toml` prints a table; `BENCH_FLOWS` and `BENCH_ROUNDS` change flows and rounds,
//! `BENCH_RULES` the rules of each group in each direction. Half of the rules name six service tags, the others prefixes; half of them are about any port. The flows of
//! the last line are to private addresses of which it is not known whether they lie behind a gateway, so both cases are judged;
//! the interface with two groups has no gateway.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a bench prints, and may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use ipnet::IpNet;
use model::Direction;
use model::facts::{
    Access, AddressSpec, ArmId, Asset, FactSet, Gateway, Interface, IpConfiguration, PortRange, Resource,
    Rule, RuleProtocol, SecurityGroup, ServiceTag, Side, Subnet, TagSet, VirtualNetwork,
};
use nsg::{Estate, Flow, Guard, Verdict};
use sim::prng::{Prng, Purpose};

const AROUND: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";
const TAG_PREFIXES: u64 = 100_000;
const TAGS: u64 = TAG_PREFIXES / 33;
const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 4);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn id(rest: &str) -> ArmId {
    ArmId::parse(&format!("{AROUND}/{rest}")).unwrap()
}

fn public(prng: &mut Prng) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from(prng.between(0x0b00_0000, 0xdf00_0000)).unwrap())
}

fn prefix(prng: &mut Prng, low: u64) -> IpNet {
    let length = u8::try_from(prng.between(low, 32)).unwrap();
    IpNet::new(public(prng).into(), length).unwrap().trunc()
}

fn rule(at: u64, prng: &mut Prng) -> Rule {
    let addresses = match prng.below(2) {
        0 => (0..6)
            .map(|_| AddressSpec::Tag(format!("Service{}", prng.below(TAGS))))
            .collect(),
        _ => (0..prng.between(1, 8))
            .map(|_| AddressSpec::Prefix(prefix(prng, 12)))
            .collect(),
    };
    let first = u16::try_from(prng.below(60_000)).unwrap();
    let ports = match prng.below(2) {
        0 => PortRange::ALL,
        _ => PortRange {
            first,
            last: first + u16::try_from(prng.below(200)).unwrap(),
        },
    };
    let anywhere = Side {
        addresses: vec![AddressSpec::Any],
        ports: vec![PortRange::ALL],
        ..Side::default()
    };
    let mut remote = Side {
        addresses,
        ports: vec![PortRange::ALL],
        ..Side::default()
    };
    let mut own = anywhere;
    let direction = if at % 2 == 0 {
        Direction::Inbound
    } else {
        Direction::Outbound
    };
    let (source, destination) = match direction {
        Direction::Inbound => {
            own.ports = vec![ports];
            (remote, own)
        }
        Direction::Outbound => {
            remote.ports = vec![ports];
            (own, remote)
        }
    };
    Rule {
        name: format!("rule-{at}"),
        priority: 100 + i32::try_from(at / 2).unwrap(),
        direction,
        access: if prng.below(2) == 0 {
            Access::Allow
        } else {
            Access::Deny
        },
        protocol: if prng.below(2) == 0 {
            RuleProtocol::Any
        } else {
            RuleProtocol::Tcp
        },
        source,
        destination,
        is_default: false,
        description: None,
        unknown: Vec::new(),
    }
}

fn facts(rules: u64, prng: &mut Prng) -> FactSet {
    let resource = |rest: &str, asset: Asset| Resource {
        id: id(rest),
        location: None,
        guid: None,
        tags: BTreeMap::new(),
        asset,
    };
    let mut group = || SecurityGroup {
        rules: (0..rules * 2).map(|at| rule(at, prng)).collect(),
        ..SecurityGroup::default()
    };
    let groups = [group(), group()];
    let [own, of_subnet] = groups.map(Asset::SecurityGroup);
    let tags = (0..TAGS).map(|at| ServiceTag {
        name: format!("Service{at}"),
        region: None,
        service: None,
        prefixes: (0..33).map(|_| prefix(prng, 14)).collect(),
    });
    let tags = TagSet {
        tags: tags.collect(),
        ..TagSet::default()
    };
    let subnet = id("virtualNetworks/v/subnets/s");
    let configuration = IpConfiguration {
        address: Some(OWN.into()),
        subnet: Some(subnet),
        ..IpConfiguration::default()
    };
    FactSet {
        resources: vec![
            resource(
                "virtualNetworks/v",
                Asset::VirtualNetwork(VirtualNetwork {
                    prefixes: vec!["10.0.0.0/16".parse().unwrap()],
                    ..VirtualNetwork::default()
                }),
            ),
            resource(
                "virtualNetworks/v/subnets/s",
                Asset::Subnet(Subnet {
                    security_group: Some(id("networkSecurityGroups/s")),
                    ..Subnet::default()
                }),
            ),
            resource(
                "networkInterfaces/n",
                Asset::Interface(Interface {
                    configurations: vec![configuration.clone()],
                    security_group: Some(id("networkSecurityGroups/o")),
                    ..Interface::default()
                }),
            ),
            resource(
                "networkInterfaces/one",
                Asset::Interface(Interface {
                    configurations: vec![IpConfiguration {
                        subnet: Some(id("virtualNetworks/w/subnets/s")),
                        ..configuration
                    }],
                    security_group: Some(id("networkSecurityGroups/o")),
                    ..Interface::default()
                }),
            ),
            resource(
                "virtualNetworks/w",
                Asset::VirtualNetwork(VirtualNetwork {
                    prefixes: vec!["10.0.0.0/16".parse().unwrap()],
                    ..VirtualNetwork::default()
                }),
            ),
            resource("virtualNetworks/w/subnets/s", Asset::Subnet(Subnet::default())),
            resource(
                "virtualNetworkGateways/g",
                Asset::Gateway(Gateway {
                    subnets: vec![id("virtualNetworks/w/subnets/GatewaySubnet")],
                    ..Gateway::default()
                }),
            ),
            resource("networkSecurityGroups/o", own),
            resource("networkSecurityGroups/s", of_subnet),
        ],
        tags: Some(tags),
        ..FactSet::default()
    }
}

fn flow(prng: &mut Prng, other: IpAddr) -> Flow {
    let (own_port, port) = (
        u16::try_from(prng.between(49_152, 65_535)).unwrap(),
        u16::try_from(prng.below(60_000)).unwrap(),
    );
    let protocol = if prng.below(4) == 0 { 17 } else { 6 };
    let own = IpAddr::V4(OWN);
    match prng.below(2) {
        0 => Flow {
            direction: Direction::Inbound,
            protocol,
            source: other,
            source_port: own_port,
            destination: own,
            destination_port: port,
        },
        _ => Flow {
            direction: Direction::Outbound,
            protocol,
            source: own,
            source_port: own_port,
            destination: other,
            destination_port: port,
        },
    }
}

/// Flows a second of the best round.
fn measure(guard: &Guard, flows: &[Flow], rounds: u64) -> f64 {
    let mut best = f64::MAX;
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(flows.len());
    for _ in 0..rounds {
        verdicts.clear();
        let begun = Instant::now();
        guard.judge_all(flows, &mut verdicts);
        best = best.min(begun.elapsed().as_secs_f64());
        black_box(&verdicts);
    }
    flows.len() as f64 / best
}

fn main() {
    let (count, rounds) = (number("BENCH_FLOWS", 2_000_000), number("BENCH_ROUNDS", 5));
    let rules = number("BENCH_RULES", 1_000);
    let mut prng = Prng::keyed(1, Purpose::BigBlob, &[4]);
    let facts = facts(rules, &mut prng);
    let begun = Instant::now();
    let estate = Estate::of(&facts);
    let arranged = begun.elapsed();
    let begun = Instant::now();
    let one = estate.guard(&id("networkInterfaces/one")).unwrap();
    let compiled = begun.elapsed();
    let two = estate.guard(&id("networkInterfaces/n")).unwrap();
    println!(
        "{rules} rules each way in a group, {TAG_PREFIXES} prefixes of service tags; facts arranged in {arranged:.2?}, an interface with one group compiled in {compiled:.2?}"
    );
    println!("{count} flows, one core, best of {rounds}\n");
    println!("{:<44}{:>18}{:>18}", "flows", "one group", "two groups");
    let few: Vec<Flow> = (0..500)
        .map(|_| {
            let other = public(&mut prng);
            flow(&mut prng, other.into())
        })
        .collect();
    let count = usize::try_from(count).unwrap();
    let repeated: Vec<Flow> = (0..count).map(|at| few[at % few.len()]).collect();
    let different: Vec<Flow> = (0..count)
        .map(|_| {
            let other = public(&mut prng);
            flow(&mut prng, other.into())
        })
        .collect();
    let private: Vec<Flow> = (0..count)
        .map(|_| {
            let other = Ipv4Addr::from(0x0a80_0000 + u32::try_from(prng.below(1 << 20)).unwrap());
            flow(&mut prng, other.into())
        })
        .collect();
    for (name, flows) in [
        ("500, again and again", &repeated),
        ("all different", &different),
        ("all different, perhaps behind a gateway", &private),
    ] {
        println!(
            "{name:<44}{:>16.2} M{:>16.2} M",
            measure(&one, flows, rounds) / 1e6,
            measure(&two, flows, rounds) / 1e6
        );
    }
}
