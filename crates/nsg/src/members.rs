//! Who is in an application security group, as seen from an interface: members are addresses of interfaces, and an address means
//! something in a network and in those that are joined to it.

use std::net::IpAddr;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use model::facts::{ArmId, FactSet};

use crate::estate::Estate;
use crate::ranges::{Addresses, Membership};

/// The types of interfaces: those of scale sets are listed by themselves.
const INTERFACES: [&str; 2] = [
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
];

/// The networks that an interface sees.
struct Sight {
    own: AHashSet<ArmId>,
    joined: AHashSet<ArmId>,
    /// Peerings of which it is not said whether they are connected.
    perhaps_joined: AHashSet<ArmId>,
    /// Where an address lies that may be one of theirs.
    space: Addresses,
}

impl Sight {
    fn of(estate: &Estate<'_>, subnets: &[ArmId]) -> Self {
        let mut sight = Self {
            own: subnets.iter().filter_map(ArmId::parent).collect(),
            joined: AHashSet::new(),
            perhaps_joined: AHashSet::new(),
            space: Addresses::default(),
        };
        for id in sight.own.clone() {
            let Some(network) = estate.network(&id).filter(|held| !held.prefixes.is_empty()) else {
                sight.space = Addresses::all();
                continue;
            };
            sight.add(&Addresses::of_prefixes(&network.prefixes));
            let peerings = network.peerings.iter();
            for peering in peerings.filter(|peering| peering.is_connected != Some(false)) {
                let remote = peering.remote.as_ref();
                let known = remote.and_then(|id| estate.network(id));
                let known = known.map_or(&[][..], |network| &network.prefixes);
                let space = Addresses::of_prefixes(known.iter().chain(&peering.remote_prefixes));
                sight.add(&if space.is_empty() { Addresses::all() } else { space });
                let joined = match peering.is_connected {
                    Some(true) => &mut sight.joined,
                    _ => &mut sight.perhaps_joined,
                };
                joined.extend(remote.cloned());
            }
        }
        if sight.own.is_empty() {
            sight.space = Addresses::all();
        }
        sight
    }

    fn add(&mut self, space: &Addresses) {
        self.space = self.space.union(space);
    }
}

/// Of each group that an interface sees its members. An address that a known interface has is one or is not; any other in those
/// networks may be one, unless all interfaces are said to be listed.
pub(crate) fn members(estate: &Estate<'_>, subnets: &[ArmId]) -> AHashMap<ArmId, Arc<Membership>> {
    let sight = Sight::of(estate, subnets);
    let mut own: AHashMap<IpAddr, Vec<&ArmId>> = AHashMap::new();
    let mut joined: AHashMap<IpAddr, Vec<&ArmId>> = AHashMap::new();
    let mut perhaps: AHashMap<IpAddr, Vec<&ArmId>> = AHashMap::new();
    for held in estate.configurations() {
        let place = match &held.network {
            Some(network) if sight.own.contains(network) => &mut own,
            Some(network) if sight.joined.contains(network) => &mut joined,
            Some(network) if !sight.perhaps_joined.contains(network) => continue,
            _ => &mut perhaps,
        };
        place
            .entry(held.address.to_canonical())
            .or_default()
            .extend(held.groups);
    }
    // Who is in the own network is nobody else's namesake.
    joined.retain(|address, _| !own.contains_key(address));
    let known: Vec<(IpAddr, IpAddr)> = own
        .keys()
        .chain(joined.keys())
        .map(|address| (*address, *address))
        .collect();
    let known = Addresses::of_ranges(known);
    let open = sight.space.minus(&known);
    let mut found: AHashMap<&ArmId, [Vec<(IpAddr, IpAddr)>; 2]> = AHashMap::new();
    for (held, is_sure) in [(&own, true), (&joined, true), (&perhaps, false)] {
        for (address, groups) in held {
            for group in groups {
                let [within, perhaps] = found.entry(*group).or_default();
                if is_sure { within } else { perhaps }.push((*address, *address));
            }
        }
    }
    for group in estate.configurations().iter().flat_map(|held| held.groups) {
        found.entry(group).or_default();
    }
    let groups = found.into_iter().map(|(group, [within, perhaps])| {
        let perhaps = Addresses::of_ranges(perhaps).minus(&known);
        let perhaps = match is_listed_whole(estate.facts(), group) {
            true => perhaps,
            false => perhaps.union(&open),
        };
        let membership = Membership::new(Addresses::of_ranges(within), &perhaps);
        (group.clone(), Arc::new(membership))
    });
    groups.collect()
}

/// Of a group that no known interface names as its own: whoever is known is not of it, others may be.
pub(crate) fn strangers(estate: &Estate<'_>, subnets: &[ArmId]) -> Membership {
    let sight = Sight::of(estate, subnets);
    let known = estate.configurations().iter().filter(|held| {
        held.network
            .as_ref()
            .is_some_and(|network| sight.own.contains(network) || sight.joined.contains(network))
    });
    let known = Addresses::of_ranges(known.map(|held| (held.address, held.address)));
    Membership::new(Addresses::default(), &sight.space.minus(&known))
}

/// True if all interfaces of the group's subscription are said to be listed.
fn is_listed_whole(facts: &FactSet, group: &ArmId) -> bool {
    let is_whole = |kind: &str| {
        facts.whole.iter().flatten().any(|whole| {
            let is_subscription = |held: &str| held.eq_ignore_ascii_case(&whole.subscription);
            whole.kind.eq_ignore_ascii_case(kind)
                && whole.group.is_none()
                && group.subscription().is_some_and(is_subscription)
        })
    };
    INTERFACES.iter().all(|kind| is_whole(kind))
}
