//! A network and its addresses.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::IpNet;
use model::facts::{ArmId, Peering, VirtualNetwork};

/// A network and what is reached from it.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) id: ArmId,
    prefixes: Vec<IpNet>,
    /// What networks that it is joined to say of its address space.
    pub(super) told: Vec<IpNet>,
    pub(super) subnets: Vec<(ArmId, Vec<IpNet>)>,
    pub(super) peerings: Vec<Peering>,
    /// The places of the networks that it is joined to.
    pub(super) joined: Vec<usize>,
    pub(super) holders: AHashMap<IpAddr, Vec<usize>>,
    pub(super) gateways: Vec<ArmId>,
}

impl Network {
    pub(super) fn new(id: &ArmId, network: &VirtualNetwork) -> Self {
        Self {
            id: id.clone(),
            prefixes: network.prefixes.clone(),
            told: Vec::new(),
            subnets: Vec::new(),
            peerings: network.peerings.clone(),
            joined: Vec::new(),
            holders: AHashMap::new(),
            gateways: Vec::new(),
        }
    }

    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.covers(address).is_some()
    }

    /// How closely it has an address: the length of the prefix, and that of the address itself where somebody there has it.
    pub(super) fn covers(&self, address: IpAddr) -> Option<u8> {
        if self.holders.contains_key(&address) {
            return Some(IpNet::from(address).prefix_len());
        }
        let of_subnets = self.subnets.iter().flat_map(|(_, prefixes)| prefixes);
        let prefixes = self.prefixes.iter().chain(&self.told).chain(of_subnets);
        longest(prefixes, address)
    }

    /// The subnet that an address is of.
    pub(super) fn subnet_of(&self, address: IpAddr) -> Option<ArmId> {
        let having = self.subnets.iter();
        let having = having.filter_map(|(id, prefixes)| Some((longest(prefixes, address)?, id)));
        let (_, id) = having.max_by_key(|(length, _)| *length)?;
        Some(id.clone())
    }
}

/// The length of the longest prefix that an address is in.
pub(super) fn longest<'p>(prefixes: impl IntoIterator<Item = &'p IpNet>, address: IpAddr) -> Option<u8> {
    let having = prefixes.into_iter().filter(|prefix| prefix.contains(&address));
    having.map(IpNet::prefix_len).max()
}
