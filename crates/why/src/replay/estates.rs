//! Facts of now and of then, arranged so that what is around an interface is found, and whether anything changes there.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use model::facts::{ArmId, Asset, FactSet, FlowLog, Interface, Resource};

use super::Overlay;

/// Resources by their ids.
struct Known<'f>(AHashMap<&'f ArmId, &'f Resource>);

impl<'f> Known<'f> {
    fn of(facts: &'f FactSet) -> Self {
        Self(facts.resources.iter().map(|held| (&held.id, held)).collect())
    }

    fn interface(&self, id: &ArmId) -> Option<&'f Interface> {
        match &self.0.get(id)?.asset {
            Asset::Interface(held) => Some(held),
            _ => None,
        }
    }

    /// The group that a subnet names.
    fn group_of(&self, subnet: &ArmId) -> Option<&'f ArmId> {
        match &self.0.get(subnet)?.asset {
            Asset::Subnet(held) => held.security_group.as_ref(),
            _ => None,
        }
    }

    /// An interface, its subnets, and the groups that these name.
    fn around(&self, id: &'f ArmId) -> Vec<&'f ArmId> {
        let mut around = vec![id];
        if let Some(interface) = self.interface(id) {
            around.extend(&interface.security_group);
            for subnet in interface
                .configurations
                .iter()
                .filter_map(|one| one.subnet.as_ref())
            {
                around.push(subnet);
                around.extend(self.group_of(subnet));
            }
        }
        around
    }
}

/// Both.
pub(super) struct Estates<'f> {
    now: Known<'f>,
    then: Known<'f>,
    /// What changes, and whom groups that change say that they guard.
    touched: AHashSet<&'f ArmId>,
    /// It may change at any interface.
    is_anywhere: bool,
    flow_logs: Vec<(&'f ArmId, &'f FlowLog)>,
    /// Groups as logs name them, by their ids or their numbers; none for what several have.
    logged: AHashMap<String, Option<&'f ArmId>>,
}

impl<'f> Estates<'f> {
    pub(super) fn of(facts: &'f FactSet, overlay: &'f Overlay) -> Self {
        let (now, then) = (Known::of(facts), Known::of(&overlay.facts));
        let mut touched: AHashSet<&ArmId> = AHashSet::new();
        let mut is_anywhere = overlay.is_wide;
        for (id, _) in &overlay.changes {
            touched.insert(id);
            for known in [&now, &then] {
                match known.0.get(id).map(|held| &held.asset) {
                    Some(Asset::SecurityGroup(group)) => {
                        touched.extend(group.subnets.iter().chain(&group.interfaces))
                    }
                    Some(Asset::AdminRules(_)) => is_anywhere = true,
                    _ => {}
                }
            }
        }
        let logs = facts.resources.iter().filter_map(|held| match &held.asset {
            Asset::FlowLog(log) => Some((&held.id, log)),
            _ => None,
        });
        let mut logged: AHashMap<String, Option<&ArmId>> = AHashMap::new();
        for held in &facts.resources {
            if let Asset::SecurityGroup(_) = &held.asset {
                let number = held.guid.as_ref().map(|guid| guid.to_ascii_lowercase());
                for name in number.into_iter().chain([held.id.as_str().to_ascii_lowercase()]) {
                    logged
                        .entry(name)
                        .and_modify(|known| *known = None)
                        .or_insert(Some(&held.id));
                }
            }
        }
        Self {
            flow_logs: logs.collect(),
            logged,
            now,
            then,
            touched,
            is_anywhere,
        }
    }

    /// The group that a log names, as the column `AclGroup` has it.
    pub(super) fn group_of(&self, logged: &str) -> Option<&'f ArmId> {
        self.logged.get(&logged.to_ascii_lowercase()).copied().flatten()
    }

    /// True if what changes may be about an interface: it itself, its subnet, or a group of either.
    pub(super) fn may_change(&self, id: &ArmId) -> bool {
        let is_touched = |known: &Known<'f>| {
            // The id as the facts have it lives as long as they do.
            let own = known.0.get_key_value(id).map(|(id, _)| *id);
            own.is_some_and(|id| known.around(id).iter().any(|id| self.touched.contains(id)))
        };
        self.is_anywhere || is_touched(&self.now) || is_touched(&self.then)
    }

    /// All interfaces of now and of then.
    pub(super) fn interfaces(&self) -> Vec<&'f ArmId> {
        let both = self.now.0.values().chain(self.then.0.values());
        let held = both.filter(|held| matches!(held.asset, Asset::Interface(_)));
        let mut interfaces: Vec<&ArmId> = held.map(|held| &held.id).collect();
        interfaces.sort_unstable();
        interfaces.dedup();
        interfaces
    }

    /// An interface as it is now.
    pub(super) fn interface(&self, id: &ArmId) -> Option<&'f Interface> {
        self.now.interface(id)
    }

    /// The machine or the interface, as people call it: `group/machine`.
    pub(super) fn workload(&self, id: &ArmId) -> Arc<str> {
        let held = self.now.interface(id).or_else(|| self.then.interface(id));
        let machine = held.and_then(|held| held.machine.as_ref());
        path(machine.unwrap_or(id)).into()
    }

    /// The flow logs that record an interface: its own, and those of its subnet, of its network and of the groups that guard it.
    pub(super) fn flow_logs(&self, id: &'f ArmId) -> Vec<(&'f ArmId, &'f FlowLog)> {
        let around = self.now.around(id);
        let networks: Vec<ArmId> = around.iter().filter_map(|id| id.parent()).collect();
        let is_here = |target: &ArmId| around.contains(&target) || networks.contains(target);
        let logs = self.flow_logs.iter();
        logs.filter(|(_, log)| log.target.as_ref().is_some_and(is_here))
            .copied()
            .collect()
    }
}

/// `group/name`, in lower case.
fn path(id: &ArmId) -> String {
    let group = id.resource_group().unwrap_or_default();
    format!("{group}/{}", id.name_in_group()).to_ascii_lowercase()
}
