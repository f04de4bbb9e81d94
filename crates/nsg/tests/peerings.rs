//! Peerings of some subnets: who is joined by one, and who is not known to be.

#![cfg(test)]

use model::Direction;
use model::facts::ArmId;
use nsg::{Decision, Flow, Guard};
use serde_json::{Value, json};

const AROUND: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

fn id(rest: &str) -> String {
    format!("{AROUND}/{rest}")
}

/// Whether 10.0.1.4 of subnet `one` is reached from an address, with a peering to a network of two subnets.
fn decision(more: &Value, told: &[&str], from: &str) -> Decision {
    let subnet = |network: &str, name: &str, prefix: &str| {
        json!({ "id": id(&format!("virtualNetworks/{network}/subnets/{name}")), "name": name, "addressPrefix": prefix,
            "networkSecurityGroup": { "id": id("networkSecurityGroups/nsg") } })
    };
    let mut peering = json!({ "name": "to-hub", "peeringState": "Connected", "allowVirtualNetworkAccess": true,
        "remoteVirtualNetwork": { "id": id("virtualNetworks/hub") }, "remoteAddressSpace": { "addressPrefixes": told } });
    for (name, value) in more.as_object().unwrap() {
        peering[name] = value.clone();
    }
    let facts = json!([
        { "id": id("virtualNetworks/v"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
            "virtualNetworkPeerings": [peering],
            "subnets": [subnet("v", "one", "10.0.1.0/24"), subnet("v", "two", "10.0.2.0/24")] },
        { "id": id("virtualNetworks/hub"), "addressSpace": { "addressPrefixes": ["10.3.0.0/16"] },
            "subnets": [subnet("hub", "near", "10.3.1.0/24"), subnet("hub", "far", "10.3.9.0/24")] },
        { "id": id("networkSecurityGroups/nsg"), "location": "westeurope", "securityRules": [] },
        { "id": id("networkInterfaces/n"), "ipConfigurations": [{ "name": "c", "privateIPAddress": "10.0.1.4",
            "subnet": { "id": id("virtualNetworks/v/subnets/one") } }] },
    ]);
    let reading = inventory::read(facts.to_string().as_bytes()).unwrap();
    assert_eq!(reading.problems, []);
    let interface = ArmId::parse(&id("networkInterfaces/n")).unwrap();
    let guard = Guard::of(&reading.facts, &interface).unwrap();
    let flow = Flow {
        direction: Direction::Inbound,
        protocol: 6,
        source: from.parse().unwrap(),
        source_port: 50_000,
        destination: "10.0.1.4".parse().unwrap(),
        destination_port: 443,
    };
    let verdict = guard.judge(&flow);
    assert_eq!(guard.prove(&flow).verdict.decision, verdict.decision);
    verdict.decision
}

#[test]
fn a_peering_of_some_subnets_joins_those() {
    let of = |local: &[&str], remote: &[&str]| json!({ "peerCompleteVnets": false, "localSubnetNames": local, "remoteSubnetNames": remote });
    let near = ["10.3.1.0/24"];
    let all = ["10.3.0.0/16"];
    for (more, told, expected) in [
        (json!({}), all, [Decision::Allowed, Decision::Allowed]),
        (
            json!({ "peerCompleteVnets": true }),
            all,
            [Decision::Allowed, Decision::Allowed],
        ),
        (
            of(&["ONE"], &["near"]),
            near,
            [Decision::Allowed, Decision::Unknown],
        ),
        (
            of(&["one"], &["near"]),
            all,
            [Decision::Allowed, Decision::Unknown],
        ),
        // It is for another subnet, or it is not told for which.
        (
            of(&["two"], &["near"]),
            near,
            [Decision::Unknown, Decision::Unknown],
        ),
        (
            json!({ "peerCompleteVnets": false }),
            all,
            [Decision::Unknown, Decision::Unknown],
        ),
        (
            json!({ "localSubnetNames": ["two"] }),
            all,
            [Decision::Unknown, Decision::Unknown],
        ),
    ] {
        let found = ["10.3.1.4", "10.3.9.4"].map(|from| decision(&more, &told, from));
        assert_eq!(found, expected, "{more} {told:?}");
    }
}
