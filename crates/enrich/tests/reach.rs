//! Where an address lies that is not in the reporter's own network: joined, over a hub, behind gateways, or elsewhere.

#![cfg(test)]

mod estate;

use enrich::{FlowType, Index, Known, Place, Threats};
use estate::{connection, facts, gateway, id, local_gateway, network, nic};
use serde_json::Value;

/// Two spokes of a hub, and a network that nothing leads to.
fn hub_and_spokes() -> Vec<Value> {
    vec![
        network("a", "10.1.0.0/16", &["hub"]),
        network("b", "10.2.0.0/16", &["hub"]),
        network("hub", "10.0.0.0/16", &["a", "b"]),
        network("alone", "10.9.0.0/16", &[]),
        nic("vm-a", "00-0D-3A-00-00-0A", "10.1.0.4", "a"),
        nic("vm-b", "00-0D-3A-00-00-0B", "10.2.0.4", "b"),
        nic("vm-alone", "00-0D-3A-00-00-0C", "10.9.0.4", "alone"),
    ]
}

/// What a network sees of an address: its kind of traffic, who has it, and the network it is of.
#[track_caller]
fn check(resources: &[Value], from: &str, address: &str, expected: (FlowType, &str, &str)) {
    let index = Index::of(&facts(resources));
    let from = id("virtualNetworks", from);
    let seen = index.seen(Some(&from), address.parse().unwrap(), &Threats::default());
    let holder = match &seen.holder {
        Known::Nobody => String::new(),
        Known::One(holder) => holder.name().into_owned(),
        Known::Several(holders) => holders
            .iter()
            .map(|holder| holder.name().into_owned())
            .collect::<Vec<_>>()
            .join(" or "),
    };
    let network = match &seen.place {
        Place::Peer { network, .. } => network.name(),
        _ => "",
    };
    let kind = Index::flow_type(Some(&from), &seen.place);
    assert_eq!((kind, holder.as_str(), network), expected, "{:?}", seen.place);
}

#[test]
fn a_spoke_sees_another_over_the_hub() {
    let mut resources = hub_and_spokes();
    let over = (FlowType::InterVNet, "vm-b", "b");
    check(&resources, "a", "10.2.0.4", over);
    check(&resources, "b", "10.1.0.4", (FlowType::InterVNet, "vm-a", "a"));
    // Also where the hub's own export is missing: both spokes name it.
    resources.remove(2);
    check(&resources, "a", "10.2.0.4", over);
    // Nobody is known at an address of the other's space.
    check(&resources, "a", "10.2.7.7", (FlowType::InterVNet, "", "b"));
    check(&resources, "a", "172.20.0.1", (FlowType::UnknownPrivate, "", ""));
}

#[test]
fn who_is_over_the_hub_stands_before_who_is_elsewhere() {
    let mut resources = hub_and_spokes();
    resources.push(network("copy", "10.2.0.0/16", &[]));
    resources.push(nic("vm-copy", "00-0D-3A-00-00-0D", "10.2.0.4", "copy"));
    check(&resources, "a", "10.2.0.4", (FlowType::InterVNet, "vm-b", "b"));
    // From elsewhere there are two, and from the copy its own.
    let two = (FlowType::InterVNet, "vm-b or vm-copy", "");
    check(&resources, "alone", "10.2.0.4", two);
    check(
        &resources,
        "copy",
        "10.2.0.4",
        (FlowType::IntraVNet, "vm-copy", ""),
    );
    // Two spokes with one address space.
    resources.push(network("twin", "10.2.0.0/16", &["hub"]));
    resources.push(nic("vm-twin", "00-0D-3A-00-00-0E", "10.2.0.4", "twin"));
    check(
        &resources,
        "a",
        "10.2.0.4",
        (FlowType::InterVNet, "vm-b or vm-twin", ""),
    );
    // Joined itself, it is that one.
    resources.push(network("spoke", "10.5.0.0/16", &["hub", "copy"]));
    check(
        &resources,
        "spoke",
        "10.2.0.4",
        (FlowType::InterVNet, "vm-copy", "copy"),
    );
}

#[test]
fn an_address_of_one_network_only_is_of_that() {
    let mut resources = hub_and_spokes();
    let elsewhere = (FlowType::InterVNet, "vm-alone", "alone");
    check(&resources, "a", "10.9.0.4", elsewhere);
    // A peering that is broken joins nothing, but nobody else has the address.
    resources.push(network("off", "10.6.0.0/16", &["!hub"]));
    check(&resources, "off", "10.1.0.4", (FlowType::InterVNet, "vm-a", "a"));
    // A public address that some network uses inside is no such proof.
    resources.push(network("odd", "51.0.0.0/16", &[]));
    check(&resources, "a", "51.0.0.4", (FlowType::ExternalPublic, "", ""));
}

#[test]
fn what_is_behind_a_gateway_is_weighed_by_the_length_of_its_prefix() {
    let mut resources = hub_and_spokes();
    resources.push(gateway("vgw", "hub", "172.16.50.0/24"));
    resources.push(local_gateway("hq", "10.0.0.0/8"));
    resources.push(connection("c", "IPsec", "vgw", "localNetworkGateways/hq"));
    // The hub's own gateway: everything else of 10/8 is on premises, but not the spokes.
    check(&resources, "hub", "10.77.0.4", (FlowType::S2S, "", ""));
    check(&resources, "hub", "172.16.50.9", (FlowType::P2S, "", ""));
    check(&resources, "hub", "10.2.0.4", (FlowType::InterVNet, "vm-b", "b"));
    // What nothing leads to gives way to what a gateway leads to.
    check(&resources, "hub", "10.9.0.4", (FlowType::S2S, "", ""));
    // A spoke to which the hub lends its gateway.
    resources.push(network("lent", "10.7.0.0/16", &["hub+"]));
    check(&resources, "lent", "10.77.0.4", (FlowType::S2S, "", ""));
    check(&resources, "lent", "10.2.0.4", (FlowType::InterVNet, "vm-b", "b"));
    // One to which it does not: only the local gateway has such an address.
    check(&resources, "a", "10.77.0.4", (FlowType::S2S, "", ""));
}

#[test]
fn networks_behind_two_gateways_see_each_other() {
    let estate = |kind: &str, connections: &[(&str, &str)]| {
        let mut resources = vec![
            network("a", "10.1.0.0/16", &[]),
            network("b", "10.2.0.0/16", &[]),
            // Beside it, so that the address alone proves nothing.
            network("copy", "10.2.0.0/16", &[]),
            nic("vm-b", "00-0D-3A-00-00-0B", "10.2.0.4", "b"),
            gateway("vgw-a", "a", "172.16.1.0/24"),
            gateway("vgw-b", "b", "172.16.2.0/24"),
        ];
        for (at, (from, to)) in connections.iter().enumerate() {
            resources.push(connection(&format!("c{at}"), kind, from, to));
        }
        resources
    };
    let over = (FlowType::InterVNet, "vm-b", "b");
    let unknown = (FlowType::InterVNet, "vm-b", "");
    // Each side has a connection of its own; one of them is enough.
    for (from, to) in [("vgw-a", "b"), ("vgw-b", "a")] {
        let to = format!("virtualNetworkGateways/vgw-{to}");
        let one = estate("Vnet2Vnet", &[(from, &to)]);
        check(&one, "a", "10.2.0.4", over);
        check(&one, "b", "10.1.0.4", (FlowType::InterVNet, "", "a"));
    }
    // At one circuit; a connection alone leads to nothing that is known.
    let circuit = "expressRouteCircuits/er";
    let both = [("vgw-a", circuit), ("vgw-b", circuit)];
    check(&estate("ExpressRoute", &both), "a", "10.2.0.4", over);
    check(&estate("ExpressRoute", &both[..1]), "a", "10.2.0.4", unknown);
    let two = [("vgw-a", circuit), ("vgw-b", "expressRouteCircuits/other")];
    check(&estate("ExpressRoute", &two), "a", "10.2.0.4", unknown);
}
