//! Facts, arranged so that an address is found.

mod gateways;
mod network;
mod public;
mod reach;

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::facts::{ArmId, Asset, FactSet, Gateway, Interface, Mac, Resource, VirtualNetwork};

use self::network::{Network, Spaces};
use self::public::Public;
use crate::seen::{Holder, HolderKind, Known};
use crate::tags::Tags;

/// Facts of one time.
#[derive(Debug, Default)]
pub struct Index {
    holders: Vec<Holder>,
    by_mac: AHashMap<Mac, Vec<usize>>,
    by_id: AHashMap<ArmId, usize>,
    networks: Vec<Network>,
    spaces: Spaces,
    network_of: AHashMap<ArmId, usize>,
    public: Public,
    /// The region of each resource.
    regions: AHashMap<ArmId, Box<str>>,
    /// The addresses of each interface, where they are known.
    addresses: AHashMap<ArmId, Vec<IpAddr>>,
    gateways: AHashMap<ArmId, Gateway>,
    /// Of each local gateway the address space behind it.
    on_premises: AHashMap<ArmId, Vec<IpNet>>,
    /// Of each gateway the local gateways that it is connected to.
    local_gateways: AHashMap<ArmId, Vec<ArmId>>,
    /// Of each gateway the networks whose gateways it is connected to.
    linked: AHashMap<ArmId, Vec<usize>>,
    tags: Tags,
}

impl Index {
    /// Of facts.
    #[must_use]
    pub fn of(facts: &FactSet) -> Self {
        let mut index = Self {
            tags: facts.tags.as_ref().map(Tags::of).unwrap_or_default(),
            ..Self::default()
        };
        for resource in &facts.resources {
            if let Some(region) = &resource.location {
                index.regions.insert(resource.id.clone(), region.as_str().into());
            }
        }
        index.take_networks(&facts.resources);
        index.join_networks();
        index.take_gateways(&facts.resources);
        for resource in &facts.resources {
            if let Asset::Interface(interface) = &resource.asset {
                index.take_interface(&resource.id, interface);
            }
        }
        for resource in &facts.resources {
            match &resource.asset {
                Asset::LoadBalancer(balancer) => {
                    for frontend in &balancer.frontends {
                        let holder = Holder {
                            subnet: frontend.subnet.clone(),
                            ..holder(HolderKind::Frontend, &resource.id)
                        };
                        index.take_holder(holder, frontend.address);
                    }
                }
                // Its interface has the address too, where that is listed.
                Asset::PrivateEndpoint(endpoint) => {
                    let is_known = endpoint.interfaces.iter().any(|id| index.by_id.contains_key(id));
                    for address in endpoint.addresses.iter().filter(|_| !is_known) {
                        let holder = Holder {
                            subnet: endpoint.subnet.clone(),
                            ..holder(HolderKind::PrivateEndpoint, &resource.id)
                        };
                        index.take_holder(holder, Some(*address));
                    }
                }
                _ => {}
            }
        }
        index.spaces = Spaces::of(&index.networks);
        index.take_public(&facts.resources);
        index
    }

    fn take_networks(&mut self, resources: &[Resource]) {
        for resource in resources {
            if let Asset::VirtualNetwork(network) = &resource.asset {
                self.network_of.insert(resource.id.clone(), self.networks.len());
                self.networks.push(Network::new(&resource.id, network));
            }
        }
        for resource in resources {
            let Asset::Subnet(subnet) = &resource.asset else {
                continue;
            };
            let Some(parent) = resource.id.parent() else {
                continue;
            };
            let at = self.network(&parent);
            if let Some(network) = self.networks.get_mut(at) {
                network
                    .subnets
                    .push((resource.id.clone(), subnet.prefixes.clone()));
            }
        }
    }

    /// Joins networks by what either side says of it: the other's export may not be there.
    fn join_networks(&mut self) {
        let (mut joined, mut broken) = (Vec::new(), Vec::new());
        for at in 0..self.networks.len() {
            let peerings = self.networks.get(at).map(|network| network.peerings.clone());
            for peering in peerings.into_iter().flatten() {
                let Some(remote) = peering.remote else {
                    continue;
                };
                let remote = self.network(&remote);
                if peering.is_connected == Some(false) {
                    broken.push((at, remote));
                    continue;
                }
                joined.push((at, remote));
                if let Some(remote) = self.networks.get_mut(remote) {
                    remote.told.extend(peering.remote_prefixes);
                }
            }
        }
        let is_broken = |one, other| broken.contains(&(one, other)) || broken.contains(&(other, one));
        for (one, other) in joined {
            if one == other || is_broken(one, other) {
                continue;
            }
            for (one, other) in [(one, other), (other, one)] {
                if let Some(network) = self.networks.get_mut(one)
                    && !network.joined.contains(&other)
                {
                    network.joined.push(other);
                }
            }
        }
    }

    /// The place of a network, which may be known by its name only.
    fn network(&mut self, id: &ArmId) -> usize {
        if let Some(at) = self.network_of.get(id) {
            return *at;
        }
        let at = self.networks.len();
        self.network_of.insert(id.clone(), at);
        self.networks.push(Network::new(id, &VirtualNetwork::default()));
        at
    }

    fn take_interface(&mut self, id: &ArmId, interface: &Interface) {
        let kind = if interface.private_endpoint.is_some() {
            HolderKind::PrivateEndpoint
        } else {
            HolderKind::Interface
        };
        let mut first = None;
        for configuration in &interface.configurations {
            let at = self.take_holder(
                Holder {
                    machine: interface.machine.clone(),
                    subnet: configuration.subnet.clone(),
                    security_group: interface.security_group.clone(),
                    mac: interface.mac,
                    ..holder(kind, id)
                },
                configuration.address,
            );
            first = first.or(Some(at));
        }
        let at = first.unwrap_or_else(|| {
            let holder = Holder {
                machine: interface.machine.clone(),
                security_group: interface.security_group.clone(),
                mac: interface.mac,
                ..holder(kind, id)
            };
            self.take_holder(holder, None)
        });
        let addresses = interface.configurations.iter().filter_map(|one| one.address);
        self.addresses.insert(id.clone(), addresses.collect());
        if let Some(mac) = interface.mac {
            self.by_mac.entry(mac).or_default().push(at);
        }
    }

    fn take_holder(&mut self, mut holder: Holder, address: Option<IpAddr>) -> usize {
        let at = self.holders.len();
        let network = holder.subnet.as_ref().and_then(ArmId::parent);
        if let (Some(network), Some(address)) = (&network, address) {
            let place = self.network(network);
            if let Some(network) = self.networks.get_mut(place) {
                network.holders.entry(address).or_default().push(at);
            }
        }
        holder.network = network;
        self.by_id.entry(holder.id.clone()).or_insert(at);
        self.holders.push(holder);
        at
    }

    fn held(&self, places: &[usize]) -> Known<Holder> {
        let mut held: Vec<Holder> = Vec::new();
        for holder in places.iter().filter_map(|at| self.holders.get(*at)) {
            // An address of each family is still one holder.
            if !held.iter().any(|known| known.id == holder.id) {
                held.push(holder.clone());
            }
        }
        Known::of(held)
    }

    /// Who has a MAC address.
    #[must_use]
    pub fn reporter(&self, mac: Mac) -> Known<Holder> {
        self.held(self.by_mac.get(&mac).map(Vec::as_slice).unwrap_or_default())
    }

    /// The network of who has a MAC address, if that is one.
    pub(crate) fn network_of(&self, mac: Mac) -> Option<&ArmId> {
        let mut holders = self
            .by_mac
            .get(&mac)?
            .iter()
            .filter_map(|at| self.holders.get(*at));
        let first = holders.next()?;
        first
            .network
            .as_ref()
            .filter(|_| holders.all(|other| other.id == first.id))
    }

    /// True if an address is one of who reported; also where those are not known.
    pub(crate) fn is_own(&self, reporter: &Known<Holder>, address: IpAddr) -> bool {
        let Known::One(holder) = reporter else {
            return true;
        };
        match self.addresses.get(&holder.id) {
            Some(addresses) if !addresses.is_empty() => addresses.contains(&address),
            _ => true,
        }
    }

    /// The region of a resource, or of what it is a part of.
    pub(crate) fn region(&self, id: &ArmId) -> &str {
        let own = self.regions.get(id).map(AsRef::as_ref);
        let around = || id.parent().and_then(|id| self.regions.get(&id));
        own.or_else(|| around().map(AsRef::as_ref)).unwrap_or_default()
    }

    /// Service tags.
    #[must_use]
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }
}

fn holder(kind: HolderKind, id: &ArmId) -> Holder {
    Holder {
        kind,
        id: id.clone(),
        machine: None,
        subnet: None,
        network: None,
        security_group: None,
        mac: None,
    }
}
