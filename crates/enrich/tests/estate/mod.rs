//! A few resources, as `az` prints them, read as any export is.
#![allow(dead_code, reason = "each test takes of it what it needs")]

use model::facts::{ArmId, FactSet};
use serde_json::{Value, json};

const PROVIDER: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";

fn path(kind: &str, name: &str) -> String {
    format!("{PROVIDER}/{kind}/{name}")
}

/// The id of a resource of a type of networks.
pub(crate) fn id(kind: &str, name: &str) -> ArmId {
    ArmId::parse(&path(kind, name)).unwrap()
}

/// What is known of resources.
pub(crate) fn facts(resources: &[Value]) -> FactSet {
    let reading = inventory::read(Value::from(resources).to_string().as_bytes()).unwrap();
    assert_eq!(reading.problems, []);
    reading.facts
}

/// A network of one subnet, `default`, and its peerings: `hub`, `hub+` with the use of its gateway, `!hub` broken off.
pub(crate) fn network(name: &str, space: &str, peers: &[&str]) -> Value {
    let peerings = peers.iter().map(|peer| {
        let remote = peer.trim_matches(['!', '+']);
        json!({
            "name": format!("to-{remote}"),
            "remoteVirtualNetwork": { "id": path("virtualNetworks", remote) },
            "peeringState": if peer.starts_with('!') { "Disconnected" } else { "Connected" },
            "useRemoteGateways": peer.ends_with('+'),
        })
    });
    json!({
        "id": path("virtualNetworks", name),
        "addressSpace": { "addressPrefixes": [space] },
        "subnets": [{ "id": subnet(name), "name": "default", "addressPrefix": space }],
        "virtualNetworkPeerings": peerings.collect::<Vec<_>>(),
        "location": "westeurope",
    })
}

fn subnet(network: &str) -> String {
    format!("{}/subnets/default", path("virtualNetworks", network))
}

/// The interface of a machine.
pub(crate) fn nic(machine: &str, mac: &str, address: &str, network: &str) -> Value {
    let name = path("networkInterfaces", &format!("{machine}-nic"));
    json!({
        "id": name,
        "macAddress": mac,
        "ipConfigurations": [{
            "id": format!("{name}/ipConfigurations/one"),
            "name": "one",
            "privateIpAddress": address,
            "subnet": { "id": subnet(network) },
        }],
        "virtualMachine": { "id": path("virtualMachines", machine) },
        "location": "westeurope",
    })
}

/// A gateway in a network, with the pool of its clients.
pub(crate) fn gateway(name: &str, network: &str, pool: &str) -> Value {
    json!({
        "id": path("virtualNetworkGateways", name),
        "gatewayType": "Vpn",
        "ipConfigurations": [{ "name": "one", "subnet": { "id": subnet(network) } }],
        "vpnClientConfiguration": { "vpnClientAddressPool": { "addressPrefixes": [pool] } },
    })
}

/// What stands for a network on premises.
pub(crate) fn local_gateway(name: &str, space: &str) -> Value {
    json!({
        "id": path("localNetworkGateways", name),
        "gatewayIpAddress": "203.0.113.9",
        "localNetworkAddressSpace": { "addressPrefixes": [space] },
    })
}

/// A connection of a gateway to something of a type, such as `localNetworkGateways/hq`.
pub(crate) fn connection(name: &str, kind: &str, gateway: &str, remote: &str) -> Value {
    let member = match remote.split_once('/').unwrap().0 {
        "localNetworkGateways" => "localNetworkGateway2",
        "virtualNetworkGateways" => "virtualNetworkGateway2",
        _ => "peer",
    };
    json!({
        "id": path("connections", name),
        "connectionType": kind,
        "virtualNetworkGateway1": { "id": path("virtualNetworkGateways", gateway) },
        member: { "id": format!("{PROVIDER}/{remote}") },
    })
}

/// A public address, or a prefix where there is a length, and what it stands in front of, such as `natGateways/nat`.
pub(crate) fn public(name: &str, address: &str, of: Option<&str>) -> Value {
    let (kind, member) = match address.contains('/') {
        true => ("publicIPPrefixes", "ipPrefix"),
        false => ("publicIPAddresses", "ipAddress"),
    };
    let of_member = match of {
        Some(of) if of.starts_with("natGateways/") => "natGateway",
        Some(_) if kind == "publicIPPrefixes" => "loadBalancerFrontendIpConfiguration",
        _ => "ipConfiguration",
    };
    let of = of.map(|of| json!({ "id": format!("{PROVIDER}/{of}") }));
    json!({ "id": path(kind, name), member: address, of_member: of, "location": "westeurope" })
}

/// A NAT gateway of a network.
pub(crate) fn nat_gateway(name: &str, network: &str) -> Value {
    json!({ "id": path("natGateways", name), "subnets": [{ "id": subnet(network) }] })
}

/// A public load balancer, and the machine behind it.
pub(crate) fn balancer(name: &str, machine: &str) -> Value {
    let id = path("loadBalancers", name);
    let backend = format!(
        "{}/ipConfigurations/one",
        path("networkInterfaces", &format!("{machine}-nic"))
    );
    json!({
        "id": id,
        "frontendIPConfigurations": [{ "id": format!("{id}/frontendIPConfigurations/fe"), "name": "fe" }],
        "backendAddressPools": [{ "name": "pool", "backendIPConfigurations": [{ "id": backend }] }],
    })
}

/// An interface of a machine of a scale set, and the machine.
pub(crate) fn instance(set: &str, number: u8, mac: &str, address: &str, network: &str) -> [Value; 2] {
    let sets = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets";
    let machine = format!("{sets}/{set}/virtualMachines/{number}");
    let mut nic = nic("any", mac, address, network);
    nic["id"] = json!(format!("{machine}/networkInterfaces/nic1"));
    nic["virtualMachine"] = json!({ "id": machine });
    [nic, json!({ "id": machine, "instanceId": number.to_string() })]
}
