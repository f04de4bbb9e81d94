//! What is known of an address: whether it is of `VirtualNetwork`, of a service tag, of an application security group.

use std::net::IpAddr;

use super::estate::{Estate, Gateway, Interface, Network, Peering, network_of, same};
use crate::cidr::Prefix;
use crate::internet::PLATFORM_ADDRESS;
use crate::rules::Address;

/// Where instances ask about themselves.
pub(super) const METADATA_ADDRESS: &str = "169.254.169.254";

/// Addresses that belong to nobody in public.
const PRIVATE: [&str; 5] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
];

/// Whether something matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    Unknown,
}

impl Match {
    pub(super) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    /// One of them is enough.
    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::No;
        for one in all {
            match one {
                Self::Yes => return Self::Yes,
                Self::Unknown => found = Self::Unknown,
                Self::No => {}
            }
        }
        found
    }

    /// All of them are needed.
    pub(super) fn all(all: impl IntoIterator<Item = Self>) -> Self {
        Self::any(all.into_iter().map(Self::not)).not()
    }
}

/// From where rules are seen.
#[derive(Clone, Copy)]
pub(super) struct View<'e> {
    pub(super) estate: &'e Estate,
    /// The interface that reports.
    pub(super) interface: &'e Interface,
    /// The id of its subnet.
    pub(super) subnet: &'e str,
}

fn holds(prefixes: &[Prefix], address: IpAddr) -> bool {
    prefixes.iter().any(|prefix| prefix.contains(address))
}

pub(super) fn is_host(address: IpAddr) -> bool {
    PLATFORM_ADDRESS.parse() == Ok(address)
}

pub(super) fn is_metadata(address: IpAddr) -> bool {
    METADATA_ADDRESS.parse() == Ok(address)
}

fn is_private(address: IpAddr) -> bool {
    let mut prefixes = PRIVATE.iter().filter_map(|text| Prefix::parse(text));
    prefixes.any(|prefix| prefix.contains(address))
}

impl<'e> View<'e> {
    fn network(&self) -> Option<&'e Network> {
        self.estate.network(network_of(self.subnet))
    }

    /// Reading 7 and 8.
    pub(super) fn in_virtual_network(&self, address: IpAddr) -> Match {
        if is_host(address) {
            return Match::Yes;
        }
        if let Some(said) = self.effective_network(address) {
            return said;
        }
        let Some(network) = self.network() else {
            return Match::Unknown;
        };
        let peers = network
            .peerings
            .iter()
            .map(|peering| self.in_peer(peering, address));
        Match::any([
            Match::of(holds(&network.prefixes, address)),
            Match::any(peers),
            self.in_routes(address),
            self.behind_gateways(network, address),
        ])
    }

    /// Reading 18: what Azure says that the tag is at the interface; none where it says nothing, or nothing of the address's family.
    fn effective_network(&self, address: IpAddr) -> Option<Match> {
        let rules = self.interface.effective.iter().flat_map(|group| &group.rules);
        let mut sides = rules.flat_map(|rule| [&rule.source, &rule.destination]);
        let side = sides.find(|side| {
            let mut addresses = side.addresses.iter();
            let is_network =
                |held: &Address| matches!(held, Address::Tag(name) if same(name, "VirtualNetwork"));
            !side.addresses.is_empty() && !side.expanded.is_empty() && addresses.all(is_network)
        })?;
        let mut said = side.expanded.iter();
        said.any(|prefix| prefix.base.is_ipv4() == address.is_ipv4())
            .then(|| Match::of(holds(&side.expanded, address)))
    }

    fn in_peer(&self, peering: &Peering, address: IpAddr) -> Match {
        if !peering.is_connected() {
            return Match::No;
        }
        match self.estate.network(&peering.remote) {
            Some(remote) => Match::of(holds(&remote.prefixes, address)),
            None if peering.remote_prefixes.is_empty() => Match::Unknown,
            None => Match::of(holds(&peering.remote_prefixes, address)),
        }
    }

    fn in_routes(&self, address: IpAddr) -> Match {
        let Some(subnet) = self.estate.subnet(self.subnet) else {
            return Match::Unknown;
        };
        let Some(id) = &subnet.table else {
            return Match::No;
        };
        let Some(table) = self.estate.tables.iter().find(|table| same(&table.id, id)) else {
            return Match::Unknown;
        };
        Match::any(table.routes.iter().map(|route| match &route.to {
            Address::Any => Match::Yes,
            Address::Prefix(prefix) => Match::of(prefix.contains(address)),
            Address::Tag(name) => self.in_file(name, address),
        }))
    }

    fn behind_gateways(&self, network: &Network, address: IpAddr) -> Match {
        let used = network.peerings.iter();
        let used: Vec<&str> = used
            .filter(|peering| peering.is_connected() && peering.uses_remote_gateway)
            .map(|peering| peering.remote.as_str())
            .collect();
        let gateways = self.estate.gateways.iter().filter(|gateway| {
            let place = network_of(&gateway.subnet);
            same(place, &network.id) || used.iter().any(|used| same(used, place))
        });
        let gateways: Vec<&Gateway> = gateways.collect();
        if gateways.is_empty() && used.is_empty() {
            return Match::No;
        }
        let is_client = gateways.iter().any(|gateway| holds(&gateway.clients, address));
        let is_behind = self.estate.connections.iter().any(|connection| {
            let ends = [&connection.gateway, &connection.remote];
            let [one, other] = ends.map(|end| gateways.iter().any(|gateway| same(&gateway.id, end)));
            (one && self.leads_to(&connection.remote, address))
                || (other && self.leads_to(&connection.gateway, address))
        });
        if is_client || is_behind {
            Match::Yes
        } else if is_private(address) {
            Match::Unknown
        } else {
            Match::No
        }
    }

    /// Whether an address is behind a local gateway, or in the network of another gateway: reading 19.
    fn leads_to(&self, gateway: &str, address: IpAddr) -> bool {
        let mut local = self.estate.local_gateways.iter();
        let mut others = self.estate.gateways.iter();
        local.any(|held| same(&held.id, gateway) && holds(&held.prefixes, address))
            || others.any(|held| {
                let network = self.estate.network(network_of(&held.subnet));
                same(&held.id, gateway) && network.is_some_and(|network| holds(&network.prefixes, address))
            })
    }

    /// A service tag of the file.
    pub(super) fn in_file(&self, name: &str, address: IpAddr) -> Match {
        let tags = self.estate.tags.iter().flatten();
        match tags.into_iter().find(|tag| same(&tag.name, name)) {
            Some(tag) => Match::of(holds(&tag.prefixes, address)),
            None => Match::Unknown,
        }
    }

    /// Reading 12.
    pub(super) fn in_application_group(&self, group: &str, address: IpAddr) -> Match {
        let own = std::iter::once(self.interface);
        if let Some(found) = membership(own, group, address) {
            return found;
        }
        if let Some(found) = self.membership_in(network_of(self.subnet), group, address) {
            return found;
        }
        let Some(network) = self.network() else {
            return Match::Unknown;
        };
        let peers = network.peerings.iter().filter(|peering| peering.is_connected());
        let found = peers.filter_map(|peering| self.membership_in(&peering.remote, group, address));
        if let Some(found) = found.reduce(|one, other| Match::any([one, other])) {
            return found;
        }
        let peers = network
            .peerings
            .iter()
            .map(|peering| self.in_peer(peering, address));
        let own = Match::of(holds(&network.prefixes, address));
        match Match::any(std::iter::once(own).chain(peers)) {
            Match::No => Match::No,
            Match::Yes | Match::Unknown => Match::Unknown,
        }
    }

    fn membership_in(&self, network: &str, group: &str, address: IpAddr) -> Option<Match> {
        let interfaces = self.estate.interfaces.iter().filter(|interface| {
            let configurations = &interface.configurations;
            configurations
                .iter()
                .any(|held| same(network_of(&held.subnet), network))
        });
        membership(interfaces, group, address)
    }
}

/// Whether the interface with an address is in a group; none if no interface has it.
fn membership<'e>(
    interfaces: impl Iterator<Item = &'e Interface>,
    group: &str,
    address: IpAddr,
) -> Option<Match> {
    let mut held = interfaces
        .flat_map(|interface| &interface.configurations)
        .filter(|held| held.address == address);
    held.next()
        .map(|held| Match::of(held.application_groups.iter().any(|id| same(id, group))))
}
