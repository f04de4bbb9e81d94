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
