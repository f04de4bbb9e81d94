//! One small network, changed a little for each example.

use super::super::draw_rules::default_rules;
use super::super::estate::*;
use super::super::{Case, CaseFlow, Decision};
use crate::cidr::Prefix;
use crate::rules::{Access, Address, Direction, PortRange};

use Decision::{Allowed, Denied, NotGoverned, Unknown};

/// `vnet-a` 10.1.0.0/24 with `snet` and two interfaces, .4 guarded by `nsg-nic`, the subnet by `nsg-subnet`.
fn estate() -> Estate {
    let subnet =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-a/subnets/snet";
    let interface = |id: &str, address: &str, asgs: &[&str]| Interface {
        id: id.to_owned(),
        group: Some("nsg-nic".to_owned()),
        configurations: vec![Configuration {
            address: address.parse().unwrap(),
            subnet: subnet.to_owned(),
            application_groups: asgs.iter().map(|asg| (*asg).to_owned()).collect(),
        }],
        private_endpoint: None,
        effective: Vec::new(),
    };
    let group = |id: &str| Group {
        id: id.to_owned(),
        rules: Vec::new(),
    };
    Estate {
        networks: vec![Network {
            id: network_of(subnet).to_owned(),
            prefixes: vec![prefix("10.1.0.0/24")],
            peerings: Vec::new(),
        }],
        subnets: vec![Subnet {
            id: subnet.to_owned(),
            prefixes: vec![prefix("10.1.0.0/28")],
            group: Some("nsg-subnet".to_owned()),
            table: None,
            endpoint_policies: None,
        }],
        interfaces: vec![
            interface("nic", "10.1.0.4", &["asg-web"]),
            interface("nic-2", "10.1.0.5", &["asg-db"]),
        ],
        groups: vec![group("nsg-nic"), group("nsg-subnet")],
        tags: Some(vec![Tag {
            name: "Storage".to_owned(),
            region: "",
            prefixes: vec![prefix("20.60.0.0/24")],
        }]),
        ..Estate::default()
    }
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).unwrap()
}

/// `in deny 100 tcp Internet,asg-web|* > *|22,80-90`, named `deny-100`.
fn rule(text: &str) -> Rule {
    let words: Vec<&str> = text.split(' ').collect();
    let side = |text: &str| {
        let (addresses, ports) = text.rsplit_once('|').unwrap();
        let mut side = Side {
            ports: ports.split(',').filter_map(PortRange::parse).collect(),
            ..Side::default()
        };
        for one in addresses.split(',').filter(|one| !one.is_empty()) {
            if one.starts_with("asg-") {
                side.application_groups.push(one.to_owned());
            } else if one.starts_with("ng-") {
                side.network_groups.push(one.to_owned());
            } else {
                side.addresses.push(Address::from(one.to_owned()));
            }
        }
        side
    };
    Rule {
        name: format!("{}-{}", words[1], words[2]),
        priority: words[2].parse().unwrap(),
        direction: if words[0] == "in" {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        access: match words[1] {
            "allow" => Access::Allow,
            "deny" => Access::Deny,
            _ => Access::AlwaysAllow,
        },
        protocol: match words[3] {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "icmp" => Protocol::Icmp,
            "esp" => Protocol::Esp,
            "ah" => Protocol::Ah,
            _ => Protocol::Any,
        },
        source: side(words[4]),
        destination: side(words[6]),
        is_default: false,
    }
}

/// A flow of the first interface, `in 8.8.8.8 > 10.1.0.4 tcp/443`, is decided so, and by this rule.
#[track_caller]
fn check(estate: &Estate, flow: &str, decision: Decision, by: &str) {
    let words: Vec<&str> = flow.split(' ').collect();
    let (protocol, port) = words[4].split_once('/').unwrap();
    let protocol = match protocol {
        "tcp" => 6,
        "udp" => 17,
        number => number.parse().unwrap(),
    };
    let direction = if words[0] == "in" {
        Direction::Inbound
    } else {
        Direction::Outbound
    };
    let case = Case {
        seed: 0,
        estate: estate.clone(),
    };
    let judged = case.judge(&CaseFlow {
        interface: "NIC".to_owned(),
        direction,
        protocol,
        source: words[1].parse().unwrap(),
        source_port: if protocol == 6 || protocol == 17 {
            50_000
        } else {
            0
        },
        destination: words[3].parse().unwrap(),
        destination_port: port.parse().unwrap(),
    });
    let named = judged
        .decided_by
        .map_or_else(String::new, |(owner, rule)| format!("{owner} {rule}"));
    assert_eq!((judged.decision, named.as_str()), (decision, by), "{flow}");
}

fn with(group: &str, rules: &[&str]) -> Estate {
    let mut estate = estate();
    let held = estate.groups.iter_mut().find(|held| held.id == group).unwrap();
    held.rules = rules.iter().map(|text| rule(text)).collect();
    estate
}

fn with_admin(rules: &[&str], members: &[&str], network_groups: &[&str]) -> Estate {
    let mut estate = estate();
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    estate.collections.push(Collection {
        id: "sac".to_owned(),
        rules: rules.iter().map(|text| rule(text)).collect(),
        network_groups: all(network_groups),
        members: all(members),
    });
    estate
}

#[test]
fn default_rules_decide_where_nothing_else_does() {
    let mut estate = estate();
    for _ in 0..2 {
        check(
            &estate,
            "in 8.8.8.8 > 10.1.0.4 tcp/443",
            Denied,
            "nsg-subnet DenyAllInBound",
        );
        check(
            &estate,
            "in 10.1.0.5 > 10.1.0.4 tcp/443",
            Allowed,
            "nsg-nic AllowVnetInBound",
        );
        check(
            &estate,
            "out 10.1.0.4 > 10.1.0.255 udp/9",
            Allowed,
            "nsg-subnet AllowVnetOutBound",
        );
        check(
            &estate,
            "out 10.1.0.4 > 8.8.8.8 udp/53",
            Allowed,
            "nsg-subnet AllowInternetOutBound",
        );
        // Private space is not `VirtualNetwork`, and so it is `Internet`.
        check(
            &estate,
            "in 10.1.1.0 > 10.1.0.4 tcp/443",
            Denied,
            "nsg-subnet DenyAllInBound",
        );
        check(
            &estate,
            "out 10.1.0.4 > 10.9.9.9 tcp/443",
            Allowed,
            "nsg-subnet AllowInternetOutBound",
        );
        // The export has them from here on.
        for group in &mut estate.groups {
            group.rules.extend(default_rules());
        }
    }
}

#[test]
fn both_levels_must_allow_in_their_order() {
    let open = with("nsg-subnet", &["in allow 100 tcp *|* > *|22"]);
    check(
        &open,
        "in 8.8.8.8 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-nic DenyAllInBound",
    );
    let shut = with(
        "nsg-nic",
        &["in deny 100 tcp *|* > *|22", "out deny 100 * *|* > *|22"],
    );
    check(
        &shut,
        "in 8.8.8.8 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    check(&shut, "in 10.1.0.5 > 10.1.0.4 tcp/22", Denied, "nsg-nic deny-100");
    check(
        &shut,
        "out 10.1.0.4 > 10.1.0.5 tcp/22",
        Denied,
        "nsg-nic deny-100",
    );
    let mut none = open;
    none.interfaces[0].group = None;
    check(
        &none,
        "in 8.8.8.8 > 10.1.0.4 tcp/22",
        Allowed,
        "nsg-subnet allow-100",
    );
    none.subnets[0].group = None;
    check(&none, "in 8.8.8.8 > 10.1.0.4 tcp/22", Allowed, "");
}

#[test]
fn the_lowest_number_is_first_and_every_part_counts() {
    let estate = with(
        "nsg-subnet",
        &[
            "in deny 300 * *|* > *|*",
            "in allow 200 tcp 203.0.113.0/25,198.51.100.7|49152-65535,1-2 > 10.1.0.4|22,80-90",
        ],
    );
    let deny = "nsg-subnet deny-300";
    let mut open = estate;
    open.interfaces[0].group = None;
    for (flow, decision, by) in [
        (
            "in 203.0.113.127 > 10.1.0.4 tcp/22",
            Allowed,
            "nsg-subnet allow-200",
        ),
        (
            "in 198.51.100.7 > 10.1.0.4 tcp/90",
            Allowed,
            "nsg-subnet allow-200",
        ),
        ("in 203.0.113.128 > 10.1.0.4 tcp/22", Denied, deny),
        ("in 198.51.100.6 > 10.1.0.4 tcp/22", Denied, deny),
        ("in 203.0.113.127 > 10.1.0.4 tcp/91", Denied, deny),
        ("in 203.0.113.127 > 10.1.0.4 tcp/79", Denied, deny),
        ("in 203.0.113.127 > 10.1.0.4 udp/22", Denied, deny),
        ("in 203.0.113.127 > 10.1.0.5 tcp/22", Denied, deny),
    ] {
        check(&open, flow, decision, by);
    }
    open.groups[1].rules.push(rule("in allow 300 udp *|* > *|7"));
    check(&open, "in 8.8.8.8 > 10.1.0.4 udp/7", Unknown, "");
    open.groups[1].rules.push(rule("in deny 301 udp *|* > *|8"));
    open.groups[1].rules.push(rule("in deny 301 udp *|* > *|8-9"));
    check(&open, "in 8.8.8.8 > 10.1.0.4 udp/8", Denied, deny);
    open.groups[1].rules.remove(0);
    check(
        &open,
        "in 8.8.8.8 > 10.1.0.4 udp/9",
        Denied,
        "nsg-subnet deny-301",
    );
}

#[test]
fn protocols_without_ports() {
    let mut estate = with(
        "nsg-subnet",
        &["in allow 100 icmp *|* > *|*", "in allow 110 esp *|* > *|80"],
    );
    estate.interfaces[0].group = None;
    check(
        &estate,
        "in 8.8.8.8 > 10.1.0.4 1/0",
        Allowed,
        "nsg-subnet allow-100",
    );
    check(&estate, "in 8.8.8.8 > 10.1.0.4 58/0", Unknown, "");
    check(&estate, "in 8.8.8.8 > 10.1.0.4 50/0", Unknown, "");
    check(
        &estate,
        "in 8.8.8.8 > 10.1.0.4 51/0",
        Denied,
        "nsg-subnet DenyAllInBound",
    );
}

#[test]
fn platform_addresses_are_governed_by_their_tags_only() {
    let deny_all = "out deny 100 * *|* > *,Internet,VirtualNetwork,168.63.129.16,AzureLoadBalancer|*";
    let mut estate = with("nsg-nic", &[deny_all, "in deny 100 * *|* > *|*"]);
    check(&estate, "out 10.1.0.4 > 168.63.129.16 udp/53", NotGoverned, "");
    check(&estate, "out 10.1.0.4 > 169.254.169.254 tcp/80", NotGoverned, "");
    check(&estate, "in 168.63.129.16 > 10.1.0.4 tcp/80", NotGoverned, "");
    check(
        &estate,
        "out 10.1.0.4 > 168.63.129.17 udp/53",
        Denied,
        "nsg-nic deny-100",
    );
    let tags = ["AzurePlatformDNS", "azureplatformimds", "AzurePlatformLKM"];
    for (at, tag) in tags.iter().enumerate() {
        let text = format!("out deny {} * *|* > {tag}|*", 200 + at);
        estate.groups[0].rules.push(rule(&text));
    }
    check(
        &estate,
        "out 10.1.0.4 > 168.63.129.16 udp/53",
        Denied,
        "nsg-nic deny-200",
    );
    check(&estate, "out 10.1.0.4 > 168.63.129.16 tcp/80", Unknown, "");
    check(
        &estate,
        "out 10.1.0.4 > 169.254.169.254 tcp/80",
        Denied,
        "nsg-nic deny-201",
    );
    estate.groups[0].rules.remove(0);
    check(&estate, "out 10.1.0.4 > 20.118.99.224 tcp/1688", Unknown, "");
    check(
        &estate,
        "out 10.1.0.4 > 20.118.99.224 tcp/1689",
        Allowed,
        "nsg-subnet AllowInternetOutBound",
    );
    estate.subnets[0].group = None;
    estate.interfaces[0].group = None;
    check(&estate, "out 10.1.0.4 > 168.63.129.16 udp/53", NotGoverned, "");
    estate.subnets[0].group = Some("gone".to_owned());
    check(&estate, "out 10.1.0.4 > 168.63.129.16 udp/53", Unknown, "");
}

#[test]
fn admin_rules_come_first() {
    let network = estate().networks[0].id.to_uppercase();
    let deny = ["in deny 1 tcp Internet|* > *|22"];
    let ssh = "in 8.8.8.8 > 10.1.0.4 tcp/22";
    check(&with_admin(&deny, &[&network], &[]), ssh, Denied, "sac deny-1");
    check(
        &with_admin(&deny, &["/subscriptions/S"], &[]),
        ssh,
        Denied,
        "sac deny-1",
    );
    let always = ["in always 1 tcp *|* > *|22", "in deny 2 * *|* > *|*"];
    check(
        &with_admin(&always, &[&network], &[]),
        ssh,
        Allowed,
        "sac always-1",
    );
    let allow = ["in allow 1 tcp *|* > *|22", "in deny 2 * *|* > *|*"];
    check(
        &with_admin(&allow, &[&network], &[]),
        ssh,
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    check(
        &with_admin(&allow, &[&network], &[]),
        "in 10.1.0.5 > 10.1.0.4 tcp/22",
        Allowed,
        "nsg-nic AllowVnetInBound",
    );
    // Denied either way, by one rule or another.
    check(&with_admin(&deny, &[], &["ng-all"]), ssh, Denied, "");
    check(&with_admin(&deny, &[], &[]), ssh, Denied, "");
    check(
        &with_admin(&always, &["/subscriptions/t"], &["ng-all"]),
        ssh,
        Unknown,
        "",
    );
    check(
        &with_admin(&always, &["/subscriptions/ss"], &[]),
        ssh,
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    let group = ["in always 1 tcp ng-shops|* > *|22"];
    check(&with_admin(&group, &[&network], &[]), ssh, Unknown, "");
    check(
        &with_admin(&always, &[&network], &[]),
        "in 168.63.129.16 > 10.1.0.4 tcp/22",
        NotGoverned,
        "",
    );
}

#[test]
fn virtual_network_is_space_peers_routes_and_what_is_behind_gateways() {
    let mut held = estate();
    let peer = Peering {
        remote: "/vnet-b".to_owned(),
        state: "Connected",
        has_access: None,
        remote_prefixes: vec![prefix("10.2.0.0/24")],
        allows_gateway: false,
        uses_remote_gateway: false,
    };
    let (inside, internet) = ("nsg-subnet AllowVnetOutBound", "nsg-subnet AllowInternetOutBound");
    let to_peer = "out 10.1.0.4 > 10.2.0.9 tcp/1";
    check(&held, to_peer, Allowed, internet);
    held.networks[0].peerings.push(peer);
    check(&held, to_peer, Allowed, inside);
    held.networks[0].peerings[0].has_access = Some(false);
    check(&held, to_peer, Allowed, internet);
    held.networks[0].peerings[0].has_access = Some(true);
    held.networks[0].peerings[0].state = "Initiated";
    check(&held, to_peer, Allowed, internet);
    held.networks[0].peerings[0].state = "Connected";
    held.networks[0].peerings[0].uses_remote_gateway = true;
    // Behind its gateway there may be any private address. That it is of `VirtualNetwork` or of `Internet` is not carried on.
    check(&held, "out 10.1.0.4 > 172.31.0.1 tcp/1", Unknown, "");
    check(&held, "in 172.31.0.1 > 10.1.0.4 tcp/1", Unknown, "");
    check(
        &held,
        "in 172.32.0.1 > 10.1.0.4 tcp/1",
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    held.gateways.push(Gateway {
        id: "vgw".to_owned(),
        subnet: "/vnet-b/subnets/GatewaySubnet".to_owned(),
        kind: "Vpn",
        clients: Vec::new(),
    });
    held.local_gateways.push(LocalGateway {
        id: "lgw".to_owned(),
        prefixes: vec![prefix("172.31.0.0/24")],
    });
    held.connections.push(Connection {
        id: "cn".to_owned(),
        gateway: "VGW".to_owned(),
        remote: "lgw".to_owned(),
    });
    check(
        &held,
        "in 172.31.0.1 > 10.1.0.4 tcp/1",
        Allowed,
        "nsg-nic AllowVnetInBound",
    );
    held.networks[0].peerings[0].remote_prefixes.clear();
    check(&held, "in 8.8.8.8 > 10.1.0.4 tcp/1", Unknown, "");
}

#[test]
fn routes_are_virtual_network_even_the_default_one() {
    let mut held = estate();
    let route = |to: &str| Route {
        to: Address::from(to.to_owned()),
        next_hop: "VirtualAppliance",
    };
    held.tables.push(RouteTable {
        id: "rt".to_owned(),
        routes: vec![route("192.0.2.0/24"), route("Storage")],
    });
    let from = |address: &str| format!("in {address} > 10.1.0.4 tcp/1");
    check(&held, &from("192.0.2.1"), Denied, "nsg-subnet DenyAllInBound");
    held.subnets[0].table = Some("RT".to_owned());
    for address in ["192.0.2.1", "20.60.0.255"] {
        check(&held, &from(address), Allowed, "nsg-nic AllowVnetInBound");
    }
    check(&held, &from("8.8.8.8"), Denied, "nsg-subnet DenyAllInBound");
    held.tables[0].routes.push(route("Elsewhere"));
    check(&held, &from("8.8.8.8"), Unknown, "");
    held.tables[0].routes.push(route("0.0.0.0/0"));
    check(&held, &from("8.8.8.8"), Allowed, "nsg-nic AllowVnetInBound");
    held.tables.clear();
    check(&held, &from("8.8.8.8"), Unknown, "");
}

#[test]
fn tags_that_the_file_lacks_are_unknown() {
    let mut held = with(
        "nsg-subnet",
        &[
            "in allow 100 tcp storage|* > *|22",
            "in allow 110 tcp Gone|* > *|23",
            "in deny 120 tcp Gone|* > *|24",
        ],
    );
    held.interfaces[0].group = None;
    check(
        &held,
        "in 20.60.0.0 > 10.1.0.4 tcp/22",
        Allowed,
        "nsg-subnet allow-100",
    );
    check(
        &held,
        "in 20.60.1.0 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    check(&held, "in 20.60.1.0 > 10.1.0.4 tcp/23", Unknown, "");
    check(&held, "in 20.60.1.0 > 10.1.0.4 tcp/24", Denied, "");
    held.tags = None;
    check(&held, "in 20.60.1.0 > 10.1.0.4 tcp/22", Unknown, "");
}

#[test]
fn application_groups_are_their_members() {
    let mut held = with(
        "nsg-subnet",
        &[
            "in deny 100 tcp asg-db|* > asg-web|22",
            "in deny 110 tcp asg-db|* > asg-other|23",
        ],
    );
    held.interfaces[0].group = None;
    check(
        &held,
        "in 10.1.0.5 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-subnet deny-100",
    );
    check(
        &held,
        "in 10.1.0.5 > 10.1.0.4 tcp/23",
        Allowed,
        "nsg-subnet AllowVnetInBound",
    );
    // No interface is known to have it: it may be a member.
    check(&held, "in 10.1.0.9 > 10.1.0.4 tcp/22", Unknown, "");
    check(
        &held,
        "in 8.8.8.8 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-subnet DenyAllInBound",
    );
    held.interfaces.remove(1);
    check(&held, "in 10.1.0.5 > 10.1.0.4 tcp/22", Unknown, "");
}

#[test]
fn gateways_that_are_joined_reach_each_others_networks_and_clients_of_theirs() {
    let mut held = estate();
    let gateway = |id: &str, network: &str, clients: &[&str]| Gateway {
        id: id.to_owned(),
        subnet: format!("{network}/subnets/GatewaySubnet"),
        kind: "Vpn",
        clients: clients.iter().map(|text| prefix(text)).collect(),
    };
    let own = held.networks[0].id.clone();
    held.gateways.push(gateway("vgw-a", &own, &["172.16.201.0/24"]));
    held.gateways
        .push(gateway("vgw-c", "/vnet-c", &["172.16.202.0/24"]));
    let network = |id: &str, space: &str| Network {
        id: id.to_owned(),
        prefixes: vec![prefix(space)],
        peerings: Vec::new(),
    };
    held.networks.push(network("/vnet-c", "10.3.0.0/24"));
    let allowed = "nsg-nic AllowVnetInBound";
    check(&held, "in 172.16.201.9 > 10.1.0.4 tcp/1", Allowed, allowed);
    check(&held, "in 10.3.0.9 > 10.1.0.4 tcp/1", Unknown, "");
    // Whichever of the two the connection is of.
    for (one, other) in [("vgw-a", "VGW-C"), ("vgw-c", "vgw-a")] {
        let mut held = held.clone();
        held.connections.push(Connection {
            id: "cn".to_owned(),
            gateway: one.to_owned(),
            remote: other.to_owned(),
        });
        check(&held, "in 10.3.0.9 > 10.1.0.4 tcp/1", Allowed, allowed);
        // Clients of the other may be behind it or not, as any private address.
        check(&held, "in 172.16.202.9 > 10.1.0.4 tcp/1", Unknown, "");
    }
}

#[test]
fn effective_rules_take_the_place_of_the_group_and_of_its_tags() {
    let mut held = with("nsg-nic", &["in deny 100 tcp *|* > *|22"]);
    let mut network = rule("in allow 200 * VirtualNetwork|* > *|*");
    network.source.expanded = vec![prefix("10.1.0.0/24"), prefix("10.9.0.0/16")];
    held.interfaces[0].effective = vec![EffectiveGroup {
        id: "nsg-nic".to_owned(),
        is_of_subnet: false,
        rules: vec![rule("in allow 90 tcp *|* > *|22"), network],
    }];
    // Of the subnet's group it says what `VirtualNetwork` is.
    let (allowed, denied) = ("nsg-nic allow-90", "nsg-subnet DenyAllInBound");
    check(&held, "in 10.9.0.1 > 10.1.0.4 tcp/22", Allowed, allowed);
    check(&held, "in 10.8.0.1 > 10.1.0.4 tcp/22", Denied, denied);
    check(
        &held,
        "in 10.9.0.1 > 10.1.0.4 tcp/80",
        Allowed,
        "nsg-nic allow-200",
    );
    // Without them the group itself holds, and the tag is what the network is.
    let mut without = held.clone();
    without.interfaces[0].effective.clear();
    check(&without, "in 10.9.0.1 > 10.1.0.4 tcp/22", Denied, denied);
    check(
        &without,
        "in 10.1.0.5 > 10.1.0.4 tcp/22",
        Denied,
        "nsg-nic deny-100",
    );
    // What is listed of one family says nothing of the other.
    held.networks[0].prefixes.push(prefix("fd00::/48"));
    check(&held, "in fd00::5 > fd00::4 tcp/80", Allowed, "nsg-nic allow-200");
    held.networks.clear();
    check(&held, "in 10.9.0.1 > 10.1.0.4 tcp/22", Allowed, allowed);
    check(&held, "in fd00::5 > fd00::4 tcp/80", Unknown, "");
}

#[test]
fn rules_hold_for_a_private_endpoint_where_its_subnet_says_so() {
    let mut held = estate();
    let flow = "in 8.8.8.8 > 10.1.0.4 tcp/443";
    let denied = "nsg-subnet DenyAllInBound";
    held.subnets[0].endpoint_policies = Some("Disabled");
    check(&held, flow, Denied, denied);
    held.interfaces[0].private_endpoint = Some("pe".to_owned());
    for (policies, decision, by) in [
        (Some("Disabled"), NotGoverned, ""),
        (Some("RouteTableEnabled"), NotGoverned, ""),
        (Some("Enabled"), Denied, denied),
        (Some("NetworkSecurityGroupEnabled"), Denied, denied),
        (None, Unknown, ""),
    ] {
        held.subnets[0].endpoint_policies = policies;
        check(&held, flow, decision, by);
    }
}

#[test]
fn what_is_missing_is_not_made_up() {
    let mut held = with(
        "nsg-nic",
        &[
            "in deny 100 tcp |* > *|22",
            "in deny 110 tcp *| > *|22",
            "in deny 120 * 0.0.0.0/0|* > *|*",
        ],
    );
    // A side without addresses, or without ports, is neither everywhere nor nowhere.
    check(&held, "in 10.1.0.5 > 10.1.0.4 tcp/22", Denied, "");
    held.networks[0].prefixes.push(prefix("fd00::/48"));
    check(&held, "in fd00::5 > fd00::4 tcp/22", Unknown, "");
    held.subnets[0].group = Some("gone".to_owned());
    check(&held, "in 10.1.0.5 > 10.1.0.4 tcp/22", Denied, "");
    check(&held, "in fd00::5 > fd00::4 tcp/22", Unknown, "");
    check(&held, "out 10.1.0.4 > 10.1.0.5 tcp/22", Unknown, "");
    let mut held = estate();
    held.networks.clear();
    held.subnets.clear();
    check(&held, "in 10.1.0.5 > 10.1.0.4 tcp/22", Unknown, "");
    held.interfaces.clear();
    check(&held, "in 10.1.0.5 > 10.1.0.4 tcp/22", Unknown, "");
}
