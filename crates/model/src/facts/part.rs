//! Parts of resources that stand by themselves, such as one rule of a group: they join what is known of the whole.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    AdminRules, ArmId, Asset, BackendPool, BalancingRule, FactSet, Interface, IpConfiguration, LoadBalancer,
    NatGateway, Resource, RouteTable, Rule, SecurityGroup, Subnet, VirtualNetwork,
};

/// A resource of which only parts are said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The resource.
    pub id: ArmId,
    /// The lists of it that are said whole: what does not stand in them, it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<PartList>,
    /// What is said is put to what is known under its name, as Terraform's associations are. Else it takes the place of that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
}

/// A list of parts that a resource has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum PartList {
    Rules,
    DefaultRules,
    Routes,
    Peerings,
    Configurations,
    Frontends,
    Pools,
    BalancingRules,
    NatRules,
    NatPools,
    OutboundRules,
}

impl PartList {
    /// What stands in it, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::DefaultRules => "default rules",
            Self::Routes => "routes",
            Self::Peerings => "peerings",
            Self::Configurations => "IP configurations",
            Self::Frontends => "frontends",
            Self::Pools => "backend pools",
            Self::BalancingRules => "load balancing rules",
            Self::NatRules => "inbound NAT rules",
            Self::NatPools => "inbound NAT pools",
            Self::OutboundRules => "outbound rules",
        }
    }
}

impl Partial {
    /// Of a resource of which nothing but parts is known, what several of them say.
    pub fn take(&mut self, more: &Self) {
        let new = more.lists.iter().filter(|list| !self.lists.contains(list));
        let new: Vec<PartList> = new.copied().collect();
        self.lists.extend(new);
        self.adds &= more.adds;
    }

    fn says_all(&self, list: PartList) -> bool {
        self.lists.contains(&list)
    }

    /// Puts parts of a resource to what is known of it.
    pub fn join(&self, known: &mut Asset, part: &Asset) {
        match (known, part) {
            (Asset::SecurityGroup(known), Asset::SecurityGroup(part)) => self.group(known, part),
            (Asset::AdminRules(known), Asset::AdminRules(part)) => self.admin_rules(known, part),
            (Asset::LoadBalancer(known), Asset::LoadBalancer(part)) => self.balancer(known, part),
            (Asset::Interface(known), Asset::Interface(part)) => self.interface(known, part),
            (Asset::VirtualNetwork(known), Asset::VirtualNetwork(part)) => self.network(known, part),
            (Asset::RouteTable(known), Asset::RouteTable(part)) => self.routes(known, part),
            (Asset::Subnet(known), Asset::Subnet(part)) => subnet(known, part),
            (Asset::NatGateway(known), Asset::NatGateway(part)) => nat_gateway(known, part),
            _ => {}
        }
    }

    fn group(&self, known: &mut SecurityGroup, part: &SecurityGroup) {
        // What is said again stays in its place: rules in another order would be told as a change.
        let is_said = |rule: &Rule| part.rules.iter().any(|said| is_same(&said.name, &rule.name));
        if self.says_all(PartList::Rules) {
            known.rules.retain(|rule| rule.is_default || is_said(rule));
            // What Azure's own rules do is known, whatever an export says of them.
            known.left_out.clear();
        }
        if self.says_all(PartList::DefaultRules) {
            known.rules.retain(|rule| !rule.is_default || is_said(rule));
        }
        put_rules(
            (&mut known.rules, &mut known.left_out),
            (&part.rules, &part.left_out),
        );
        put_ids(&mut known.subnets, &part.subnets);
        put_ids(&mut known.interfaces, &part.interfaces);
    }

    /// For whom the rules are, is said beside each of them.
    fn admin_rules(&self, known: &mut AdminRules, part: &AdminRules) {
        if self.says_all(PartList::Rules) {
            known.rules.clear();
            known.left_out.clear();
        }
        put_rules(
            (&mut known.rules, &mut known.left_out),
            (&part.rules, &part.left_out),
        );
        for (known, said) in [
            (&mut known.network_groups, &part.network_groups),
            (&mut known.scopes, &part.scopes),
        ] {
            if !said.is_empty() {
                known.clone_from(said);
            }
        }
    }

    fn balancer(&self, known: &mut LoadBalancer, part: &LoadBalancer) {
        let all = |list| self.says_all(list);
        put(
            &mut known.frontends,
            &part.frontends,
            all(PartList::Frontends),
            |one| one.name.as_str(),
            Clone::clone_from,
        );
        let before: Vec<BackendPool> = known.backend_pools.clone();
        put(
            &mut known.backend_pools,
            &part.backend_pools,
            all(PartList::Pools),
            |one| one.name.as_str(),
            |known, said| match self.adds {
                true => put_members(known, said),
                false => known.clone_from(said),
            },
        );
        pooled(known, &before, part);
        for (known, said, list) in [
            (
                &mut known.load_balancing_rules,
                &part.load_balancing_rules,
                PartList::BalancingRules,
            ),
            (
                &mut known.inbound_nat_rules,
                &part.inbound_nat_rules,
                PartList::NatRules,
            ),
            (
                &mut known.inbound_nat_pools,
                &part.inbound_nat_pools,
                PartList::NatPools,
            ),
        ] {
            put(
                known,
                said,
                all(list),
                |one| one.name.as_str(),
                |known, said| match self.adds {
                    true => put_balancing(known, said),
                    false => known.clone_from(said),
                },
            );
        }
        put(
            &mut known.outbound_rules,
            &part.outbound_rules,
            all(PartList::OutboundRules),
            |one| one.name.as_str(),
            Clone::clone_from,
        );
        if all(PartList::BalancingRules) && all(PartList::NatRules) {
            known.lists_rules = Some(true);
        }
    }

    fn interface(&self, known: &mut Interface, part: &Interface) {
        known.mac = part.mac.or(known.mac);
        known.forwards = part.forwards.or(known.forwards);
        put_id(&mut known.security_group, part.security_group.as_ref());
        put_id(&mut known.machine, part.machine.as_ref());
        put_id(&mut known.private_endpoint, part.private_endpoint.as_ref());
        if self.says_all(PartList::Configurations) {
            let is_said = |name: &str| {
                let mut said = part.configurations.iter();
                said.any(|said| is_same(&said.name, name))
            };
            known.configurations.retain(|one| is_said(&one.name));
        }
        for said in &part.configurations {
            self.configuration(&mut known.configurations, said);
        }
    }

    /// One without a name is about all of them, also about those that are not said yet: where none has its subnet, it stays beside them.
    fn configuration(&self, all: &mut Vec<IpConfiguration>, said: &IpConfiguration) {
        let is_meant = |known: &IpConfiguration| said.name.is_empty() || is_same(&known.name, &said.name);
        let is_open = |known: &IpConfiguration| {
            known.subnet.is_none() && known.address.is_none() && !known.name.is_empty()
        };
        let stays = said.name.is_empty() && all.iter().all(is_open);
        if !all.iter().any(is_meant) {
            all.push(said.clone());
            return;
        }
        for known in all.iter_mut().filter(|known| is_meant(known)) {
            if !self.adds {
                known.clone_from(said);
                continue;
            }
            known.address = said.address.or(known.address);
            known.is_primary = said.is_primary.or(known.is_primary);
            put_id(&mut known.subnet, said.subnet.as_ref());
            put_id(&mut known.public_address, said.public_address.as_ref());
            put_ids(&mut known.application_groups, &said.application_groups);
            put_ids(&mut known.pools, &said.pools);
            put_ids(&mut known.nat_rules, &said.nat_rules);
        }
        if stays {
            all.push(said.clone());
        }
    }

    fn network(&self, known: &mut VirtualNetwork, part: &VirtualNetwork) {
        put(
            &mut known.peerings,
            &part.peerings,
            self.says_all(PartList::Peerings),
            |one| one.name.as_str(),
            Clone::clone_from,
        );
    }

    fn routes(&self, known: &mut RouteTable, part: &RouteTable) {
        put(
            &mut known.routes,
            &part.routes,
            self.says_all(PartList::Routes),
            |one| one.name.as_str(),
            Clone::clone_from,
        );
        put_ids(&mut known.subnets, &part.subnets);
    }

    /// Says of a resource of which only parts are known, that it has others. False where there is no way to say it: then it is as one of
    /// which nothing is known.
    pub fn open(&self, asset: &mut Asset) -> bool {
        match asset {
            Asset::SecurityGroup(SecurityGroup { left_out, .. })
            | Asset::AdminRules(AdminRules { left_out, .. }) => {
                let has_all = self.says_all(PartList::Rules);
                if !has_all && !left_out.iter().any(|name| name == SecurityGroup::NOT_KNOWN) {
                    left_out.push(SecurityGroup::NOT_KNOWN.to_owned());
                }
                true
            }
            Asset::LoadBalancer(balancer) => {
                let has_all = [PartList::BalancingRules, PartList::NatRules];
                let has_all = has_all.into_iter().all(|list| self.says_all(list));
                balancer.lists_rules = has_all.then_some(true);
                true
            }
            Asset::Interface(interface) => {
                let group = interface.security_group.take();
                interface.security_group = group.or_else(ArmId::group_to_come);
                true
            }
            Asset::Subnet(_) | Asset::RouteTable(_) => false,
            _ => true,
        }
    }
}

impl FactSet {
    /// What is said of a resource only in part; none of one that is said whole.
    #[must_use]
    pub fn partial(&self, id: &ArmId) -> Option<&Partial> {
        self.partial.iter().find(|held| held.id == *id)
    }

    /// Says of each resource of which only parts are known that it has others, of which nothing is known. Subnets and route tables of
    /// which only parts are known are left out: that says it of them.
    #[must_use]
    pub fn opened(mut self) -> Self {
        let partial = std::mem::take(&mut self.partial);
        let parts: HashMap<&ArmId, &Partial> = partial.iter().map(|part| (&part.id, part)).collect();
        self.resources.retain_mut(|held| {
            let part = parts.get(&held.id);
            part.is_none_or(|part| part.open(&mut held.asset))
        });
        drop(parts);
        self.partial = partial;
        self
    }
}

impl Resource {
    /// A resource of which only a part is said.
    #[must_use]
    pub fn in_part(id: ArmId, asset: Asset) -> Self {
        Self {
            id,
            location: None,
            guid: None,
            tags: std::collections::BTreeMap::new(),
            asset,
        }
    }
}

fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Puts what has a name to what is known, whose place it takes under that name; others stay, unless all are said.
fn put<T: Clone>(
    known: &mut Vec<T>,
    said: &[T],
    are_all: bool,
    name: fn(&T) -> &str,
    again: impl Fn(&mut T, &T),
) {
    if are_all {
        known.retain(|held| said.iter().any(|said| is_same(name(said), name(held))));
    }
    for said in said {
        match known.iter_mut().find(|held| is_same(name(held), name(said))) {
            Some(held) => again(held, said),
            None => known.push(said.clone()),
        }
    }
}

/// Puts rules in by their names. One of which only the name is known takes the place of what was known under it.
fn put_rules(known: (&mut Vec<Rule>, &mut Vec<String>), said: (&[Rule], &[String])) {
    let ((known, left_out), (rules, names)) = (known, said);
    let is_said = |name: &str| {
        let mut said = rules.iter().map(|rule| &rule.name).chain(names);
        said.any(|said| is_same(said, name))
    };
    left_out.retain(|name| !is_said(name));
    known.retain(|rule| !names.iter().any(|name| is_same(name, &rule.name)));
    put(known, rules, false, |rule| rule.name.as_str(), Clone::clone_from);
    left_out.extend(names.iter().cloned());
}

fn put_id(known: &mut Option<ArmId>, said: Option<&ArmId>) {
    if let Some(said) = said {
        *known = Some(said.clone());
    }
}

fn put_ids(known: &mut Vec<ArmId>, said: &[ArmId]) {
    for id in said {
        if !known.contains(id) {
            known.push(id.clone());
        }
    }
}

/// What a rule says anew; what it leaves open stays.
fn put_balancing(known: &mut BalancingRule, said: &BalancingRule) {
    put_id(&mut known.frontend, said.frontend.as_ref());
    put_id(&mut known.machine, said.machine.as_ref());
    known.protocol = said.protocol.or(known.protocol);
    known.ports = said.ports.or(known.ports);
    known.backend_port = said.backend_port.or(known.backend_port);
    known.is_floating = said.is_floating.or(known.is_floating);
    if !said.pools.is_empty() {
        known.pools.clone_from(&said.pools);
    }
}

fn put_members(known: &mut BackendPool, said: &BackendPool) {
    put_ids(&mut known.configurations, &said.configurations);
    put_ids(&mut known.frontends, &said.frontends);
    for address in &said.addresses {
        if !known.addresses.contains(address) {
            known.addresses.push(*address);
        }
    }
}

/// What is behind a balancer after its pools were said: who was in one of them is in it no more, unless it says so.
fn pooled(known: &mut LoadBalancer, before: &[BackendPool], part: &LoadBalancer) {
    let pools = &known.backend_pools;
    known.backends.retain(|id| {
        let was_in = before.iter().any(|pool| pool.configurations.contains(id));
        !was_in || pools.iter().any(|pool| pool.configurations.contains(id))
    });
    known.backend_addresses.retain(|address| {
        let was_in = before.iter().any(|pool| pool.addresses.contains(address));
        !was_in || pools.iter().any(|pool| pool.addresses.contains(address))
    });
    put_ids(&mut known.backends, &part.backends);
    for address in &part.backend_addresses {
        if !known.backend_addresses.contains(address) {
            known.backend_addresses.push(*address);
        }
    }
}

fn subnet(known: &mut Subnet, part: &Subnet) {
    put_id(&mut known.security_group, part.security_group.as_ref());
    put_id(&mut known.route_table, part.route_table.as_ref());
    put_id(&mut known.nat_gateway, part.nat_gateway.as_ref());
}

fn nat_gateway(known: &mut NatGateway, part: &NatGateway) {
    put_ids(&mut known.public_addresses, &part.public_addresses);
    put_ids(&mut known.subnets, &part.subnets);
}
