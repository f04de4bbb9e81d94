//! What the exports of a case say, as meant. What was left out of them on purpose is not here either; ids may point to
//! what is not here.

use std::net::IpAddr;

use crate::cidr::Prefix;
use crate::rules::{Access, Address, Direction, PortRange};

/// All of a case.
#[derive(Clone, Debug, Default)]
pub(super) struct Estate {
    pub(super) networks: Vec<Network>,
    pub(super) subnets: Vec<Subnet>,
    pub(super) tables: Vec<RouteTable>,
    pub(super) interfaces: Vec<Interface>,
    pub(super) application_groups: Vec<String>,
    pub(super) groups: Vec<Group>,
    pub(super) collections: Vec<Collection>,
    /// None without a file of service tags.
    pub(super) tags: Option<Vec<Tag>>,
    pub(super) gateways: Vec<Gateway>,
    pub(super) local_gateways: Vec<LocalGateway>,
    pub(super) connections: Vec<Connection>,
}

#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) prefixes: Vec<Prefix>,
    pub(super) peerings: Vec<Peering>,
}

/// The side of a peering that stands in a network.
#[derive(Clone, Debug)]
pub(super) struct Peering {
    pub(super) remote: String,
    /// `Connected`, `Initiated` or `Disconnected`.
    pub(super) state: &'static str,
    pub(super) has_access: Option<bool>,
    /// Empty if it is not stated.
    pub(super) remote_prefixes: Vec<Prefix>,
    pub(super) allows_gateway: bool,
    pub(super) uses_remote_gateway: bool,
}

impl Peering {
    pub(super) fn is_connected(&self) -> bool {
        self.state == "Connected" && self.has_access != Some(false)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Subnet {
    pub(super) id: String,
    pub(super) prefixes: Vec<Prefix>,
    pub(super) group: Option<String>,
    pub(super) table: Option<String>,
    /// Whether rules and routes hold for private endpoints there; none where it is not said.
    pub(super) endpoint_policies: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) struct RouteTable {
    pub(super) id: String,
    pub(super) routes: Vec<Route>,
}

#[derive(Clone, Debug)]
pub(super) struct Route {
    /// A prefix or a service tag.
    pub(super) to: Address,
    pub(super) next_hop: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) id: String,
    pub(super) group: Option<String>,
    pub(super) configurations: Vec<Configuration>,
    /// It is that of this private endpoint.
    pub(super) private_endpoint: Option<String>,
    /// What Azure says that holds there; nothing where nobody asked it.
    pub(super) effective: Vec<EffectiveGroup>,
}

/// A group as Azure says that it holds at an interface.
#[derive(Clone, Debug)]
pub(super) struct EffectiveGroup {
    pub(super) id: String,
    /// It is that of the subnet, else that of the interface itself.
    pub(super) is_of_subnet: bool,
    pub(super) rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub(super) struct Configuration {
    pub(super) address: IpAddr,
    pub(super) subnet: String,
    pub(super) application_groups: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: String,
    /// Default rules too, where the export has them.
    pub(super) rules: Vec<Rule>,
}

/// A collection of security admin rules.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: String,
    pub(super) rules: Vec<Rule>,
    pub(super) network_groups: Vec<String>,
    /// Ids of networks and subscriptions.
    pub(super) members: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) priority: u16,
    pub(super) direction: Direction,
    pub(super) access: Access,
    pub(super) protocol: Protocol,
    pub(super) source: Side,
    pub(super) destination: Side,
    pub(super) is_default: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Any,
    Tcp,
    Udp,
    Icmp,
    Esp,
    Ah,
}

/// Addresses and groups are alternatives.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) addresses: Vec<Address>,
    pub(super) application_groups: Vec<String>,
    pub(super) network_groups: Vec<String>,
    pub(super) ports: Vec<PortRange>,
    /// What Azure made of the tags, in effective rules.
    pub(super) expanded: Vec<Prefix>,
}

#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) region: &'static str,
    pub(super) prefixes: Vec<Prefix>,
}

#[derive(Clone, Debug)]
pub(super) struct Gateway {
    pub(super) id: String,
    pub(super) subnet: String,
    pub(super) kind: &'static str,
    /// Addresses of its point-to-site clients.
    pub(super) clients: Vec<Prefix>,
}

#[derive(Clone, Debug)]
pub(super) struct LocalGateway {
    pub(super) id: String,
    pub(super) prefixes: Vec<Prefix>,
}

#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: String,
    pub(super) gateway: String,
    /// A local gateway, or another gateway.
    pub(super) remote: String,
}

/// Ids are the same whatever their case.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// The id of the network that a subnet's id names.
pub(super) fn network_of(subnet: &str) -> &str {
    subnet
        .rsplit_once("/subnets/")
        .map_or(subnet, |(network, _)| network)
}

impl Estate {
    pub(super) fn network(&self, id: &str) -> Option<&Network> {
        self.networks.iter().find(|network| same(&network.id, id))
    }

    pub(super) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| same(&subnet.id, id))
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| same(&group.id, id))
    }

    pub(super) fn interface(&self, id: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| same(&interface.id, id))
    }
}
