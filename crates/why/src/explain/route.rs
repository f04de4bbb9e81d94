//! Where an interface sends what is for an address: by its effective routes, else by its subnet's table and Azure's own routes.
//! <https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview>

use std::net::IpAddr;

use ipnet::IpNet;
use model::facts::{ArmId, Asset, EffectiveRoute, FactSet, Interface, Route, VirtualNetwork};
use serde::Serialize;

/// A route that is taken, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// The prefix of the route.
    pub prefix: IpNet,
    /// `VirtualAppliance`, `VnetLocal`, `VNetPeering`, `Internet`, `VirtualNetworkGateway`, `None` and others.
    pub next_hop: String,
    /// The appliance.
    pub address: Option<IpAddr>,
    /// Who says so: the interface's effective routes, a route of a table, or Azure's own routes.
    pub said_by: String,
    /// Routes that are learned may take its place, and are not known.
    pub is_perhaps: bool,
}

impl Hop {
    /// True if traffic for the address is dropped on purpose.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.next_hop.eq_ignore_ascii_case("None")
    }

    /// True if an appliance gets it first.
    #[must_use]
    pub fn is_appliance(&self) -> bool {
        self.next_hop.eq_ignore_ascii_case("VirtualAppliance")
    }
}

/// Where an interface sends what is for an address; none where that is not known.
#[must_use]
pub fn hop(facts: &FactSet, interface: &ArmId, address: IpAddr) -> Option<Hop> {
    let mut all = facts.effective_routes.iter().rev();
    let said = all.find(|held| held.interface.as_ref() == Some(interface) && !held.routes.is_empty());
    if let Some(said) = said {
        return effective(&said.routes, address);
    }
    let Some(Asset::Interface(held)) = facts.asset(interface) else {
        return None;
    };
    by_table(facts, held, address)
}

fn effective(routes: &[EffectiveRoute], address: IpAddr) -> Option<Hop> {
    let active = routes.iter().filter(|route| route.is_active != Some(false));
    let matching = active.flat_map(|route| {
        let prefixes = route.prefixes.iter().filter(|prefix| prefix.contains(&address));
        prefixes.map(move |prefix| (prefix, route))
    });
    let (prefix, route) = matching.max_by_key(|(prefix, _)| prefix.prefix_len())?;
    let name = route
        .name
        .as_deref()
        .map(|name| format!(" `{name}`"))
        .unwrap_or_default();
    Some(Hop {
        prefix: *prefix,
        next_hop: route.next_hop.clone(),
        address: route.next_hop_addresses.first().copied(),
        said_by: format!("effective route{name}"),
        is_perhaps: false,
    })
}

fn by_table(facts: &FactSet, interface: &Interface, address: IpAddr) -> Option<Hop> {
    let subnet = interface
        .configurations
        .iter()
        .find_map(|one| one.subnet.as_ref())?;
    let network_id = subnet.parent()?;
    let Some(Asset::VirtualNetwork(network)) = facts.asset(&network_id) else {
        return None;
    };
    let own = of_table(facts, subnet, address);
    let azure = of_azure(facts, network, &network_id, address);
    // Of routes of one prefix that of the table wins over Azure's own.
    let length = |hop: &Hop| hop.prefix.prefix_len();
    match (own, azure) {
        (Some(own), Some(azure)) if length(&azure) > length(&own) => Some(azure),
        (Some(own), _) => Some(own),
        (None, azure) => azure,
    }
}

fn of_table(facts: &FactSet, subnet: &ArmId, address: IpAddr) -> Option<Hop> {
    let named = match facts.asset(subnet) {
        Some(Asset::Subnet(held)) => held.route_table.clone(),
        _ => None,
    };
    let claiming = || {
        let mut all = facts.resources.iter();
        all.find(|held| matches!(&held.asset, Asset::RouteTable(table) if table.subnets.contains(subnet)))
    };
    let id = named.or_else(|| claiming().map(|held| held.id.clone()))?;
    let Some(Asset::RouteTable(table)) = facts.asset(&id) else {
        return None;
    };
    let matching = table.routes.iter().filter_map(|route| {
        let prefix = route.prefix.filter(|prefix| prefix.contains(&address))?;
        Some((prefix, route))
    });
    let (prefix, route): (IpNet, &Route) = matching.max_by_key(|(prefix, _)| prefix.prefix_len())?;
    Some(Hop {
        prefix,
        next_hop: route.next_hop.clone(),
        address: route.next_hop_address,
        said_by: format!("route `{}` of table `{}`", route.name, id.name()),
        is_perhaps: false,
    })
}

/// What Azure routes by itself: the network, networks joined to it, the internet.
fn of_azure(facts: &FactSet, network: &VirtualNetwork, id: &ArmId, address: IpAddr) -> Option<Hop> {
    let hop = |prefix: &IpNet, next_hop: &str, said_by: String| Hop {
        prefix: *prefix,
        next_hop: next_hop.to_owned(),
        address: None,
        said_by,
        is_perhaps: false,
    };
    let own = network.prefixes.iter().filter(|prefix| prefix.contains(&address));
    let own = own.map(|prefix| hop(prefix, "VnetLocal", format!("network `{}`", id.name())));
    let connected = network
        .peerings
        .iter()
        .filter(|peering| peering.is_connected != Some(false));
    let joined = connected.flat_map(|peering| {
        let remote = peering.remote.as_ref().and_then(|id| facts.asset(id));
        let prefixes = match remote {
            Some(Asset::VirtualNetwork(remote)) => &remote.prefixes,
            _ => &peering.remote_prefixes,
        };
        let prefixes = prefixes.iter().filter(|prefix| prefix.contains(&address));
        prefixes.map(|prefix| hop(prefix, "VNetPeering", format!("peering `{}`", peering.name)))
    });
    let known = own.chain(joined).max_by_key(|hop| hop.prefix.prefix_len());
    known.or_else(|| {
        let is_private = model::AddressClass::of(address).ip_class() == model::IpClass::Internal;
        let all = if address.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
        Some(Hop {
            // Private space that nobody announces goes nowhere; a gateway may have learned it.
            next_hop: if is_private { "None" } else { "Internet" }.to_owned(),
            prefix: all.parse().ok()?,
            address: None,
            said_by: "Azure's own routes".to_owned(),
            is_perhaps: true,
        })
    })
}
