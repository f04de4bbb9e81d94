//! Gateways, and what lies behind them.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::facts::{ArmId, Asset, Resource};

use super::Index;
use crate::seen::Place;

impl Index {
    pub(super) fn take_gateways(&mut self, resources: &[Resource]) {
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

    /// What lies behind a gateway.
    pub(super) fn behind(&self, gateway: &ArmId, address: IpAddr) -> Option<Place> {
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
}
