//! Where an address lies, as seen from a network.

use std::net::IpAddr;

use model::AddressClass;
use model::facts::ArmId;

use super::Index;
use super::network::Network;
use crate::seen::{Holder, Known, Place, Seen};
use crate::threats::Threats;

impl Index {
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
        if let Some(seen) = self.own_public(address) {
            return seen;
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
            && !self.is_own_public(address)
            && self.inside(from, address).is_none()
    }

    /// Where an address lies among the networks that are reached from one: in itself, in those that it is joined to, behind its
    /// gateways or in those that are joined to a common one, whichever says it more closely. A private address that none of
    /// these has is that of the only other network that has it.
    fn inside(&self, from: Option<usize>, address: IpAddr) -> Option<Seen> {
        let having = self.spaces.having(address);
        let Some((from, own)) = from.and_then(|at| Some((at, self.networks.get(at)?))) else {
            return self.anywhere(&having, address);
        };
        if having.contains(&from) {
            return Some(Seen {
                holder: self.held_in(own, address),
                place: Place::Here {
                    subnet: own.subnet_of(address),
                },
            });
        }
        let peer = own.joined.iter().find(|peer| having.contains(peer));
        if let Some(peer) = peer.and_then(|at| self.networks.get(*at)) {
            return Some(self.in_other(peer, address));
        }
        // Networks that have a joined network in common with this one, as spokes of a hub have.
        let hubs = || own.joined.iter().filter_map(|at| self.networks.get(*at));
        let beyond = having.iter().copied();
        let beyond: Vec<usize> = beyond
            .filter(|at| hubs().any(|hub| hub.joined.contains(at)))
            .collect();
        let covers = |at: &usize| self.networks.get(*at)?.covers(address);
        let length = beyond.iter().filter_map(covers).max();
        if let Some((behind, seen)) = self.behind(own, address)
            && length <= Some(behind)
        {
            return Some(seen);
        }
        self.in_one_of(&beyond, address).or_else(|| {
            let is_private = AddressClass::of(address).ip_class() == model::IpClass::Internal;
            let elsewhere = is_private.then(|| self.anywhere(&having, address));
            elsewhere.flatten()
        })
    }

    /// The network of what a flow log is enabled on: that network, or that of a subnet or an interface.
    pub(crate) fn network_around(&self, target: &str) -> Option<&ArmId> {
        let target = ArmId::parse(target)?;
        let network = self.network_of.get(&target).copied();
        let network = network.or_else(|| self.network_of.get(&target.parent()?).copied());
        match network {
            Some(at) => self.networks.get(at).map(|network| &network.id),
            None => self.holders.get(*self.by_id.get(&target)?)?.network.as_ref(),
        }
    }

    /// The network that an address is of, if only one has it.
    pub(crate) fn only_network(&self, address: IpAddr) -> Option<&ArmId> {
        match self.spaces.having(address).as_slice() {
            [one] => self.networks.get(*one).map(|network| &network.id),
            _ => None,
        }
    }

    /// Where an address lies, whoever asks: several networks may have it.
    fn anywhere(&self, having: &[usize], address: IpAddr) -> Option<Seen> {
        self.in_one_of(having, address)
            .or_else(|| self.behind_any(address))
    }

    /// An address that each of these networks has.
    fn in_one_of(&self, having: &[usize], address: IpAddr) -> Option<Seen> {
        let mut networks = having.iter().filter_map(|at| self.networks.get(*at));
        match having {
            [] => None,
            [_] => networks.next().map(|one| self.in_other(one, address)),
            _ => {
                let holders = networks.filter_map(|network| network.holders.get(&address));
                let holders: Vec<usize> = holders.flatten().copied().collect();
                Some(Seen {
                    holder: self.held(&holders),
                    place: Place::Ambiguous,
                })
            }
        }
    }

    /// An address of another network.
    pub(super) fn in_other(&self, network: &Network, address: IpAddr) -> Seen {
        Seen {
            holder: self.held_in(network, address),
            place: Place::Peer {
                network: network.id.clone(),
                subnet: network.subnet_of(address),
            },
        }
    }

    fn held_in(&self, network: &Network, address: IpAddr) -> Known<Holder> {
        let held = network.holders.get(&address);
        self.held(held.map(Vec::as_slice).unwrap_or_default())
    }
}
