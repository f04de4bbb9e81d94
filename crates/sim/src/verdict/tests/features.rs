//! What is to occur in a thousand cases, each at least once.

use std::collections::BTreeMap;

use super::super::draw_rules::MADE_UP_TAG;
use super::super::estate::*;
use super::super::known::METADATA_ADDRESS;
use super::super::{Case, CaseFlow, Decision};
use crate::internet::PLATFORM_ADDRESS;
use crate::rules::{Access, Address, Direction};

const SEEDS: u64 = 1000;

/// Counts; what never occurs fails.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn count(&mut self, name: &'static str, is: bool) {
        *self.0.entry(name).or_default() += usize::from(is);
    }

    fn check(&self) {
        let never: Vec<_> = self.0.iter().filter(|(_, count)| **count == 0).collect();
        assert!(never.is_empty(), "never: {never:?} of {:?}", self.0);
        assert!(!self.0.is_empty());
    }
}

fn networks(counts: &mut Counts, estate: &Estate) {
    let peerings = || estate.networks.iter().flat_map(|network| &network.peerings);
    let is_there = |id: &str| estate.network(id).is_some();
    counts.count("three networks", estate.networks.len() == 3);
    let overlap = estate.networks.iter().any(|one| {
        let others = estate.networks.iter().filter(|other| other.id != one.id);
        let mut spaces = others.flat_map(|other| &other.prefixes);
        spaces.any(|prefix| one.prefixes.contains(prefix))
    });
    counts.count("overlapping networks", overlap);
    counts.count("a connected peering", peerings().any(Peering::is_connected));
    counts.count(
        "a peering begun on one side",
        peerings().any(|held| held.state == "Initiated"),
    );
    counts.count(
        "a peering that ended",
        peerings().any(|held| held.state == "Disconnected"),
    );
    counts.count(
        "a peering without access",
        peerings().any(|held| held.has_access == Some(false)),
    );
    counts.count(
        "access not stated",
        peerings().any(|held| held.has_access.is_none()),
    );
    counts.count(
        "gateway transit",
        peerings().any(|held| held.uses_remote_gateway && held.is_connected()),
    );
    counts.count(
        "a peer not in the export",
        peerings().any(|held| !is_there(&held.remote)),
    );
    let unknown = |held: &Peering| !is_there(&held.remote) && held.remote_prefixes.is_empty();
    counts.count("a peer of unknown space", peerings().any(unknown));
    counts.count("a gateway", !estate.gateways.is_empty());
    counts.count(
        "a gateway of a circuit",
        estate.gateways.iter().any(|held| held.kind == "ExpressRoute"),
    );
    counts.count("a connection", !estate.connections.is_empty());
    let loose = estate.local_gateways.len() > estate.connections.len();
    counts.count("a local gateway without connection", loose);
    let is_gateway = |id: &str| estate.gateways.iter().any(|held| held.id == id);
    let joined = estate.connections.iter();
    let joined: Vec<_> = joined.filter(|held| is_gateway(&held.remote)).collect();
    counts.count("gateways that are joined", !joined.is_empty());
    let both_ways = joined
        .iter()
        .any(|one| joined.iter().any(|other| one.gateway == other.remote));
    counts.count("gateways that are joined both ways", both_ways);
    let clients = estate.gateways.iter().any(|held| !held.clients.is_empty());
    counts.count("clients of a gateway", clients);
    let interfaces = || estate.interfaces.iter();
    let policies = |held: &Interface| {
        let subnet = estate.subnet(&held.configurations.first()?.subnet)?;
        subnet.endpoint_policies
    };
    for name in [
        "Disabled",
        "Enabled",
        "NetworkSecurityGroupEnabled",
        "RouteTableEnabled",
    ] {
        let mut endpoints = interfaces().filter(|held| held.private_endpoint.is_some());
        counts.count(name, endpoints.any(|held| policies(held) == Some(name)));
    }
    let effective = || interfaces().flat_map(|held| &held.effective);
    counts.count("effective rules", effective().any(|held| !held.is_of_subnet));
    counts.count(
        "effective rules of a subnet",
        effective().any(|held| held.is_of_subnet),
    );
    counts.count(
        "effective rules of a group that is not in the export",
        effective().any(|held| estate.group(&held.id).is_none()),
    );
    let expanded = |held: &Rule| !held.source.expanded.is_empty();
    let expands = |held: &EffectiveGroup| held.rules.iter().any(expanded);
    counts.count("expanded tags", effective().any(expands));
    let routes = || estate.tables.iter().flat_map(|table| &table.routes);
    let leads = |to: &str| routes().any(|route| route.to.to_string() == to);
    counts.count("a default route", leads("0.0.0.0/0"));
    counts.count("a default route of v6", leads("::/0"));
    counts.count("a route to premises", leads("10.200.0.0/16"));
    counts.count("a route to a tag", leads("Storage"));
    let gone = |id: &String| !estate.tables.iter().any(|table| table.id == *id);
    let mut tables = estate.subnets.iter().filter_map(|subnet| subnet.table.as_ref());
    counts.count("a route table not in the export", tables.any(gone));
}

fn interfaces(counts: &mut Counts, estate: &Estate) {
    let configurations = || estate.interfaces.iter().flat_map(|held| &held.configurations);
    counts.count(
        "a subnet without group",
        estate.subnets.iter().any(|held| held.group.is_none()),
    );
    counts.count(
        "a subnet with group",
        estate.subnets.iter().any(|held| held.group.is_some()),
    );
    let several = estate.interfaces.iter().any(|held| held.configurations.len() > 2);
    counts.count("several configurations", several);
    counts.count("IPv6", configurations().any(|held| held.address.is_ipv6()));
    let is_member = configurations().any(|held| !held.application_groups.is_empty());
    counts.count("members of application groups", is_member);
    let lost = configurations().any(|held| estate.subnet(&held.subnet).is_none());
    counts.count("a network not in the export", lost);
    let mut groups = estate.interfaces.iter().filter_map(|held| held.group.as_ref());
    counts.count(
        "a group not in the export",
        groups.any(|id| estate.group(id).is_none()),
    );
    counts.count("no file of tags", estate.tags.is_none());
    let tags = || estate.tags.iter().flatten();
    counts.count("a tag of a region", tags().any(|tag| !tag.region.is_empty()));
    let is_v6 = |tag: &Tag| tag.prefixes.iter().any(|prefix| prefix.base.is_ipv6());
    counts.count("a tag with v6", tags().any(is_v6));
}

fn rules(counts: &mut Counts, estate: &Estate) {
    let all = || estate.groups.iter().flat_map(|group| &group.rules);
    let sides = || all().flat_map(|rule| [&rule.source, &rule.destination]);
    let has_tag = |name: &str| sides().any(|side| side.addresses.contains(&Address::Tag(name.to_owned())));
    counts.count(
        "no default rules",
        estate
            .groups
            .iter()
            .any(|group| !group.rules.iter().any(|rule| rule.is_default)),
    );
    counts.count("default rules", all().any(|rule| rule.is_default));
    for protocol in [
        Protocol::Any,
        Protocol::Tcp,
        Protocol::Udp,
        Protocol::Icmp,
        Protocol::Esp,
        Protocol::Ah,
    ] {
        let name = match protocol {
            Protocol::Any => "any protocol",
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Icmp => "ICMP",
            Protocol::Esp => "ESP",
            Protocol::Ah => "AH",
        };
        counts.count(
            name,
            all().any(|rule| rule.protocol == protocol && !rule.is_default),
        );
    }
    counts.count("several addresses", sides().any(|side| side.addresses.len() > 1));
    counts.count(
        "several ranges of ports",
        sides().any(|side| side.ports.len() > 1),
    );
    counts.count(
        "an application group as source",
        all().any(|rule| !rule.source.application_groups.is_empty()),
    );
    counts.count(
        "one as destination",
        all().any(|rule| !rule.destination.application_groups.is_empty()),
    );
    let both = |rule: &Rule| {
        [&rule.source, &rule.destination]
            .iter()
            .all(|side| !side.application_groups.is_empty())
    };
    counts.count("application groups on both sides", all().any(both));
    counts.count(
        "addresses beside groups",
        sides().any(|side| !side.application_groups.is_empty() && !side.addresses.is_empty()),
    );
    counts.count(
        "a side of nothing",
        sides().any(|side| side.application_groups.is_empty() && side.addresses.is_empty()),
    );
    let elsewhere = |id: &String| id.ends_with("asg-elsewhere");
    counts.count(
        "a group of unknown members",
        sides().any(|side| side.application_groups.iter().any(elsewhere)),
    );
    for (name, tag) in [
        ("VirtualNetwork", "VirtualNetwork"),
        ("Internet", "Internet"),
        ("the platform's names", "AzurePlatformDNS"),
        ("the platform's metadata", "AzurePlatformIMDS"),
        ("the platform's licences", "AzurePlatformLKM"),
        ("a tag that no file has", MADE_UP_TAG),
        ("a regional tag", "Storage.WestEurope"),
    ] {
        counts.count(name, has_tag(tag));
    }
    let tied = estate.groups.iter().any(|group| {
        group.rules.iter().enumerate().any(|(at, one)| {
            let mut others = group.rules.iter().skip(at + 1);
            others.any(|other| other.direction == one.direction && other.priority == one.priority)
        })
    });
    counts.count("rules of one priority", tied);
    let admin = || estate.collections.iter().flat_map(|held| &held.rules);
    for (name, access) in [
        ("admin Allow", Access::Allow),
        ("admin Deny", Access::Deny),
        ("admin AlwaysAllow", Access::AlwaysAllow),
    ] {
        counts.count(name, admin().any(|rule| rule.access == access));
    }
    counts.count(
        "admin rules of network groups",
        estate
            .collections
            .iter()
            .any(|held| !held.network_groups.is_empty()),
    );
    counts.count(
        "admin rules of networks",
        estate.collections.iter().any(|held| !held.members.is_empty()),
    );
    let nothing = |held: &Collection| held.network_groups.is_empty() && held.members.is_empty();
    counts.count(
        "admin rules of nothing said",
        estate.collections.iter().any(nothing),
    );
    counts.count(
        "a network group as an address",
        admin().any(|rule| !rule.source.network_groups.is_empty()),
    );
}

fn flows(counts: &mut Counts, case: &Case, flow: &CaseFlow) {
    let interface = case.estate.interface(&flow.interface).unwrap();
    let (own, other) = match flow.direction {
        Direction::Inbound => (flow.destination, flow.source),
        Direction::Outbound => (flow.source, flow.destination),
    };
    let is_own = interface.configurations.iter().any(|held| held.address == own);
    counts.count("a flow passed on", !is_own);
    counts.count("a flow of IPv6", own.is_ipv6());
    counts.count(
        "to the platform",
        other == PLATFORM_ADDRESS.parse::<std::net::IpAddr>().unwrap(),
    );
    counts.count(
        "to the metadata",
        other == METADATA_ADDRESS.parse::<std::net::IpAddr>().unwrap(),
    );
    counts.count("port 0", flow.protocol == 6 && flow.destination_port == 0);
    counts.count("port 65535", flow.protocol == 6 && flow.destination_port == 65535);
    counts.count("a flow without ports", flow.protocol == 1);
    let decided = case.judge(flow).decided_by;
    let by_admin = decided
        .as_ref()
        .is_some_and(|(owner, _)| owner.contains("ruleCollections"));
    counts.count("decided by an admin rule", by_admin);
    counts.count(
        "decided by a default rule",
        decided.as_ref().is_some_and(|(_, rule)| rule.ends_with("Bound")),
    );
    counts.count(
        "decided by a rule of a group",
        decided.is_some_and(|(_, rule)| rule.contains('-')) && !by_admin,
    );
}

#[test]
fn all_of_it_occurs() {
    let mut counts = Counts::default();
    for seed in 0..SEEDS {
        let case = Case::random(seed);
        networks(&mut counts, &case.estate);
        interfaces(&mut counts, &case.estate);
        rules(&mut counts, &case.estate);
        for flow in case.flows(10) {
            flows(&mut counts, &case, &flow);
        }
    }
    counts.check();
}

#[test]
fn every_spelling_occurs() {
    let mut counts = Counts::default();
    for seed in 0..SEEDS {
        let exports = Case::random(seed).exports();
        let texts: String = exports.iter().map(|(_, text)| text.as_str()).collect();
        for (name, part) in [
            ("nested", "\"properties\": {"),
            ("wrapped", "\"NewNSG\": {"),
            ("a list of the API", "\"value\": ["),
            ("PowerShell", "\"SecurityRules\": ["),
            ("singular", "\"sourceAddressPrefix\": \""),
            ("plural", "\"sourceAddressPrefixes\": [\n"),
            ("null", "\"sourceAddressPrefixes\": null"),
            ("an empty text", "\"sourceAddressPrefix\": \"\""),
            ("an empty list", "\"destinationPortRanges\": []"),
            ("PowerShell's list", "\"DestinationPortRange\": [\n"),
            ("lower case", "\"tcp\""),
            ("upper case", "\"TCP\""),
            ("a tag in lower case", "\"virtualnetwork\""),
            ("all ports as a range", "\"0-65535\""),
            ("a single address with its length", "/32\""),
            ("numbers as texts", "\"changeNumber\": \"300\""),
            ("numbers", "\"changeNumber\": 300"),
            ("members of a collection", "groupMembers\": ["),
            ("groups of a collection", "networkGroupId\": \""),
        ] {
            counts.count(name, texts.contains(part));
        }
    }
    counts.check();
}

#[test]
fn decisions_are_of_all_kinds() {
    let mut counts: BTreeMap<Decision, usize> = BTreeMap::new();
    let (mut all, mut own) = (0, 0);
    for seed in 0..SEEDS {
        let case = Case::random(seed);
        for flow in case.flows(20) {
            let judged = case.judge(&flow);
            *counts.entry(judged.decision).or_default() += 1;
            let is_own = judged.decided_by.is_some_and(|(_, rule)| rule.contains('-'));
            own += usize::from(is_own);
            all += 1;
        }
    }
    assert!(all > 19_000, "{all}");
    assert_eq!(counts.len(), 4, "{counts:?}");
    assert!(counts.values().all(|count| count * 100 >= all * 3), "{counts:?}");
    println!("{all}, {own} by own rules: {counts:?}");
    // Few of them are left to the default rules.
    assert!(own * 5 > all, "{own} of {all}");
}

#[test]
fn a_seed_is_always_the_same_case() {
    for seed in 0..20 {
        let (one, other) = (Case::random(seed), Case::random(seed));
        assert_eq!(one.exports(), other.exports());
        assert_eq!(one.flows(5), other.flows(5));
        assert_ne!(one.exports(), Case::random(seed + 1).exports());
    }
}
