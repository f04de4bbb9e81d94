//! Facts, arranged so that an address is found.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::AddressClass;
use model::facts::{ArmId, Asset, FactSet, Gateway, Interface, Mac, Peering, Resource};

use crate::seen::{Holder, HolderKind, Known, Place, Seen};
use crate::tags::Tags;
use crate::threats::Threats;

/// A network and what is reached from it.
#[derive(Clone, Debug)]
struct Network {
    id: ArmId,
    prefixes: Vec<IpNet>,
    subnets: Vec<(ArmId, Vec<IpNet>)>,
    peerings: Vec<Peering>,
    holders: AHashMap<IpAddr, Vec<usize>>,
    gateways: Vec<ArmId>,
}

/// Facts of one time.
#[derive(Debug, Default)]
pub struct Index {
    holders: Vec<Holder>,
    by_mac: AHashMap<Mac, Vec<usize>>,
    by_id: AHashMap<ArmId, usize>,
    networks: Vec<Network>,
    network_of: AHashMap<ArmId, usize>,
    public: AHashMap<IpAddr, Vec<usize>>,
    /// The region of each resource.
    regions: AHashMap<ArmId, Box<str>>,
    /// The addresses of each interface, where they are known.
    addresses: AHashMap<ArmId, Vec<IpAddr>>,
    gateways: AHashMap<ArmId, Gateway>,
    /// Of each gateway what it is connected to, and the address space there.
    on_premises: AHashMap<ArmId, Vec<(ArmId, Vec<IpNet>)>>,
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
        index.take_public(&facts.resources);
        index
    }

    fn take_networks(&mut self, resources: &[Resource]) {
        for resource in resources {
            if let Asset::VirtualNetwork(network) = &resource.asset {
                self.network_of.insert(resource.id.clone(), self.networks.len());
                self.networks.push(Network {
                    id: resource.id.clone(),
                    prefixes: network.prefixes.clone(),
                    subnets: Vec::new(),
                    peerings: network.peerings.clone(),
                    holders: AHashMap::new(),
                    gateways: Vec::new(),
                });
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

    /// The place of a network, which may be known by its name only.
    fn network(&mut self, id: &ArmId) -> usize {
        if let Some(at) = self.network_of.get(id) {
            return *at;
        }
        let at = self.networks.len();
        self.network_of.insert(id.clone(), at);
        self.networks.push(Network {
            id: id.clone(),
            prefixes: Vec::new(),
            subnets: Vec::new(),
            peerings: Vec::new(),
            holders: AHashMap::new(),
            gateways: Vec::new(),
        });
        at
    }

    fn take_gateways(&mut self, resources: &[Resource]) {
        let mut spaces: AHashMap<&ArmId, &[IpNet]> = AHashMap::new();
        for resource in resources {
            match &resource.asset {
                Asset::LocalGateway(gateway) => {
                    spaces.insert(&resource.id, &gateway.prefixes);
                }
                Asset::Gateway(gateway) => {
                    for network in gateway.subnets.iter().filter_map(ArmId::parent) {
                        let at = self.network(&network);
                        if let Some(network) = self.networks.get_mut(at) {
                            network.gateways.push(resource.id.clone());
                        }
                    }
                    self.gateways.insert(resource.id.clone(), gateway.clone());
                }
                _ => {}
            }
        }
        for resource in resources {
            if let Asset::Connection(connection) = &resource.asset
                && let (Some(gateway), Some(remote)) = (&connection.gateway, &connection.remote)
            {
                let space = spaces.get(remote).copied().unwrap_or_default().to_vec();
                let held = self.on_premises.entry(gateway.clone()).or_default();
                held.push((remote.clone(), space));
            }
        }
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

    /// Public addresses, and what stands behind them.
    fn take_public(&mut self, resources: &[Resource]) {
        let mut addresses: AHashMap<&ArmId, IpAddr> = AHashMap::new();
        for resource in resources {
            if let Asset::PublicAddress(public) = &resource.asset
                && let Some(address) = public.address
            {
                addresses.insert(&resource.id, address);
                // What it stands in front of is a part of an interface or a balancer.
                let of = public.of.as_ref().and_then(ArmId::parent);
                let holder = of.and_then(|of| self.by_id.get(&of).copied());
                self.public.entry(address).or_default().extend(holder);
            }
        }
        for resource in resources {
            let Some(at) = self.by_id.get(&resource.id).copied() else {
                continue;
            };
            let named: Vec<&ArmId> = match &resource.asset {
                Asset::Interface(interface) => {
                    let held = interface.configurations.iter();
                    held.filter_map(|one| one.public_address.as_ref()).collect()
                }
                Asset::LoadBalancer(balancer) => {
                    let held = balancer.frontends.iter();
                    held.filter_map(|one| one.public_address.as_ref()).collect()
                }
                _ => Vec::new(),
            };
            for address in named.into_iter().filter_map(|id| addresses.get(id)) {
                let holders = self.public.entry(*address).or_default();
                if !holders.contains(&at) {
                    holders.push(at);
                }
            }
        }
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

    /// An address as seen from a network; from no network in particular where that is not known.
    #[must_use]
    pub fn seen(&self, network: Option<&ArmId>, address: IpAddr, threats: &Threats) -> Seen {
        let from = network.and_then(|id| self.network_of.get(id)).copied();
        if let Some(seen) = self.inside(from, address) {
            return seen;
        }
        let nobody = |place| Seen {
            holder: Known::Nobody,
            place,
        };
        let class = AddressClass::of(address);
        if class == AddressClass::AzurePlatform {
            return nobody(Place::Platform);
        }
        if let Some(holders) = self.public.get(&address) {
            return Seen {
                holder: self.held(holders),
                place: Place::OwnPublic,
            };
        }
        nobody(match class.ip_class() {
            model::IpClass::Internal => Place::Private,
            model::IpClass::Platform => Place::Platform,
            model::IpClass::Special => Place::Special,
            model::IpClass::Internet if threats.of(address).is_some() => Place::Threat,
            model::IpClass::Internet => match self.tags.all(address).first() {
                Some(tag) => Place::Azure {
                    tag: (*tag).to_owned(),
                },
                None => Place::Public,
            },
        })
    }

    /// True for a public address that is neither our own nor used inside.
    pub(crate) fn is_foreign(&self, network: Option<&ArmId>, address: IpAddr) -> bool {
        let from = network.and_then(|id| self.network_of.get(id)).copied();
        AddressClass::of(address).ip_class() == model::IpClass::Internet
            && !self.public.contains_key(&address)
            && self.inside(from, address).is_none()
    }

    /// Where an address lies among the networks that are reached from one.
    fn inside(&self, from: Option<usize>, address: IpAddr) -> Option<Seen> {
        let Some(from) = from else {
            return self.anywhere(address);
        };
        let own = self.networks.get(from)?;
        if own.has(address) {
            return Some(Seen {
                holder: self.held_in(own, address),
                place: Place::Here {
                    subnet: own.subnet_of(address),
                },
            });
        }
        let reached = own
            .peerings
            .iter()
            .filter(|peering| peering.is_connected != Some(false));
        for peering in reached.clone() {
            let Some(remote) = &peering.remote else {
                continue;
            };
            let known = self.network_of.get(remote).and_then(|at| self.networks.get(*at));
            let has = known.is_some_and(|peer| peer.has(address));
            let is_told = peering
                .remote_prefixes
                .iter()
                .any(|prefix| prefix.contains(&address));
            if has || is_told {
                return Some(Seen {
                    holder: known.map_or(Known::Nobody, |peer| self.held_in(peer, address)),
                    place: Place::Peer {
                        network: remote.clone(),
                        subnet: known.and_then(|peer| peer.subnet_of(address)),
                    },
                });
            }
        }
        // Its own gateways, and those of a peer that it may use.
        let lent = reached.filter(|peering| peering.uses_remote_gateway == Some(true));
        let lent = lent
            .filter_map(|peering| self.network_of.get(peering.remote.as_ref()?))
            .filter_map(|at| self.networks.get(*at))
            .flat_map(|peer| &peer.gateways);
        let place = own
            .gateways
            .iter()
            .chain(lent)
            .find_map(|gateway| self.behind(gateway, address))?;
        Some(Seen {
            holder: Known::Nobody,
            place,
        })
    }

    /// What lies behind a gateway.
    fn behind(&self, gateway: &ArmId, address: IpAddr) -> Option<Place> {
        let has = |prefixes: &[IpNet]| prefixes.iter().any(|prefix| prefix.contains(&address));
        if self
            .gateways
            .get(gateway)
            .is_some_and(|held| has(&held.client_pools))
        {
            return Some(Place::Client {
                gateway: gateway.clone(),
            });
        }
        let (remote, _) = self
            .on_premises
            .get(gateway)?
            .iter()
            .find(|(_, space)| has(space))?;
        Some(Place::OnPremises {
            gateway: remote.clone(),
        })
    }

    /// Where an address lies, whoever asks: several networks may have it.
    fn anywhere(&self, address: IpAddr) -> Option<Seen> {
        let having: Vec<&Network> = self
            .networks
            .iter()
            .filter(|network| network.has(address))
            .collect();
        match having.as_slice() {
            [] => None,
            [one] => Some(Seen {
                holder: self.held_in(one, address),
                place: Place::Peer {
                    network: one.id.clone(),
                    subnet: one.subnet_of(address),
                },
            }),
            many => {
                let holders = many.iter().filter_map(|network| network.holders.get(&address));
                let holders: Vec<usize> = holders.flatten().copied().collect();
                Some(Seen {
                    holder: self.held(&holders),
                    place: Place::Ambiguous,
                })
            }
        }
    }

    fn held_in(&self, network: &Network, address: IpAddr) -> Known<Holder> {
        self.held(
            network
                .holders
                .get(&address)
                .map(Vec::as_slice)
                .unwrap_or_default(),
        )
    }
}

impl Network {
    fn has(&self, address: IpAddr) -> bool {
        let told = self
            .prefixes
            .iter()
            .chain(self.subnets.iter().flat_map(|(_, prefixes)| prefixes));
        told.into_iter().any(|prefix| prefix.contains(&address)) || self.holders.contains_key(&address)
    }

    fn subnet_of(&self, address: IpAddr) -> Option<ArmId> {
        let has = |prefixes: &[IpNet]| prefixes.iter().any(|prefix| prefix.contains(&address));
        let (id, _) = self.subnets.iter().find(|(_, prefixes)| has(prefixes))?;
        Some(id.clone())
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
