//! Public addresses of our own.

use std::net::IpAddr;

use ahash::AHashMap;
use model::facts::{ArmId, Asset, Resource};

use super::Index;

impl Index {
    /// Public addresses, and what stands behind them.
    pub(super) fn take_public(&mut self, resources: &[Resource]) {
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
}
