//! Public addresses and prefixes of our own.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::facts::{ArmId, Asset, Resource};

use super::Index;
use crate::seen::{Place, Seen};

/// Public addresses of our own, and prefixes of which addresses are made.
#[derive(Debug, Default)]
pub(super) struct Public {
    addresses: AHashMap<IpAddr, Own>,
    prefixes: Vec<(IpNet, Own)>,
}

/// A public address or a prefix.
#[derive(Debug)]
struct Own {
    id: ArmId,
    /// What it stands in front of.
    of: Option<ArmId>,
    /// The network of that.
    network: Option<ArmId>,
    holders: Vec<usize>,
}

impl Public {
    fn find(&self, address: IpAddr) -> Option<&Own> {
        self.addresses.get(&address).or_else(|| {
            let having = self
                .prefixes
                .iter()
                .filter(|(prefix, _)| prefix.contains(&address));
            let (_, own) = having.max_by_key(|(prefix, _)| prefix.prefix_len())?;
            Some(own)
        })
    }
}

impl Index {
    /// Takes public addresses, and what stands behind them.
    pub(super) fn take_public(&mut self, resources: &[Resource]) {
        let (fronts, networks) = (fronts(resources), self.networks_behind(resources));
        for resource in resources {
            let Asset::PublicAddress(public) = &resource.asset else {
                continue;
            };
            let behind = fronts.get(&resource.id).map(Vec::as_slice).unwrap_or_default();
            let mut around = behind.iter().filter_map(|id| networks.get(id)).flatten();
            let network = around.next().filter(|first| around.all(|other| other == *first));
            let own = || Own {
                id: resource.id.clone(),
                of: behind.first().cloned(),
                network: network.cloned(),
                holders: behind
                    .iter()
                    .filter_map(|id| self.by_id.get(id).copied())
                    .collect(),
            };
            if let Some(prefix) = public.prefix {
                self.public.prefixes.push((prefix, own()));
            }
            if let Some(address) = public.address {
                let own = own();
                match self.public.addresses.get_mut(&address) {
                    // One that was given back and out again, in exports of two times: who has it is not told apart.
                    Some(held) => {
                        held.network = held
                            .network
                            .take()
                            .filter(|network| Some(network) == own.network.as_ref());
                        held.holders.extend(own.holders);
                    }
                    None => {
                        self.public.addresses.insert(address, own);
                    }
                }
            }
        }
    }

    /// The networks of what may stand behind public addresses.
    fn networks_behind(&self, resources: &[Resource]) -> AHashMap<ArmId, Vec<ArmId>> {
        let mut networks: AHashMap<ArmId, Vec<ArmId>> = AHashMap::new();
        let pooled = pooled(resources);
        let mut put = |id: &ArmId, network: Option<ArmId>| {
            networks.entry(id.clone()).or_default().extend(network);
        };
        for Resource { id, asset, .. } in resources {
            match asset {
                Asset::Interface(interface) => {
                    for one in &interface.configurations {
                        put(id, one.subnet.as_ref().and_then(ArmId::parent));
                    }
                }
                Asset::Subnet(subnet) => {
                    if let Some(gateway) = &subnet.nat_gateway {
                        put(gateway, id.parent());
                    }
                }
                Asset::NatGateway(gateway) => {
                    gateway.subnets.iter().for_each(|subnet| put(id, subnet.parent()));
                }
                Asset::Gateway(gateway) => {
                    gateway.subnets.iter().for_each(|subnet| put(id, subnet.parent()));
                }
                Asset::LoadBalancer(balancer) => {
                    let frontends = balancer.frontends.iter().filter_map(|one| one.subnet.as_ref());
                    let subnets = balancer.subnets.iter().chain(frontends);
                    subnets.for_each(|subnet| put(id, subnet.parent()));
                    // Of a public one only what is behind it says where it is.
                    let named = balancer.backends.iter().filter_map(ArmId::parent);
                    let behind = named.chain(pooled.get(id).into_iter().flatten().cloned());
                    let behind = behind.filter_map(|id| self.holders.get(*self.by_id.get(&id)?));
                    behind.for_each(|holder| put(id, holder.network.clone()));
                }
                _ => {}
            }
        }
        networks
    }

    /// True for an address that is ours.
    pub(super) fn is_own_public(&self, address: IpAddr) -> bool {
        self.public.find(address).is_some()
    }

    /// A public address of our own, and who is behind it.
    pub(super) fn own_public(&self, address: IpAddr) -> Option<Seen> {
        let own = self.public.find(address)?;
        Some(Seen {
            holder: self.held(&own.holders),
            place: Place::OwnPublic {
                id: own.id.clone(),
                of: own.of.clone(),
                network: own.network.clone(),
            },
        })
    }
}

/// The interfaces that say of themselves that they are behind a balancer, by the balancer's id.
fn pooled(resources: &[Resource]) -> AHashMap<ArmId, Vec<ArmId>> {
    let mut pooled: AHashMap<ArmId, Vec<ArmId>> = AHashMap::new();
    for Resource { id, asset, .. } in resources {
        let Asset::Interface(interface) = asset else {
            continue;
        };
        for one in &interface.configurations {
            for balancer in one.pools.iter().chain(&one.nat_rules).filter_map(ArmId::parent) {
                pooled.entry(balancer).or_default().push(id.clone());
            }
        }
    }
    pooled
}

/// What stands behind public addresses and prefixes, by their ids: either side may say so.
fn fronts(resources: &[Resource]) -> AHashMap<ArmId, Vec<ArmId>> {
    let mut fronts: AHashMap<ArmId, Vec<ArmId>> = AHashMap::new();
    let mut put = |public: &ArmId, behind: &ArmId| {
        let held = fronts.entry(public.clone()).or_default();
        if !held.contains(behind) {
            held.push(behind.clone());
        }
    };
    for Resource { id, asset, .. } in resources {
        match asset {
            Asset::PublicAddress(public) => {
                // A part of an interface, a balancer or a gateway, or a NAT gateway itself.
                let of = public.of.as_ref();
                let of = of.map(|of| of.parent().unwrap_or_else(|| of.clone()));
                of.iter().for_each(|of| put(id, of));
            }
            Asset::Interface(interface) => {
                let named = interface.configurations.iter();
                let named = named.filter_map(|one| one.public_address.as_ref());
                named.for_each(|public| put(public, id));
            }
            Asset::LoadBalancer(balancer) => {
                let named = balancer.frontends.iter();
                let named = named.filter_map(|one| one.public_address.as_ref());
                named.for_each(|public| put(public, id));
            }
            Asset::NatGateway(gateway) => {
                gateway.public_addresses.iter().for_each(|public| put(public, id));
            }
            Asset::Gateway(gateway) => {
                gateway.public_addresses.iter().for_each(|public| put(public, id));
            }
            _ => {}
        }
    }
    fronts
}
