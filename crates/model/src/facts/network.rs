//! Interfaces, machines, networks and what stands between them, as meant.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{ArmId, BackendPool, BalancingRule, Mac, OutboundRule};

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its address on the wire; one that was never attached to a running machine has none.
    pub mac: Option<Mac>,
    /// Its addresses.
    pub configurations: Vec<IpConfiguration>,
    /// The network security group that guards it.
    pub security_group: Option<ArmId>,
    /// The machine it belongs to.
    pub machine: Option<ArmId>,
    /// The private endpoint it belongs to.
    pub private_endpoint: Option<ArmId>,
    /// It passes on what is not meant for it.
    pub forwards: Option<bool>,
}

/// One address of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpConfiguration {
    /// Its name.
    pub name: String,
    /// The private address.
    pub address: Option<IpAddr>,
    /// The subnet it is of.
    pub subnet: Option<ArmId>,
    /// The public address in front of it.
    pub public_address: Option<ArmId>,
    /// The application security groups it is in.
    pub application_groups: Vec<ArmId>,
    /// The backend pools it is in.
    pub pools: Vec<ArmId>,
    /// The inbound NAT rules that send to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nat_rules: Vec<ArmId>,
    /// It is the interface's first.
    pub is_primary: Option<bool>,
}

/// Whether a machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum PowerState {
    Running,
    Starting,
    Stopping,
    Stopped,
    Deallocating,
    Deallocated,
    Unknown,
}

/// A virtual machine, alone or of a scale set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its interfaces, the first one first.
    pub interfaces: Vec<ArmId>,
    /// Whether it runs, where the export says it.
    pub power: Option<PowerState>,
    /// The scale set it is of.
    pub scale_set: Option<ArmId>,
    /// Its size, such as `Standard_B2s`.
    pub size: Option<String>,
    /// What it calls itself.
    pub computer_name: Option<String>,
}

/// A virtual network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualNetwork {
    /// Its address space.
    pub prefixes: Vec<IpNet>,
    /// The networks it is joined to.
    pub peerings: Vec<Peering>,
    /// It encrypts between machines.
    pub encrypts: Option<bool>,
    /// It drops what is not encrypted.
    pub drops_unencrypted: Option<bool>,
}

/// One side of a peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// Its name.
    pub name: String,
    /// The network at the other side.
    pub remote: Option<ArmId>,
    /// That network's address space, as far as it is known here.
    pub remote_prefixes: Vec<IpNet>,
    /// The subnets of this side that it joins, by their names, where it does not join all. Empty where they are not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_subnets: Option<Vec<String>>,
    /// The same of the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_subnets: Option<Vec<String>>,
    /// Both sides are set up.
    pub is_connected: Option<bool>,
    /// Traffic that did not begin at the other side may come from there.
    pub allows_forwarded: Option<bool>,
    /// The other side may use this side's gateway.
    pub allows_gateway: Option<bool>,
    /// This side uses the other side's gateway.
    pub uses_remote_gateway: Option<bool>,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its addresses.
    pub prefixes: Vec<IpNet>,
    /// The network security group that guards it.
    pub security_group: Option<ArmId>,
    /// Its routes.
    pub route_table: Option<ArmId>,
    /// What its connections to the internet go through.
    pub nat_gateway: Option<ArmId>,
    /// Rules hold for private endpoints in it.
    pub rules_hold_for_endpoints: Option<bool>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Where to; none where a service tag is named.
    pub prefix: Option<IpNet>,
    /// The service tag that it is for.
    pub tag: Option<String>,
    /// `VirtualAppliance`, `Internet`, `None`, `VnetLocal`, `VirtualNetworkGateway`.
    pub next_hop: String,
    /// The appliance.
    pub next_hop_address: Option<IpAddr>,
}

/// Routes of subnets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The routes.
    pub routes: Vec<Route>,
    /// The subnets that are said to use it.
    pub subnets: Vec<ArmId>,
}

/// A route that holds at an interface, as Azure computed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveRoute {
    /// Its name, if somebody made it.
    pub name: Option<String>,
    /// Where to.
    pub prefixes: Vec<IpNet>,
    /// The service tags that it is for.
    pub tags: Vec<String>,
    /// `VnetLocal`, `VNetPeering`, `VirtualNetworkGateway`, `Internet`, `VirtualAppliance`, `None` and others.
    pub next_hop: String,
    /// The appliances or gateways.
    pub next_hop_addresses: Vec<IpAddr>,
    /// `Default`, `User`, `VirtualNetworkGateway`, `Unknown`.
    pub source: Option<String>,
    /// It holds: no other route takes its place.
    pub is_active: Option<bool>,
}

/// The routes that hold at an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveRoutes {
    /// The interface, where the export or whoever loads it says it.
    pub interface: Option<ArmId>,
    /// Its routes.
    pub routes: Vec<EffectiveRoute>,
}

/// A public address, or a prefix of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address; one that is given out by need may have none.
    pub address: Option<IpAddr>,
    /// The prefix, of a public IP prefix.
    pub prefix: Option<IpNet>,
    /// What it stands in front of: an IP configuration or a frontend.
    pub of: Option<ArmId>,
    /// Its name in the DNS.
    pub dns_name: Option<String>,
}

/// One address that a load balancer answers at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontend {
    /// Its name.
    pub name: String,
    /// The private address.
    pub address: Option<IpAddr>,
    /// The subnet that the private address is of.
    pub subnet: Option<ArmId>,
    /// The public address.
    pub public_address: Option<ArmId>,
}

/// A load balancer or an application gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Where it answers.
    pub frontends: Vec<Frontend>,
    /// IP configurations of interfaces behind it.
    pub backends: Vec<ArmId>,
    /// Addresses behind it.
    pub backend_addresses: Vec<IpAddr>,
    /// The same by pools, where they are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backend_pools: Vec<BackendPool>,
    /// By which rules it sends on to machines in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancing_rules: Vec<BalancingRule>,
    /// By which rules it sends on to one machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbound_nat_rules: Vec<BalancingRule>,
    /// By which rules it sends on to machines of scale sets: each machine gets a port of the range, by a rule of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbound_nat_pools: Vec<BalancingRule>,
    /// By which rules machines reach the internet through it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outbound_rules: Vec<OutboundRule>,
    /// Both lists of rules for what comes in are said, and all that stands in them is known: it has no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists_rules: Option<bool>,
    /// The subnets that it lives in, of an application gateway.
    pub subnets: Vec<ArmId>,
}

/// A NAT gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its public addresses and prefixes.
    pub public_addresses: Vec<ArmId>,
    /// The subnets that are said to use it.
    pub subnets: Vec<ArmId>,
}

/// A private endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateEndpoint {
    /// The subnet its address is of.
    pub subnet: Option<ArmId>,
    /// Its interfaces.
    pub interfaces: Vec<ArmId>,
    /// What it leads to.
    pub targets: Vec<ArmId>,
    /// Its addresses, where the export says them.
    pub addresses: Vec<IpAddr>,
}

/// A flow log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// The network, subnet, interface or group that it records.
    pub target: Option<ArmId>,
    /// The storage account that it writes to.
    pub storage: Option<ArmId>,
    /// It is switched on.
    pub is_enabled: Option<bool>,
    /// Version of the format.
    pub version: Option<i64>,
    /// After so many days Azure deletes the blobs; 0 is never.
    pub retention_days: Option<i64>,
    /// Minutes between runs of Traffic Analytics, where that is on.
    pub analytics_interval_minutes: Option<i64>,
    /// Only what meets this is recorded.
    pub filter: Option<String>,
}

/// A virtual network gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// `Vpn` or `ExpressRoute`.
    pub kind: Option<String>,
    /// The subnets that it lives in.
    pub subnets: Vec<ArmId>,
    /// Its public addresses.
    pub public_addresses: Vec<ArmId>,
    /// Addresses that point-to-site clients get.
    pub client_pools: Vec<IpNet>,
}

/// What stands for a network on premises.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalGateway {
    /// Its public address.
    pub address: Option<IpAddr>,
    /// The address space behind it.
    pub prefixes: Vec<IpNet>,
}

/// How a gateway is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConnectionKind {
    /// Over IPsec to a local network gateway.
    SiteToSite,
    /// Gateway to gateway.
    BetweenNetworks,
    /// Over a circuit.
    ExpressRoute,
}

/// A connection of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// How.
    pub kind: Option<ConnectionKind>,
    /// The gateway.
    pub gateway: Option<ArmId>,
    /// The other end: a local network gateway, a gateway or a circuit.
    pub remote: Option<ArmId>,
}
