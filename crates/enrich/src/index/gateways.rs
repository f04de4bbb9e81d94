//! Gateways, and what lies behind them.

use std::net::IpAddr;

use ahash::AHashMap;
use model::facts::{ArmId, Asset, Connection, ConnectionKind, Resource};

use super::Index;
use super::network::{Network, longest};
use crate::seen::{Known, Place, Seen};

impl Index {
    pub(super) fn take_gateways(&mut self, resources: &[Resource]) {
        for resource in resources {
            match &resource.asset {
                Asset::LocalGateway(gateway) => {
                    self.on_premises
                        .insert(resource.id.clone(), gateway.prefixes.clone());
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
        let mut circuits: AHashMap<&ArmId, Vec<&ArmId>> = AHashMap::new();
        for resource in resources {
            if let Asset::Connection(connection) = &resource.asset {
                self.take_connection(connection, &mut circuits);
            }
        }
        // What one network sends to a circuit, the others at that circuit get.
        for gateways in circuits.into_values() {
            for one in &gateways {
                for other in gateways.iter().filter(|other| *other != one) {
                    self.link(one, other);
                }
            }
        }
    }

    fn take_connection<'c>(
        &mut self,
        connection: &'c Connection,
        circuits: &mut AHashMap<&'c ArmId, Vec<&'c ArmId>>,
    ) {
        let (Some(gateway), Some(remote)) = (&connection.gateway, &connection.remote) else {
            return;
        };
        if self.on_premises.contains_key(remote) {
            let held = self.local_gateways.entry(gateway.clone()).or_default();
            held.push(remote.clone());
        } else if connection.kind == Some(ConnectionKind::ExpressRoute) {
            circuits.entry(remote).or_default().push(gateway);
        } else {
            // Each side has a connection of its own, and may be the only one that is known.
            self.link(gateway, remote);
            self.link(remote, gateway);
        }
    }

    /// Behind a gateway lie the networks of another one, as far as that one is known.
    fn link(&mut self, gateway: &ArmId, other: &ArmId) {
        let Some(held) = self.gateways.get(other) else {
            return;
        };
        let networks = held.subnets.iter().filter_map(ArmId::parent);
        let networks: Vec<usize> = networks
            .filter_map(|id| self.network_of.get(&id).copied())
            .collect();
        let linked = self.linked.entry(gateway.clone()).or_default();
        for network in networks {
            if !linked.contains(&network) {
                linked.push(network);
            }
        }
    }

    /// What lies behind the gateways that a network uses, its own and those that its peers lend it, and how long the prefix is
    /// that says so.
    pub(super) fn behind(&self, network: &Network, address: IpAddr) -> Option<(u8, Seen)> {
        let lent = network
            .peerings
            .iter()
            .filter(|peering| peering.is_connected != Some(false))
            .filter(|peering| peering.uses_remote_gateway == Some(true))
            .filter_map(|peering| self.network_of.get(peering.remote.as_ref()?))
            .filter_map(|at| self.networks.get(*at))
            .flat_map(|peer| &peer.gateways);
        let gateways = network.gateways.iter().chain(lent);
        // Of the same length the first one holds.
        let mut closest: Option<(u8, Seen)> = None;
        for (length, seen) in gateways.filter_map(|gateway| self.behind_one(gateway, network, address)) {
            if closest.as_ref().is_none_or(|(held, _)| length > *held) {
                closest = Some((length, seen));
            }
        }
        closest
    }

    fn behind_one(&self, gateway: &ArmId, from: &Network, address: IpAddr) -> Option<(u8, Seen)> {
        let local = self.local_gateways.get(gateway);
        let local = local.into_iter().flatten().filter_map(|id| {
            let space = self.on_premises.get(id)?;
            Some((longest(space, address)?, on_premises(id)))
        });
        let linked = self.linked.get(gateway);
        let linked = linked.into_iter().flatten().filter_map(|at| {
            let network = self.networks.get(*at).filter(|network| network.id != from.id)?;
            Some((network.covers(address)?, self.in_other(network, address)))
        });
        let client = self.client(gateway, address);
        let mut all: Vec<(u8, Seen)> = client.into_iter().chain(local).chain(linked).collect();
        all.sort_by_key(|(length, _)| u8::MAX - length);
        all.into_iter().next()
    }

    fn client(&self, gateway: &ArmId, address: IpAddr) -> Option<(u8, Seen)> {
        let length = longest(&self.gateways.get(gateway)?.client_pools, address)?;
        let place = Place::Client {
            gateway: gateway.clone(),
        };
        Some((length, nobody(place)))
    }

    /// What lies behind a gateway, whoever asks: under the longest prefix. Of two local gateways with one address space, which are
    /// two ways to one place, the first one by its id stands for both.
    pub(super) fn behind_any(&self, address: IpAddr) -> Option<Seen> {
        let clients = self.gateways.keys().filter_map(|id| {
            let (length, seen) = self.client(id, address)?;
            Some((u8::MAX - length, id, seen))
        });
        let local = self.on_premises.iter().filter_map(|(id, space)| {
            let length = longest(space, address)?;
            Some((u8::MAX - length, id, on_premises(id)))
        });
        let closest = clients
            .chain(local)
            .min_by(|(one, id, _), (other, other_id, _)| (one, id).cmp(&(other, other_id)));
        closest.map(|(_, _, seen)| seen)
    }
}

fn on_premises(gateway: &ArmId) -> Seen {
    nobody(Place::OnPremises {
        gateway: gateway.clone(),
    })
}

const fn nobody(place: Place) -> Seen {
    Seen {
        holder: Known::Nobody,
        place,
    }
}
