//! Draws an estate: networks, what joins them, subnets, interfaces, service tags. Then leaves some of it out, as exports do.

use std::net::IpAddr;

use super::draw_more;
use super::draw_rules;
use super::estate::{
    Configuration, Connection, Estate, Gateway, Interface, LocalGateway, Network, Peering, Route, RouteTable,
    Subnet, Tag, network_of,
};
use crate::cidr::Prefix;
use crate::prng::{Prng, Purpose};
use crate::rules::Address;

const SCOPE: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-Case";

/// Space that networks have; the last one is public.
const SPACES: [&str; 7] = [
    "10.1.0.0/24",
    "10.1.1.0/24",
    "172.20.0.0/24",
    "172.31.255.0/24",
    "192.168.4.0/24",
    "100.64.8.0/24",
    "20.40.0.0/24",
];

/// Where routes lead.
const ROUTES: [&str; 7] = [
    "0.0.0.0/0",
    "0.0.0.0/0",
    "10.200.0.0/16",
    "203.0.113.0/25",
    "192.168.4.0/25",
    "::/0",
    "fd00:9::/32",
];

const NEXT_HOPS: [&str; 4] = ["VirtualAppliance", "Internet", "None", "VirtualNetworkGateway"];

/// Networks on premises.
const ON_PREMISES: [&str; 3] = ["10.200.0.0/16", "192.168.77.0/24", "10.1.2.0/24"];

pub(super) fn estate(seed: u64) -> Estate {
    let mut prng = Prng::keyed(seed, Purpose::Verdicts, &[0]);
    let prng = &mut prng;
    let mut estate = Estate::default();
    draw_networks(prng, &mut estate);
    draw_gateways(prng, &mut estate);
    draw_peerings(prng, &mut estate);
    draw_tables(prng, &mut estate);
    draw_interfaces(prng, &mut estate);
    draw_tags(prng, &mut estate);
    draw_groups(prng, &mut estate);
    draw_more::add(seed, &mut estate);
    leave_out(prng, &mut estate);
    estate
}

/// The id of a resource of a case.
pub(super) fn id(kind: &str, name: &str) -> String {
    format!("{SCOPE}/providers/Microsoft.Network/{kind}/{name}")
}

pub(super) fn prefixes(texts: &[&str]) -> Vec<Prefix> {
    texts.iter().filter_map(|text| Prefix::parse(text)).collect()
}

fn draw_networks(prng: &mut Prng, estate: &mut Estate) {
    let mut free: Vec<&str> = SPACES.to_vec();
    for at in 0..prng.between(1, 3) {
        let mut space = Vec::new();
        for _ in 0..prng.between(1, 2) {
            let place = usize::try_from(prng.below(free.len() as u64)).unwrap_or(0);
            if place < free.len() {
                space.extend(Prefix::parse(free.remove(place)));
            }
        }
        let first = estate.networks.first();
        if let Some(first) = first.filter(|_| prng.per_mille(150)) {
            space.clone_from(&first.prefixes);
        }
        if prng.per_mille(400) {
            space.extend(Prefix::parse(&format!("fd00:{at}::/48")));
        }
        let network = Network {
            id: id("virtualNetworks", &format!("vnet-{at}")),
            prefixes: space,
            peerings: Vec::new(),
        };
        for of in 0..prng.between(1, 3) {
            estate.subnets.push(subnet(&network, of));
        }
        estate.networks.push(network);
    }
}

/// A subnet: sixteen addresses of each of the network's families.
fn subnet(network: &Network, at: u64) -> Subnet {
    let mut held: Vec<Prefix> = Vec::new();
    for prefix in &network.prefixes {
        let is_new = held
            .iter()
            .all(|other| other.base.is_ipv4() != prefix.base.is_ipv4());
        if is_new && prefix.base.is_ipv4() {
            held.push(Prefix {
                base: prefix.host(at * 16),
                bits: 28,
            });
        } else if is_new {
            held.push(Prefix {
                base: prefix.host(at * 256),
                bits: 120,
            });
        }
    }
    Subnet {
        id: format!("{}/subnets/snet-{at}", network.id),
        prefixes: held,
        group: None,
        table: None,
        endpoint_policies: None,
    }
}

fn draw_gateways(prng: &mut Prng, estate: &mut Estate) {
    for (at, network) in estate.networks.iter().enumerate() {
        if !prng.per_mille(220) {
            continue;
        }
        let first = network.prefixes.first();
        let subnet = Subnet {
            id: format!("{}/subnets/GatewaySubnet", network.id),
            prefixes: first
                .map(|prefix| Prefix {
                    base: prefix.host(224),
                    bits: 27,
                })
                .into_iter()
                .collect(),
            group: None,
            table: None,
            endpoint_policies: None,
        };
        let gateway = Gateway {
            id: id("virtualNetworkGateways", &format!("vgw-{at}")),
            subnet: subnet.id.clone(),
            kind: if prng.per_mille(700) {
                "Vpn"
            } else {
                "ExpressRoute"
            },
            clients: Vec::new(),
        };
        if prng.per_mille(700) {
            let texts = [*prng.pick(&ON_PREMISES).unwrap_or(&"10.200.0.0/16")];
            let local = LocalGateway {
                id: id("localNetworkGateways", &format!("lgw-{at}")),
                prefixes: prefixes(&texts),
            };
            if prng.per_mille(750) {
                estate.connections.push(Connection {
                    id: id("connections", &format!("cn-{at}")),
                    gateway: gateway.id.clone(),
                    remote: local.id.clone(),
                });
            }
            estate.local_gateways.push(local);
        }
        estate.subnets.push(subnet);
        estate.gateways.push(gateway);
    }
}

fn draw_peerings(prng: &mut Prng, estate: &mut Estate) {
    let networks = estate.networks.clone();
    let pairs = networks.iter().enumerate();
    let pairs = pairs.flat_map(|(at, one)| networks.iter().skip(at + 1).map(move |other| (one, other)));
    for (one, other) in pairs {
        let kind = prng.below(100);
        if overlaps(one, other) || has_overlapping_peer(estate, one, other) || kind >= 75 {
            continue;
        }
        let has_gateway = |network: &Network| {
            let mut gateways = estate.gateways.iter();
            gateways.any(|gateway| network_of(&gateway.subnet) == network.id)
        };
        let transit = prng.per_mille(700) && has_gateway(other) && !has_gateway(one);
        let mut side = |to: &Network| Peering {
            remote: to.id.clone(),
            state: "Connected",
            has_access: prng.per_mille(700).then_some(true),
            remote_prefixes: if prng.per_mille(700) {
                to.prefixes.clone()
            } else {
                Vec::new()
            },
            allows_gateway: false,
            uses_remote_gateway: false,
        };
        let (mut near, mut far) = (side(other), side(one));
        (near.uses_remote_gateway, far.allows_gateway) = (transit, transit);
        match kind {
            0..=8 => near.has_access = Some(false),
            9..=16 => near.state = "Initiated",
            17..=22 => near.state = "Disconnected",
            _ => {}
        }
        let is_one_way = near.state == "Initiated";
        put_peering(estate, &one.id, near);
        if !is_one_way {
            put_peering(estate, &other.id, far);
        }
    }
    if prng.per_mille(80)
        && let Some(network) = estate.networks.first_mut()
    {
        network.peerings.push(Peering {
            remote: id("virtualNetworks", "vnet-elsewhere"),
            state: "Connected",
            has_access: Some(true),
            remote_prefixes: if prng.per_mille(650) {
                prefixes(&["10.77.0.0/24"])
            } else {
                Vec::new()
            },
            allows_gateway: false,
            uses_remote_gateway: prng.per_mille(250),
        });
    }
}

fn overlaps(one: &Network, other: &Network) -> bool {
    one.prefixes.iter().any(|prefix| other.prefixes.contains(prefix))
}

/// A network has no two peers with the same addresses.
fn has_overlapping_peer(estate: &Estate, one: &Network, other: &Network) -> bool {
    let peers = |of: &Network| -> Vec<&Network> {
        let held = estate.network(&of.id).into_iter().flat_map(|held| &held.peerings);
        held.filter_map(|peering| estate.network(&peering.remote))
            .collect()
    };
    peers(one).into_iter().any(|peer| overlaps(peer, other))
        || peers(other).into_iter().any(|peer| overlaps(peer, one))
}

fn put_peering(estate: &mut Estate, network: &str, peering: Peering) {
    let mut networks = estate.networks.iter_mut();
    if let Some(network) = networks.find(|held| held.id == network) {
        network.peerings.push(peering);
    }
}

fn draw_tables(prng: &mut Prng, estate: &mut Estate) {
    for at in 0..prng.below(3) {
        let count = prng.between(1, 3);
        let routes = (0..count).map(|_| Route {
            to: if prng.per_mille(80) {
                Address::Tag("Storage".to_owned())
            } else {
                Address::from((*prng.pick(&ROUTES).unwrap_or(&"0.0.0.0/0")).to_owned())
            },
            next_hop: prng.pick(&NEXT_HOPS).copied().unwrap_or("None"),
        });
        estate.tables.push(RouteTable {
            id: id("routeTables", &format!("rt-{at}")),
            routes: routes.collect(),
        });
    }
    let ids: Vec<String> = estate.tables.iter().map(|table| table.id.clone()).collect();
    for subnet in &mut estate.subnets {
        if !subnet.id.ends_with("GatewaySubnet") && prng.per_mille(350) {
            subnet.table = prng.pick(&ids).cloned();
        }
    }
}

fn draw_interfaces(prng: &mut Prng, estate: &mut Estate) {
    let names = ["asg-web", "asg-data", "asg-elsewhere"];
    let count = usize::try_from(prng.below(4)).unwrap_or(0);
    let asgs: Vec<String> = names
        .iter()
        .take(count)
        .map(|name| id("applicationSecurityGroups", name))
        .collect();
    let places: Vec<Subnet> = estate
        .subnets
        .iter()
        .filter(|held| !held.id.ends_with("GatewaySubnet"))
        .cloned()
        .collect();
    let home = prng.pick(&estate.networks).map(|network| network.id.clone());
    let mut used: Vec<(String, IpAddr)> = Vec::new();
    for at in 0..prng.between(2, 6) {
        let Some(subnet) = prng.pick(&places) else {
            continue;
        };
        let network = network_of(&subnet.id).to_owned();
        // Members of an application group are all in one network; nobody here is in the last one.
        let is_home = home.as_ref() == Some(&network);
        let mut configurations = Vec::new();
        for prefix in &subnet.prefixes {
            let more = u64::from(prefix.base.is_ipv4() && prng.per_mille(250));
            let first = if prefix.base.is_ipv4() {
                1
            } else {
                u64::from(prng.per_mille(600))
            };
            for _ in 0..first + more {
                let address = prefix.host(prng.below(16));
                if used.contains(&(network.clone(), address)) {
                    continue;
                }
                used.push((network.clone(), address));
                let mut groups: Vec<String> = asgs.iter().take(2).cloned().collect();
                groups.retain(|_| is_home && prng.per_mille(400));
                configurations.push(Configuration {
                    address,
                    subnet: subnet.id.clone(),
                    application_groups: groups,
                });
            }
        }
        if !configurations.is_empty() {
            estate.interfaces.push(Interface {
                id: id("networkInterfaces", &format!("nic-{at}")),
                group: None,
                configurations,
                private_endpoint: None,
                effective: Vec::new(),
            });
        }
    }
    estate.application_groups = asgs;
}

fn draw_tags(prng: &mut Prng, estate: &mut Estate) {
    if prng.per_mille(50) {
        return;
    }
    let tag = |name: &str, region, texts: &[&str]| Tag {
        name: name.to_owned(),
        region,
        prefixes: prefixes(texts),
    };
    let mut tags = vec![
        tag("Storage", "", &["20.60.0.0/24", "20.61.0.0/25", "2603:1020::/64"]),
        tag(
            "Storage.WestEurope",
            "westeurope",
            &["20.60.0.0/25", "2603:1020::/96"],
        ),
        tag("Sql", "", &["20.62.0.16/28", "20.60.0.128/25"]),
    ];
    tags.retain(|_| prng.per_mille(930));
    estate.tags = Some(tags);
}

fn draw_groups(prng: &mut Prng, estate: &mut Estate) {
    let count = prng.between(1, 4);
    let ids: Vec<String> = (0..count)
        .map(|at| id("networkSecurityGroups", &format!("nsg-{at}")))
        .collect();
    for subnet in &mut estate.subnets {
        if !subnet.id.ends_with("GatewaySubnet") && prng.per_mille(600) {
            subnet.group = prng.pick(&ids).cloned();
        }
    }
    for interface in &mut estate.interfaces {
        if prng.per_mille(550) {
            interface.group = prng.pick(&ids).cloned();
        }
    }
    estate.groups = draw_rules::groups(prng, estate, &ids);
    estate.collections = draw_rules::collections(prng, estate, SCOPE);
}

/// What stays is what the exports have.
fn leave_out(prng: &mut Prng, estate: &mut Estate) {
    estate.groups.retain(|_| !prng.per_mille(30));
    estate.tables.retain(|_| !prng.per_mille(30));
    if estate.networks.len() > 1 && prng.per_mille(40) {
        let gone = estate
            .networks
            .pop()
            .map(|network| network.id)
            .unwrap_or_default();
        estate.subnets.retain(|subnet| network_of(&subnet.id) != gone);
    }
}
