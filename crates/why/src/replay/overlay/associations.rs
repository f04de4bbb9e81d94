//! Who guards whom: the guarded names its group, and groups name those that they guard. Both are made to say the same.

use model::facts::{ArmId, Asset, Rule};

use super::{Over, ProposalKind};

impl Over {
    /// Sets the group that guards a subnet or an interface, wherever it is said.
    pub(super) fn guard(&mut self, guarded: &ArmId, by: Option<&ArmId>) {
        match self.held(guarded) {
            Some(Asset::Subnet(held)) => held.security_group = by.cloned(),
            Some(Asset::Interface(held)) => held.security_group = by.cloned(),
            _ => {}
        }
        for resource in &mut self.facts.resources {
            if let Asset::SecurityGroup(group) = &mut resource.asset
                && by != Some(&resource.id)
            {
                group.subnets.retain(|held| held != guarded);
                group.interfaces.retain(|held| held != guarded);
            }
        }
    }

    /// After a resource was taken, what it says of who guards whom holds for the others too.
    pub(super) fn associate(&mut self, id: &ArmId, said: &Asset, is_by_itself: bool, kind: ProposalKind) {
        let says_all = is_by_itself && kind != ProposalKind::Plan;
        match said {
            Asset::Subnet(held) if says_all || held.security_group.is_some() => {
                self.guard(id, held.security_group.as_ref());
            }
            Asset::Interface(held) if says_all || held.security_group.is_some() => {
                self.guard(id, held.security_group.as_ref());
            }
            // Deployed, what a group guards is not of the group.
            Asset::SecurityGroup(group) if kind == ProposalKind::List => {
                for (named, all) in [
                    (&group.subnets, "/subnets"),
                    (&group.interfaces, "/networkinterfaces"),
                ] {
                    if named.is_empty() {
                        continue;
                    }
                    let dropped: Vec<ArmId> = self.guarded_by(id, all);
                    for guarded in dropped.iter().filter(|held| !named.contains(held)) {
                        self.guard(guarded, None);
                    }
                    for guarded in named {
                        self.guard(guarded, Some(id));
                    }
                }
            }
            _ => {}
        }
    }

    /// The subnets or interfaces that name a group.
    fn guarded_by(&self, group: &ArmId, kind: &str) -> Vec<ArmId> {
        let names = |asset: &Asset| match asset {
            Asset::Subnet(held) if kind == "/subnets" => held.security_group.as_ref() == Some(group),
            Asset::Interface(held) if kind != "/subnets" => held.security_group.as_ref() == Some(group),
            _ => false,
        };
        let held = self.facts.resources.iter().filter(|held| names(&held.asset));
        held.map(|held| held.id.clone()).collect()
    }
}

/// Each id of another resource that rules depend on.
pub(super) fn each_id(asset: &mut Asset, take: &mut dyn FnMut(&mut ArmId)) {
    match asset {
        Asset::Subnet(held) => {
            held.security_group.iter_mut().for_each(&mut *take);
            held.route_table.iter_mut().for_each(take);
        }
        Asset::Interface(held) => {
            held.security_group.iter_mut().for_each(&mut *take);
            for one in &mut held.configurations {
                one.subnet.iter_mut().for_each(&mut *take);
                one.application_groups.iter_mut().for_each(&mut *take);
            }
        }
        Asset::SecurityGroup(held) => {
            held.subnets.iter_mut().for_each(&mut *take);
            held.interfaces.iter_mut().for_each(&mut *take);
            each_of_rules(&mut held.rules, take);
        }
        Asset::AdminRules(held) => {
            held.network_groups.iter_mut().for_each(&mut *take);
            held.scopes.iter_mut().for_each(&mut *take);
            each_of_rules(&mut held.rules, take);
        }
        _ => {}
    }
}

fn each_of_rules(rules: &mut [Rule], take: &mut dyn FnMut(&mut ArmId)) {
    for side in rules
        .iter_mut()
        .flat_map(|rule| [&mut rule.source, &mut rule.destination])
    {
        side.application_groups.iter_mut().for_each(&mut *take);
        side.network_groups.iter_mut().for_each(&mut *take);
    }
}
