//! The machines behind a balancer.

use std::net::IpAddr;

use enrich::{HolderKind, Part};
use model::facts::{ArmId, Asset, BalancingRule, FactSet, IpConfiguration};

use super::Behind;
use super::front::Front;

/// The machines that a rule sends to.
pub(super) fn behind(part: &Part, front: &Front<'_>, rule: &BalancingRule, address: IpAddr) -> Vec<Behind> {
    let facts = &part.facts;
    let mut found: Vec<Behind> = rule
        .machine
        .iter()
        .flat_map(|id| of_configuration(part, id))
        .collect();
    for pool in &rule.pools {
        let mut pools = front.held.backend_pools.iter();
        if let Some(known) = pools.find(|held| held.name.eq_ignore_ascii_case(pool.name())) {
            found.extend(
                known
                    .configurations
                    .iter()
                    .flat_map(|id| of_configuration(part, id)),
            );
            found.extend(known.addresses.iter().map(|held| of_address(part, *held)));
        }
        let members = members(facts, |one| one.pools.contains(pool));
        found.extend(members.iter().flat_map(|id| of_configuration(part, id)));
    }
    let own = front.balancer.part("inboundNatRules", &rule.name);
    let sent = members(facts, |one| one.nat_rules.contains(&own));
    found.extend(sent.iter().flat_map(|id| of_configuration(part, id)));
    arranged(found, address)
}

/// All machines behind a balancer, whatever its rules: by its own export, and by what interfaces say of themselves.
pub(super) fn all_behind(part: &Part, front: &Front<'_>, address: IpAddr) -> Vec<Behind> {
    let held = front.held;
    let configured = held.backends.iter().flat_map(|id| of_configuration(part, id));
    let listed = held.backend_addresses.iter();
    let listed = listed.map(|held| of_address(part, *held));
    let is_of = |id: &ArmId| id.parent().as_ref() == Some(&front.balancer);
    let members = members(&part.facts, |one| {
        one.pools.iter().chain(&one.nat_rules).any(is_of)
    });
    let members = members.iter().flat_map(|id| of_configuration(part, id));
    let other = held.backend_pools.iter().flat_map(|pool| &pool.frontends);
    let other = other.filter_map(ArmId::parent).map(|id| of_balancer(&id));
    let all = configured.chain(listed).chain(members).chain(other);
    arranged(all.collect(), address)
}

/// A balancer behind one that is for several regions.
fn of_balancer(id: &ArmId) -> Behind {
    Behind {
        name: format!("load balancer {}", id.name()),
        address: None,
        interface: None,
        mac: None,
    }
}

/// Pools of a rule of which no export names a machine.
pub(super) fn empty_pools(front: &Front<'_>, rule: &BalancingRule) -> Vec<String> {
    let is_listed = |pool: &&ArmId| {
        let mut pools = front.held.backend_pools.iter();
        pools.any(|held| held.name.eq_ignore_ascii_case(pool.name()))
    };
    let listed = rule.pools.iter().filter(is_listed);
    listed.map(|pool| pool.name().to_owned()).collect()
}

/// Each once, and of the frontend's family.
fn arranged(mut found: Vec<Behind>, address: IpAddr) -> Vec<Behind> {
    found.retain(|held| {
        held.address
            .is_none_or(|held| held.is_ipv4() == address.is_ipv4())
    });
    found.sort_by(|left, right| (left.address, &left.name).cmp(&(right.address, &right.name)));
    found.dedup_by(|right, left| right.address == left.address && right.name == left.name);
    found
}

/// IP configurations that say something of themselves, such as that they are in a pool.
fn members(facts: &FactSet, says: impl Fn(&IpConfiguration) -> bool) -> Vec<ArmId> {
    let mut found = Vec::new();
    for held in &facts.resources {
        let Asset::Interface(interface) = &held.asset else {
            continue;
        };
        let inside = interface.configurations.iter().filter(|one| says(one));
        found.extend(inside.map(|one| held.id.part("ipConfigurations", &one.name)));
    }
    found
}

fn of_configuration(part: &Part, id: &ArmId) -> Vec<Behind> {
    let interface = id.parent();
    let known = interface.as_ref().and_then(|id| part.facts.asset(id));
    let (Some(interface), Some(Asset::Interface(held))) = (interface, known) else {
        return vec![Behind {
            // An interface of a scale set is told by its set and number: all of them have one name.
            name: id
                .parent()
                .map_or_else(|| id.name().to_owned(), |held| held.name_in_group().into_owned()),
            address: None,
            interface: None,
            mac: None,
        }];
    };
    let own = held
        .configurations
        .iter()
        .filter(|one| one.name.eq_ignore_ascii_case(id.name()));
    own.map(|one| {
        let machine = held.machine.as_ref().unwrap_or(&interface).name();
        Behind {
            name: match one.address {
                Some(address) => format!("{machine} ({address})"),
                None => machine.to_owned(),
            },
            address: one.address,
            interface: one.address.map(|_| interface.clone()),
            mac: held.mac,
        }
    })
    .collect()
}

fn of_address(part: &Part, address: IpAddr) -> Behind {
    let seen = part.index.seen(None, address, &part.threats);
    let holder = seen.holder.one();
    let interface = holder.filter(|held| held.kind == HolderKind::Interface);
    Behind {
        name: match holder {
            Some(holder) => format!("{} ({address})", holder.name()),
            None => address.to_string(),
        },
        address: Some(address),
        interface: interface.map(|held| held.id.clone()),
        mac: interface.and_then(|held| held.mac),
    }
}
