//! Virtual networks, subnets and peerings.

use model::facts::{ArmId, Peering, Subnet, VirtualNetwork};

use crate::node::Node;
use crate::to_come::GUARD_OF_SUBNETS;

pub(crate) fn network(node: &Node<'_>) -> VirtualNetwork {
    let encryption = node.all(&["encryption"]).into_iter().next();
    let enforcement = encryption.as_ref().and_then(|held| held.text(&["enforcement"]));
    let peerings = node.all(&["virtualNetworkPeerings"]);
    VirtualNetwork {
        prefixes: space(node, "addressSpace"),
        peerings: peerings.iter().map(peering).collect(),
        encrypts: encryption.as_ref().and_then(|held| match held.get(&["enabled"]) {
            Some(_) => held.flag(&["enabled"]),
            // Terraform writes the block only where it is on.
            None => Some(true),
        }),
        drops_unencrypted: enforcement.map(|held| held.eq_ignore_ascii_case("DropUnencrypted")),
    }
}

/// `addressSpace.addressPrefixes` or a plain list.
fn space(node: &Node<'_>, name: &str) -> Vec<ipnet::IpNet> {
    match node.get(&[name]) {
        Some(held) if held.value.is_object() => held.prefixes(&["addressPrefixes"]),
        Some(_) => node.prefixes(&[name]),
        None => Vec::new(),
    }
}

/// Subnets that stand inside of a network, with their ids.
pub(crate) fn subnets<'v>(node: &Node<'v>, network: &ArmId) -> Vec<(ArmId, Node<'v>)> {
    let names = ["subnets", "subnet"];
    let written = names.iter().filter_map(|name| node.get(&[name]));
    let written: usize = written.map(|list| list.all_elements().len()).sum();
    let inside = node.all(&names).into_iter().filter_map(|subnet| {
        if !subnet.value.is_object() {
            subnet.problem("a subnet was expected here; PowerShell leaves subnets out where `-Depth` is too small: use `-Depth 10`");
            return None;
        }
        let id = subnet.get(&["id"]).and_then(|id| id.as_id());
        let id = id.or_else(|| Some(network.part("subnets", &subnet.text(&["name"])?)));
        if id.is_none() {
            subnet.problem("a subnet with neither an `id` nor a name");
        }
        Some((id?, subnet))
    });
    let inside: Vec<_> = inside.collect();
    if inside.len() < written {
        node.report.lose();
    }
    inside
}

/// A subnet that stands inside of a network; which group guards it a plan may leave open.
pub(crate) fn inline_subnet(node: &Node<'_>, id: &ArmId) -> Subnet {
    let mut held = subnet(node);
    if held.security_group.is_none()
        && let Some(to_come) = node.report.first_to_come(&[GUARD_OF_SUBNETS])
    {
        node.say(&format!(
            "{to_come}: which group is to guard `{}` is not known, nor what becomes of flows there",
            id.name()
        ));
        held.security_group = ArmId::group_to_come();
    }
    held
}

pub(crate) fn subnet(node: &Node<'_>) -> Subnet {
    let policies = node.text(&["privateEndpointNetworkPolicies"]);
    Subnet {
        prefixes: node.prefixes(&["addressPrefixes", "addressPrefix"]),
        security_group: node
            .guard("networkSecurityGroup")
            .or_else(|| node.guard("securityGroup")),
        route_table: node.id("routeTable"),
        nat_gateway: node.id("natGateway"),
        rules_hold_for_endpoints: policies.map(|policies| {
            let named = |word: &str| policies.eq_ignore_ascii_case(word);
            named("Enabled") || named("NetworkSecurityGroupEnabled")
        }),
    }
}

pub(crate) fn peering(node: &Node<'_>) -> Peering {
    let mut remote_prefixes = space(node, "remoteVirtualNetworkAddressSpace");
    if remote_prefixes.is_empty() {
        remote_prefixes = space(node, "remoteAddressSpace");
    }
    if remote_prefixes.is_empty() {
        remote_prefixes = space(node, "peeredRemoteAddressSpace");
    }
    let state = node.text(&["peeringState"]);
    let is_of_all = node.flag(&["peerCompleteVnets", "peerCompleteVirtualNetworksEnabled"]) != Some(false);
    let joined = |names: [&str; 1]| {
        let told = node.all(&names);
        let is_part = !is_of_all || !told.is_empty();
        is_part.then(|| told.iter().filter_map(Node::as_text).collect())
    };
    let (local_subnets, remote_subnets) = (joined(["localSubnetNames"]), joined(["remoteSubnetNames"]));
    let has_access = node.flag(&["allowVirtualNetworkAccess"]);
    Peering {
        name: node.text(&["name"]).unwrap_or_default(),
        remote: node.id("remoteVirtualNetwork"),
        remote_prefixes,
        local_subnets,
        remote_subnets,
        // Without access nothing passes, whatever the state.
        is_connected: match (has_access, state) {
            (Some(false), _) => Some(false),
            (_, state) => state.map(|state| state.eq_ignore_ascii_case("Connected")),
        },
        allows_forwarded: node.flag(&["allowForwardedTraffic"]),
        allows_gateway: node.flag(&["allowGatewayTransit"]),
        uses_remote_gateway: node.flag(&["useRemoteGateways"]),
    }
}
