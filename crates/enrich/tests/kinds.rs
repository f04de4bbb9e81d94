//! What kind of traffic a flow is, by its two ends, whoever reported it.

#![cfg(test)]

mod estate;

use enrich::{Ends, FlowType, Index, Talk, Threats};
use estate::{balancer, facts, gateway, id, local_gateway, nat_gateway, network, nic, public};
use inventory::read;
use model::facts::Mac;
use serde_json::Value;

/// No export has it.
const NOBODY: &str = "00-0D-3A-00-00-EE";
const APPLIANCE: &str = "00-0D-3A-00-00-09";

/// Two spokes, and an appliance in the hub between them.
fn resources() -> Vec<Value> {
    vec![
        network("a", "10.1.0.0/16", &["hub"]),
        network("b", "10.2.0.0/16", &["hub"]),
        network("hub", "10.0.0.0/16", &["a", "b"]),
        nic("vm-a", "00-0D-3A-00-00-0A", "10.1.0.4", "a"),
        nic("vm-b", "00-0D-3A-00-00-0B", "10.2.0.4", "b"),
        nic("nva", APPLIANCE, "10.0.0.4", "hub"),
        gateway("vgw", "hub", "172.16.50.0/24"),
        local_gateway("hq", "192.168.0.0/16"),
    ]
}

fn index(resources: &[Value]) -> Index {
    let mut facts = facts(resources);
    let tags = r#"{"changeNumber": 1, "cloud": "Public", "values": [
        {"name": "AzureCloud.westeurope", "properties": {"region": "westeurope", "addressPrefixes": ["20.60.0.0/16"]}}]}"#;
    facts.tags = read(tags.as_bytes()).unwrap().facts.tags;
    Index::of(&facts)
}

fn threats() -> Threats {
    Threats::of_lists(&read(b"203.0.113.0/24,Botnet\n").unwrap().facts.threats)
}

fn ends(index: &Index, mac: &str, is_inbound: bool, source: &str, destination: &str) -> Ends {
    logged(index, mac, is_inbound, (source, destination), "")
}

/// Of a flow log that is enabled on something.
fn logged(
    index: &Index,
    mac: &str,
    is_inbound: bool,
    (source, destination): (&str, &str),
    target: &str,
) -> Ends {
    let talk = Talk {
        mac: Mac::parse(mac),
        is_inbound,
        source: source.parse().ok(),
        destination: destination.parse().ok(),
        target,
    };
    index.ends(&talk, &threats())
}

#[test]
fn what_passes_a_hop_is_told_by_its_ends_both_ways() {
    let index = index(&resources());
    for (source, destination, expected) in [
        ("10.1.0.4", "10.2.0.4", FlowType::InterVNet),
        // Between two subnets of a network, over the hub.
        ("10.1.0.4", "10.1.9.4", FlowType::IntraVNet),
        ("10.1.0.4", "8.8.8.8", FlowType::ExternalPublic),
        ("8.8.8.8", "10.1.0.4", FlowType::ExternalPublic),
        ("10.1.0.4", "20.60.1.7", FlowType::AzurePublic),
        ("10.1.0.4", "203.0.113.9", FlowType::MaliciousFlow),
        ("203.0.113.9", "10.1.0.4", FlowType::MaliciousFlow),
        ("10.1.0.4", "172.20.0.1", FlowType::UnknownPrivate),
        ("172.20.0.1", "10.1.0.4", FlowType::UnknownPrivate),
        ("172.16.50.7", "10.1.0.4", FlowType::P2S),
        ("10.1.0.4", "192.168.7.7", FlowType::S2S),
        ("172.16.50.7", "192.168.7.7", FlowType::Unknown),
        ("10.244.4.2", "10.244.3.12", FlowType::Unknown),
        ("10.244.4.2", "8.8.8.8", FlowType::ExternalPublic),
        ("10.244.4.2", "20.60.1.7", FlowType::AzurePublic),
    ] {
        let there = ends(&index, APPLIANCE, true, source, destination);
        let on = ends(&index, APPLIANCE, false, source, destination);
        assert_eq!(there.flow_type, expected, "{source} {destination}");
        assert_eq!(there, on, "{source} {destination}");
        assert!(there.is_hop);
        let is_known = expected == FlowType::MaliciousFlow;
        assert_eq!(
            there.threat_type,
            if is_known { "Botnet" } else { "" },
            "{source}"
        );
        let ends = [&there.source, &there.destination].map(|end| end.threat.is_some());
        let harmful = [source, destination].map(|end| end == "203.0.113.9");
        assert_eq!(ends, harmful, "{source} {destination}");
        let is_azure = expected == FlowType::AzurePublic;
        assert_eq!(there.azure_region.is_empty(), !is_azure, "{destination}");
    }
}

#[test]
fn own_public_addresses_are_of_the_network_behind_them() {
    let mut resources = resources();
    let part = |kind: &str, name: &str| Some(format!("{kind}/{name}"));
    for (name, address, of) in [
        (
            "pip-a",
            "20.60.0.1",
            part("networkInterfaces", "vm-a-nic/ipConfigurations/one"),
        ),
        (
            "pip-b",
            "20.60.0.2",
            part("networkInterfaces", "vm-b-nic/ipConfigurations/one"),
        ),
        (
            "pip-lb",
            "20.60.0.3",
            part("loadBalancers", "lb/frontendIPConfigurations/fe"),
        ),
        ("pip-nat", "20.60.0.4", part("natGateways", "nat")),
        (
            "pip-vgw",
            "20.60.0.5",
            part("virtualNetworkGateways", "vgw/ipConfigurations/one"),
        ),
        (
            "pip-fw",
            "20.60.0.6",
            part("azureFirewalls", "fw/azureFirewallIpConfigurations/one"),
        ),
        ("pip-free", "20.60.0.7", None),
        ("pfx-nat", "20.60.1.0/28", part("natGateways", "nat")),
        (
            "pfx-lb",
            "20.60.2.0/28",
            part("loadBalancers", "lb/frontendIPConfigurations/fe"),
        ),
        ("pfx", "20.60.3.0/28", None),
        ("pfx-in", "20.60.3.8/31", part("natGateways", "nat")),
        ("pfx-harm", "203.0.113.16/28", None),
    ] {
        resources.push(public(name, address, of.as_deref()));
    }
    resources.push(nat_gateway("nat", "a"));
    resources.push(balancer("lb", "vm-a"));
    let index = index(&resources);
    let (intra, inter) = (FlowType::IntraVNet, FlowType::InterVNet);
    for (address, expected, machine, balancer) in [
        ("20.60.0.1", intra, "rg/vm-a", ""),
        ("20.60.0.2", inter, "rg/vm-b", ""),
        ("20.60.0.3", intra, "", "rg/lb"),
        ("20.60.0.4", intra, "", ""),
        ("20.60.0.5", inter, "", ""),
        // Ours, and in no network that is known: in none that is known to be the same.
        ("20.60.0.6", inter, "", ""),
        ("20.60.0.7", inter, "", ""),
        ("20.60.1.3", intra, "", ""),
        ("20.60.2.3", intra, "", "rg/lb"),
        ("20.60.3.3", inter, "", ""),
        ("20.60.3.9", intra, "", ""),
        // What is ours is not harmful by what others say of it.
        ("203.0.113.17", inter, "", ""),
        ("203.0.113.1", FlowType::MaliciousFlow, "", ""),
        ("20.60.3.16", FlowType::AzurePublic, "", ""),
    ] {
        let ends = ends(&index, "00-0D-3A-00-00-0A", false, "10.1.0.4", address);
        let end = &ends.destination;
        assert_eq!(
            (ends.flow_type, end.machine.as_str(), end.load_balancer.as_str()),
            (expected, machine, balancer),
            "{address}"
        );
        let is_own = matches!(expected, FlowType::IntraVNet | FlowType::InterVNet);
        assert_eq!(end.subscription == "0a1b", is_own, "{address}: {end:?}");
        assert_eq!(
            end.service_tags.is_empty(),
            expected != FlowType::AzurePublic,
            "{address}"
        );
    }
}

#[test]
fn an_interface_without_an_export_is_placed_by_its_address() {
    let mut resources = resources();
    let index_of = index;
    let index = index_of(&resources);
    for (own, other, expected) in [
        ("10.1.0.77", "10.1.0.4", FlowType::IntraVNet),
        ("10.1.0.77", "10.2.0.4", FlowType::InterVNet),
        ("10.1.0.77", "8.8.8.8", FlowType::ExternalPublic),
        ("10.1.0.77", "20.60.1.7", FlowType::AzurePublic),
        ("10.1.0.77", "203.0.113.9", FlowType::MaliciousFlow),
        ("10.1.0.77", "172.20.0.1", FlowType::UnknownPrivate),
        ("10.1.0.77", "192.168.7.7", FlowType::S2S),
        // Somebody else had the address when exports were made: a machine that was made anew has another interface.
        ("10.1.0.4", "10.1.0.77", FlowType::IntraVNet),
    ] {
        for is_inbound in [false, true] {
            let (source, destination) = if is_inbound { (other, own) } else { (own, other) };
            let ends = ends(&index, NOBODY, is_inbound, source, destination);
            let end = if is_inbound {
                &ends.destination
            } else {
                &ends.source
            };
            assert_eq!(ends.flow_type, expected, "{own} {other}");
            assert_eq!(
                [&end.machine, &end.interface, &end.subnet, &end.mac_address],
                ["", "", "rg/a/default", NOBODY],
                "{own} {other}"
            );
            assert_eq!(
                (end.subscription.as_str(), end.region.as_str()),
                ("0a1b", "westeurope")
            );
            assert!(!ends.is_hop);
        }
    }
    // Neither end is known, or one of them.
    for (own, other, expected) in [
        ("10.244.4.2", "10.244.3.12", FlowType::Unknown),
        ("10.244.4.2", "10.1.0.4", FlowType::UnknownPrivate),
        ("8.8.8.8", "10.1.0.4", FlowType::ExternalPublic),
    ] {
        let ends = ends(&index, NOBODY, false, own, other);
        assert_eq!(
            (ends.flow_type, ends.source.subnet.as_str()),
            (expected, ""),
            "{own} {other}"
        );
    }
    // Two networks have it: it is not guessed between them.
    resources.push(network("copy", "10.1.0.0/16", &[]));
    let index = index_of(&resources);
    for other in ["10.1.0.4", "10.1.0.5", "10.2.0.4"] {
        let ends = ends(&index, NOBODY, false, "10.1.0.77", other);
        assert_eq!(
            (ends.flow_type, ends.source.subnet.as_str()),
            (FlowType::Unknown, ""),
            "{other}"
        );
    }
    let ends = ends(&index, NOBODY, false, "10.1.0.77", "8.8.8.8");
    assert_eq!(ends.flow_type, FlowType::ExternalPublic);
}

#[test]
fn what_the_flow_log_is_enabled_on_tells_the_network_of_an_unknown_interface() {
    let mut resources = resources();
    // The address alone tells nothing.
    resources.push(network("copy", "10.1.0.0/16", &[]));
    let index = index(&resources);
    let network = id("virtualNetworks", "a");
    let targets = [
        network.to_string(),
        network.as_str().to_uppercase(),
        network.part("subnets", "default").to_string(),
        id("networkInterfaces", "vm-a-nic").to_string(),
    ];
    for target in &targets {
        let pair = ("10.1.0.77", "10.1.0.4");
        for is_inbound in [false, true] {
            let ends = logged(&index, NOBODY, is_inbound, pair, target);
            let subnets = [&ends.source, &ends.destination].map(|end| end.subnet.as_str());
            assert_eq!(
                (ends.flow_type, subnets),
                (FlowType::IntraVNet, ["rg/a/default"; 2]),
                "{target}"
            );
            // The end that reported has another interface than the one that is known; the other is known by its address.
            let machines = [&ends.source, &ends.destination].map(|end| end.machine.as_str());
            assert_eq!(
                machines,
                if is_inbound { ["", ""] } else { ["", "rg/vm-a"] },
                "{target}"
            );
        }
        let ends = logged(&index, NOBODY, false, ("10.1.0.77", "10.2.0.4"), target);
        assert_eq!(ends.flow_type, FlowType::InterVNet);
    }
    // What passes an unknown appliance is told by its ends, as seen from there.
    let hub = id("virtualNetworks", "hub").to_string();
    let ends = logged(&index, NOBODY, true, ("8.8.8.8", "10.1.0.4"), &hub);
    assert_eq!(ends.flow_type, FlowType::ExternalPublic);
    assert_eq!(ends.destination.subnet, "rg/a/default");
    // Who is known by the MAC address is not moved by it.
    let ends = logged(
        &index,
        "00-0D-3A-00-00-0A",
        false,
        ("10.1.0.4", "10.1.0.77"),
        &hub,
    );
    assert_eq!(
        (ends.flow_type, ends.source.machine.as_str()),
        (FlowType::IntraVNet, "rg/vm-a")
    );
    // A group, a network that no export has, what is no id.
    let group = id("networkSecurityGroups", "nsg").to_string();
    for target in [
        &group,
        &id("virtualNetworks", "other").to_string(),
        "0a1b/rg/a",
        "",
    ] {
        let ends = logged(&index, NOBODY, false, ("10.1.0.77", "10.1.0.4"), target);
        assert_eq!(ends.flow_type, FlowType::Unknown, "{target}");
    }
}
