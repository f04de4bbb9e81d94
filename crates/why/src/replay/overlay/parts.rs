//! What a document says of a resource that is known: all of it, or some parts.

use model::facts::{
    AdminRules, ArmId, Asset, Interface, IpConfiguration, Rule, SecurityGroup, Subnet, VirtualNetwork,
};

use super::ProposalKind;

/// How a resource is said.
#[derive(Clone, Copy)]
pub(super) struct Said {
    /// The resource itself, and not only something that belongs to it.
    pub(super) is_by_itself: bool,
    pub(super) kind: ProposalKind,
}

/// What a proposal does not know is what is to be: it need not be what is not known now. A list says what there is.
pub(super) fn put_unknowns(asset: &mut Asset, kind: ProposalKind) {
    match asset {
        Asset::SecurityGroup(group) => {
            let has_any = group.left_out.iter().any(|name| name == SecurityGroup::NOT_KNOWN);
            group.is_to_be = has_any || (kind != ProposalKind::List && !group.left_out.is_empty());
        }
        Asset::Subnet(Subnet { security_group, .. }) | Asset::Interface(Interface { security_group, .. })
            if security_group.as_ref().is_some_and(ArmId::is_to_come) =>
        {
            *security_group = ArmId::group_proposed();
        }
        _ => {}
    }
}

impl Said {
    /// All rules that there are.
    pub(super) const fn says_all_rules(self) -> bool {
        self.is_by_itself || matches!(self.kind, ProposalKind::List)
    }

    /// What it does not say, the resource does not have.
    const fn says_all(self) -> bool {
        self.is_by_itself && !matches!(self.kind, ProposalKind::Plan)
    }

    pub(super) fn group(self, held: &mut SecurityGroup, new: &SecurityGroup) {
        held.is_to_be |= new.is_to_be;
        if self.says_all_rules() {
            let has_default = new.rules.iter().any(|rule| rule.is_default);
            held.rules.retain(|rule| rule.is_default && !has_default);
            held.rules.extend(new.rules.iter().cloned());
            held.left_out.clone_from(&new.left_out);
        } else {
            put(&mut held.rules, &mut held.left_out, &new.rules, &new.left_out);
        }
        if self.kind == ProposalKind::List {
            for (held, new) in [
                (&mut held.subnets, &new.subnets),
                (&mut held.interfaces, &new.interfaces),
            ] {
                if !new.is_empty() {
                    held.clone_from(new);
                }
            }
        }
    }

    pub(super) fn admin_rules(self, held: &mut AdminRules, new: &AdminRules) {
        let has_rules = !new.rules.is_empty() || !new.left_out.is_empty();
        if self.kind == ProposalKind::List && has_rules {
            held.rules.clone_from(&new.rules);
            held.left_out.clone_from(&new.left_out);
        } else {
            put(&mut held.rules, &mut held.left_out, &new.rules, &new.left_out);
        }
        for (held, new) in [
            (&mut held.network_groups, &new.network_groups),
            (&mut held.scopes, &new.scopes),
        ] {
            if !new.is_empty() {
                held.clone_from(new);
            }
        }
    }

    pub(super) fn subnet(self, held: &mut Subnet, new: &Subnet) {
        if !new.prefixes.is_empty() {
            held.prefixes.clone_from(&new.prefixes);
        }
        self.may_lack(&mut held.security_group, &new.security_group);
        self.may_lack(&mut held.route_table, &new.route_table);
        self.may_lack(&mut held.nat_gateway, &new.nat_gateway);
        if new.rules_hold_for_endpoints.is_some() {
            held.rules_hold_for_endpoints = new.rules_hold_for_endpoints;
        }
    }

    pub(super) fn interface(self, held: &mut Interface, new: &Interface) {
        self.may_lack(&mut held.security_group, &new.security_group);
        for (held, new) in [
            (&mut held.machine, &new.machine),
            (&mut held.private_endpoint, &new.private_endpoint),
        ] {
            if new.is_some() {
                held.clone_from(new);
            }
        }
        held.mac = new.mac.or(held.mac);
        held.forwards = new.forwards.or(held.forwards);
        for one in &new.configurations {
            self.configuration(&mut held.configurations, one);
        }
        if self.says_all() && !new.configurations.is_empty() {
            let is_said = |name: &str| {
                new.configurations
                    .iter()
                    .any(|new| new.name.eq_ignore_ascii_case(name))
            };
            held.configurations.retain(|one| is_said(&one.name));
        }
    }

    /// One without a name is about all of them.
    fn configuration(self, all: &mut Vec<IpConfiguration>, new: &IpConfiguration) {
        let is_meant =
            |held: &IpConfiguration| new.name.is_empty() || held.name.eq_ignore_ascii_case(&new.name);
        if !all.iter().any(is_meant) {
            all.push(new.clone());
            return;
        }
        for held in all.iter_mut().filter(|held| is_meant(held)) {
            // An address that is given out when it is needed stands in no template.
            held.address = new.address.or(held.address);
            if new.subnet.is_some() {
                held.subnet.clone_from(&new.subnet);
            }
            if self.says_all() {
                held.application_groups.clone_from(&new.application_groups);
            } else {
                let more = new.application_groups.iter();
                let more: Vec<_> = more
                    .filter(|group| !held.application_groups.contains(group))
                    .cloned()
                    .collect();
                held.application_groups.extend(more);
            }
        }
    }

    /// Peerings are said one by one, unless the network is.
    pub(super) fn network(self, held: &mut VirtualNetwork, new: &VirtualNetwork) {
        if !new.prefixes.is_empty() {
            held.prefixes.clone_from(&new.prefixes);
        }
        if self.kind == ProposalKind::List && self.is_by_itself {
            held.peerings.clone_from(&new.peerings);
        } else {
            for peering in &new.peerings {
                let known = held
                    .peerings
                    .iter()
                    .position(|held| held.name.eq_ignore_ascii_case(&peering.name));
                match known.and_then(|at| held.peerings.get_mut(at)) {
                    Some(known) => known.clone_from(peering),
                    None => held.peerings.push(peering.clone()),
                }
            }
        }
        held.encrypts = new.encrypts.or(held.encrypts);
        held.drops_unencrypted = new.drops_unencrypted.or(held.drops_unencrypted);
    }

    fn may_lack<T: Clone>(self, held: &mut Option<T>, new: &Option<T>) {
        if new.is_some() || self.says_all() {
            held.clone_from(new);
        }
    }
}

/// Puts rules in by their names, which are told apart in a group. One of which only the name is known takes the place of what was
/// known under it: it is to be another rule.
fn put(held: &mut Vec<Rule>, left_out: &mut Vec<String>, rules: &[Rule], names: &[String]) {
    let is_said = |name: &str| {
        let mut said = rules.iter().map(|rule| &rule.name).chain(names);
        said.any(|said| said.eq_ignore_ascii_case(name))
    };
    held.retain(|rule| !is_said(&rule.name));
    left_out.retain(|name| !is_said(name));
    held.extend(rules.iter().cloned());
    left_out.extend(names.iter().cloned());
}

/// Takes a rule away; false if it is none of a group or a collection.
pub(super) fn without_rule(asset: &mut Asset, name: &str) -> bool {
    let (rules, left_out) = match asset {
        Asset::SecurityGroup(held) => (&mut held.rules, &mut held.left_out),
        Asset::AdminRules(held) => (&mut held.rules, &mut held.left_out),
        _ => return false,
    };
    rules.retain(|rule| !rule.name.eq_ignore_ascii_case(name));
    left_out.retain(|held| !held.eq_ignore_ascii_case(name));
    true
}
