//! A network and its addresses.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::facts::{ArmId, Peering};

/// A network and what is reached from it.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) id: ArmId,
    pub(super) prefixes: Vec<IpNet>,
    pub(super) subnets: Vec<(ArmId, Vec<IpNet>)>,
    pub(super) peerings: Vec<Peering>,
    pub(super) holders: AHashMap<IpAddr, Vec<usize>>,
    pub(super) gateways: Vec<ArmId>,
}

impl Network {
    pub(super) fn has(&self, address: IpAddr) -> bool {
        let told = self
            .prefixes
            .iter()
            .chain(self.subnets.iter().flat_map(|(_, prefixes)| prefixes));
        told.into_iter().any(|prefix| prefix.contains(&address)) || self.holders.contains_key(&address)
    }

    pub(super) fn subnet_of(&self, address: IpAddr) -> Option<ArmId> {
        let has = |prefixes: &[IpNet]| prefixes.iter().any(|prefix| prefix.contains(&address));
        let (id, _) = self.subnets.iter().find(|(_, prefixes)| has(prefixes))?;
        Some(id.clone())
    }
}
