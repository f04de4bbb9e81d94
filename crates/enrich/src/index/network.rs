//! Networks and their addresses.

use std::net::IpAddr;

use ahash::AHashMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::facts::{ArmId, Peering, VirtualNetwork};
use prefix_trie::PrefixMap;

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

    /// How closely it has an address: the length of the prefix, and that of the address itself where somebody there has it.
    pub(super) fn covers(&self, address: IpAddr) -> Option<u8> {
        if self.holders.contains_key(&address) {
            return Some(IpNet::from(address).prefix_len());
        }
        longest(self.space(), address)
    }

    /// Its prefixes, whoever tells of them.
    fn space(&self) -> impl Iterator<Item = &IpNet> {
        let of_subnets = self.subnets.iter().flat_map(|(_, prefixes)| prefixes);
        self.prefixes.iter().chain(&self.told).chain(of_subnets)
    }

    /// The subnet that an address is of.
    pub(super) fn subnet_of(&self, address: IpAddr) -> Option<ArmId> {
        let having = self.subnets.iter();
        let having = having.filter_map(|(id, prefixes)| Some((longest(prefixes, address)?, id)));
        let (_, id) = having.max_by_key(|(length, _)| *length)?;
        Some(id.clone())
    }
}

/// The networks of each prefix, by their places.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    v4: PrefixMap<Ipv4Net, Vec<usize>>,
    v6: PrefixMap<Ipv6Net, Vec<usize>>,
}

impl Spaces {
    pub(super) fn of(networks: &[Network]) -> Self {
        let mut spaces = Self::default();
        for (at, network) in networks.iter().enumerate() {
            network.space().for_each(|prefix| spaces.put(*prefix, at));
            // Of a network that is known by its name only, addresses are.
            let single = network.holders.keys();
            single
                .filter(|address| longest(network.space(), **address).is_none())
                .for_each(|address| spaces.put(IpNet::from(*address), at));
        }
        spaces
    }

    fn put(&mut self, prefix: IpNet, network: usize) {
        let held = match prefix {
            IpNet::V4(prefix) => self.v4.entry(prefix.trunc()).or_default(),
            IpNet::V6(prefix) => self.v6.entry(prefix.trunc()).or_default(),
        };
        held.push(network);
    }

    /// The places of the networks that have an address, in their order.
    pub(super) fn having(&self, address: IpAddr) -> Vec<usize> {
        let mut having: Vec<usize> = match address {
            IpAddr::V4(address) => {
                let own = Ipv4Net::from(address);
                self.v4.cover_values(&own).flatten().copied().collect()
            }
            IpAddr::V6(address) => {
                let own = Ipv6Net::from(address);
                self.v6.cover_values(&own).flatten().copied().collect()
            }
        };
        having.sort_unstable();
        having.dedup();
        having
    }
}

/// The length of the longest prefix that an address is in.
pub(super) fn longest<'p>(prefixes: impl IntoIterator<Item = &'p IpNet>, address: IpAddr) -> Option<u8> {
    let having = prefixes.into_iter().filter(|prefix| prefix.contains(&address));
    having.map(IpNet::prefix_len).max()
}
