//! Frontends of balancers, and which rule takes what is sent there.

use std::net::IpAddr;

use enrich::{HolderKind, Part, Place, Seen};
use model::facts::{ArmId, Asset, BackendPool, BalancingRule, LoadBalancer, PortRange};

/// A frontend of a balancer.
pub(super) struct Front<'p> {
    pub(super) balancer: ArmId,
    pub(super) held: &'p LoadBalancer,
    /// Its name, where the export has it.
    name: Option<String>,
}

/// Which rule takes a flow.
pub(super) enum Taking<'p> {
    By(&'p BalancingRule),
    Nothing,
    NotKnown(String),
}

impl Front<'_> {
    /// The rules that may take what is sent to it, whatever the port.
    pub(super) fn rules(&self) -> impl Iterator<Item = &BalancingRule> {
        let rules = self.held.load_balancing_rules.iter();
        rules.chain(&self.held.inbound_nat_rules).filter(|rule| {
            let named = rule.frontend.as_ref().zip(self.name.as_ref());
            named.is_none_or(|(named, name)| named.name().eq_ignore_ascii_case(name))
        })
    }

    /// The rule that takes what is sent to a port.
    pub(super) fn taking(&self, port: Option<u16>, protocol: Option<u8>) -> Taking<'_> {
        if is_gateway(&self.balancer) {
            return Taking::NotKnown(
                "it is an application gateway, which opens connections of its own from its own addresses: ask for those"
                    .to_owned(),
            );
        }
        if protocol.is_some_and(|protocol| !matches!(protocol, 6 | 17)) {
            return Taking::NotKnown(
                "its rules are for TCP and UDP, and what becomes of other protocols there no export says"
                    .to_owned(),
            );
        }
        let (Some(port), Some(protocol)) = (port, protocol) else {
            return Taking::NotKnown("no port was given".to_owned());
        };
        let rules = self.held.load_balancing_rules.iter();
        let rules: Vec<&BalancingRule> = rules.chain(&self.held.inbound_nat_rules).collect();
        let takes = |rule: &BalancingRule| {
            let parts = [
                rule.frontend
                    .as_ref()
                    .zip(self.name.as_ref())
                    .map(|(named, name)| named.name().eq_ignore_ascii_case(name)),
                rule.protocol.map(|held| held.has(protocol)),
                rule.ports.map(|held| held.has(port)),
            ];
            match parts {
                parts if parts.contains(&Some(false)) => Some(false),
                parts if parts.contains(&None) => None,
                _ => Some(true),
            }
        };
        let mut taking = rules.iter().copied().filter(|rule| takes(rule) != Some(false));
        let pools = self.held.inbound_nat_pools.iter();
        let mut pools = pools.filter(|pool| takes(pool) != Some(false));
        match (taking.next(), taking.next()) {
            (Some(rule), None) if takes(rule) == Some(true) => match self.frontends_of(rule) {
                Some(why) => Taking::NotKnown(why),
                None => Taking::By(rule),
            },
            (Some(rule), None) => {
                Taking::NotKnown(format!("whether its rule `{}` takes it is not known", rule.name))
            }
            (Some(rule), Some(other)) => Taking::NotKnown(format!(
                "which of its rules takes it is not known, `{}` or `{}`",
                rule.name, other.name
            )),
            (None, _) if let Some(pool) = pools.next() => Taking::NotKnown(format!(
                "its NAT pool `{}` gives each machine of a scale set a port of its own, and no rule says which machine has this one",
                pool.name
            )),
            (None, _) if self.held.lists_rules == Some(true) => Taking::Nothing,
            (None, _) if rules.is_empty() => Taking::NotKnown(
                "its rules are not among the facts, and the port behind it may be another: load `az network lb list`"
                    .to_owned(),
            ),
            (None, _) => Taking::NotKnown("none of its rules that are known takes it".to_owned()),
        }
    }
}

impl Front<'_> {
    /// Why it is not known where a rule sends to, of a balancer that is for several regions.
    fn frontends_of(&self, rule: &BalancingRule) -> Option<String> {
        let pools = self.held.backend_pools.iter();
        let is_meant = |pool: &&BackendPool| {
            let mut named = rule.pools.iter();
            named.any(|named| named.name().eq_ignore_ascii_case(&pool.name))
        };
        let mut frontends = pools.filter(is_meant).flat_map(|pool| &pool.frontends);
        frontends.next()?;
        Some(format!(
            "by rule `{}` it sends on to frontends of other balancers: ask for their addresses",
            rule.name
        ))
    }
}

/// The port at the machines: the same one where a rule is for all ports.
pub(super) fn port_behind(rule: &BalancingRule, port: Option<u16>) -> Option<u16> {
    match (rule.ports, rule.backend_port) {
        (Some(PortRange::ALL), _) | (_, Some(0)) => port,
        (_, behind) => behind,
    }
}

/// Application gateways are kept beside balancers, and do other things.
pub(super) fn is_gateway(id: &ArmId) -> bool {
    id.is_of("Microsoft.Network/applicationGateways")
}

/// The frontend that answers at an address: a public one of ours, or a private one.
pub(super) fn front<'p>(part: &'p Part, address: IpAddr, seen: &Seen) -> Option<Front<'p>> {
    let facts = &part.facts;
    let of_balancer = |id: ArmId| match facts.asset(&id) {
        Some(Asset::LoadBalancer(held)) => Some((id, held)),
        _ => None,
    };
    if let Place::OwnPublic { id, of: Some(of), .. } = &seen.place {
        let mut around = [Some(of.clone()), of.parent()].into_iter().flatten();
        let (balancer, held) = around.find_map(of_balancer)?;
        let said = match facts.asset(id) {
            Some(Asset::PublicAddress(public)) => public.of.as_ref().map(|of| of.name().to_owned()),
            _ => None,
        };
        let mut frontends = held.frontends.iter();
        let named = frontends.find(|one| one.public_address.as_ref() == Some(id));
        let name = named.map(|one| one.name.clone()).or(said);
        return Some(Front { balancer, held, name });
    }
    let holder = seen
        .holder
        .one()
        .filter(|held| held.kind == HolderKind::Frontend)?;
    let (balancer, held) = of_balancer(holder.id.clone())?;
    let mut frontends = held.frontends.iter();
    let name = frontends.find(|one| one.address == Some(address));
    Some(Front {
        name: name.map(|one| one.name.clone()),
        balancer,
        held,
    })
}

/// Frontends of some load balancers that have an address, each with it: by what the balancer says of itself, and by what addresses say of
/// where they are.
pub(super) fn fronts(
    part: &Part,
    is_asked: impl Fn(&ArmId, &LoadBalancer) -> bool,
) -> Vec<(IpAddr, Front<'_>)> {
    let facts = &part.facts;
    let mut all: Vec<(IpAddr, Front<'_>)> = Vec::new();
    for resource in &facts.resources {
        let Asset::LoadBalancer(held) = &resource.asset else {
            continue;
        };
        if is_gateway(&resource.id) || !is_asked(&resource.id, held) {
            continue;
        }
        let mut found: Vec<(IpAddr, String)> = Vec::new();
        for frontend in &held.frontends {
            found.extend(frontend.address.map(|address| (address, frontend.name.clone())));
        }
        for other in &facts.resources {
            let Asset::PublicAddress(public) = &other.asset else {
                continue;
            };
            let mut frontends = held.frontends.iter();
            let named = frontends.find(|one| one.public_address.as_ref() == Some(&other.id));
            let said = public
                .of
                .as_ref()
                .filter(|of| of.parent().as_ref() == Some(&resource.id));
            let name = named.map(|one| one.name.as_str()).or(said.map(ArmId::name));
            found.extend(public.address.zip(name.map(str::to_owned)));
        }
        all.extend(found.into_iter().map(|(address, name)| {
            let front = Front {
                balancer: resource.id.clone(),
                held,
                name: Some(name),
            };
            (address, front)
        }));
    }
    all
}

/// True for an address that a balancer answers at.
pub(in crate::explain) fn is_front(part: &Part, address: IpAddr) -> bool {
    is_front_seen(part, address, &part.index.seen(None, address, &part.threats))
}

/// The same of an address as it is seen from somewhere.
pub(in crate::explain) fn is_front_seen(part: &Part, address: IpAddr, seen: &Seen) -> bool {
    front(part, address, seen).is_some()
}
