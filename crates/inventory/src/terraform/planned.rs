//! What of a plan is known only after it was applied, and what resources refer to by then: where an id is not known yet, the plan's own
//! configuration says whose it is.

use std::collections::BTreeMap;

use model::facts::ArmId;

use super::TYPES;
use crate::node::Node;
use crate::problem::ToCome;
use crate::to_come;

/// Parts of balancers that others refer to, and what they are in Azure.
const PARTS: [(&str, &str); 2] = [
    ("azurerm_lb_backend_address_pool", "backendAddressPools"),
    ("azurerm_lb_nat_rule", "inboundNatRules"),
];

/// What a property refers to.
type References = BTreeMap<String, Vec<String>>;

/// What a plan says beside its resources.
#[derive(Default)]
pub(super) struct Planned {
    /// The ids of resources by their addresses in the plan.
    ids: BTreeMap<String, ArmId>,
    /// Of each resource, by its address without an index, what its properties refer to.
    references: BTreeMap<String, References>,
    to_come: BTreeMap<String, Vec<ToCome>>,
}

/// A resource of a plan and what its properties refer to.
#[derive(Clone, Copy)]
pub(crate) struct Meant<'p> {
    planned: &'p Planned,
    address: &'p str,
}

impl Planned {
    pub(super) fn of(node: &Node<'_>, root: &Node<'_>) -> Self {
        let mut planned = Self::default();
        if let Some(written) = node.get(&["configuration"])
            && let Some(written) = written.get(&["root_module"])
        {
            planned.refer(&written, "", 0);
        }
        let mut parts = Vec::new();
        planned.name(root, &mut parts, 0);
        for (address, kind, values) in &parts {
            let balancer = planned.meant(address).id(values, "loadbalancer");
            let id = balancer.zip(values.text(&["name"]));
            let id = id.map(|(balancer, name)| balancer.part(kind, &name));
            planned.ids.extend(id.map(|id| (address.clone(), id)));
        }
        let changes = node.all(&["resource_changes"]);
        planned.to_come = to_come::of_changes(&changes).into_iter().collect();
        planned
    }

    pub(super) fn to_come_of(&self, address: &str) -> Vec<ToCome> {
        self.to_come.get(address).cloned().unwrap_or_default()
    }

    pub(super) const fn meant<'p>(&'p self, address: &'p str) -> Meant<'p> {
        Meant {
            planned: self,
            address,
        }
    }

    /// Takes what resources refer to, also those of modules inside.
    fn refer(&mut self, module: &Node<'_>, prefix: &str, depth: usize) {
        for resource in module.all(&["resources"]) {
            let (Some(address), Some(said)) = (resource.text(&["address"]), resource.get(&["expressions"]))
            else {
                continue;
            };
            let mut references = References::new();
            for (property, held) in said.members() {
                let named = held.all(&["references"]);
                let named = named.iter().filter_map(Node::as_text);
                let named = named.map(|named| format!("{prefix}{named}"));
                references.insert(property.to_owned(), named.collect());
            }
            self.references.insert(format!("{prefix}{address}"), references);
        }
        let calls = module.get(&["module_calls"]).filter(|_| depth < super::DEPTH_MAX);
        for (name, call) in calls.iter().flat_map(Node::members) {
            if let Some(inside) = call.get(&["module"]) {
                self.refer(&inside, &format!("{prefix}module.{name}."), depth + 1);
            }
        }
    }

    /// Takes the ids of resources; those of parts of balancers need the balancers' first.
    fn name<'v>(
        &mut self,
        module: &Node<'v>,
        parts: &mut Vec<(String, &'static str, Node<'v>)>,
        depth: usize,
    ) {
        for resource in module.all(&["resources"]) {
            let (Some(address), Some(kind)) = (resource.text(&["address"]), resource.text(&["type"])) else {
                continue;
            };
            let Some(values) = resource.get(&["values"]) else {
                continue;
            };
            if let Some((_, azure)) = TYPES.iter().find(|(held, _)| *held == kind) {
                self.ids
                    .extend(super::known_id(&values, azure).map(|id| (address, id)));
            } else if let Some((_, azure)) = PARTS.iter().find(|(held, _)| *held == kind) {
                parts.push((address, azure, values));
            }
        }
        for inside in module.all(&["child_modules"]) {
            if depth < super::DEPTH_MAX {
                self.name(&inside, parts, depth + 1);
            }
        }
    }
}

impl Meant<'_> {
    /// The id under a name: `subnet` is said by `subnet_id`.
    pub(crate) fn id(&self, values: &Node<'_>, name: &str) -> Option<ArmId> {
        let said = values.id(name);
        said.or_else(|| self.only(&format!("{name}_id")))
    }

    /// What a property refers to, if it is one resource.
    pub(crate) fn only(&self, property: &str) -> Option<ArmId> {
        match self.all(property).as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// What a property refers to. Of several of one name that one is meant which has the index that the resource itself has, where it
    /// is asked for by that.
    pub(crate) fn all(&self, property: &str) -> Vec<ArmId> {
        let (own, index) = match self.address.find('[').filter(|_| self.address.ends_with(']')) {
            Some(at) => self.address.split_at(at),
            None => (self.address, ""),
        };
        let named = self.planned.references.get(own);
        let named = named.and_then(|held| held.get(property));
        let named: &[String] = named.map(Vec::as_slice).unwrap_or_default();
        let ends = |ends: &str| named.iter().any(|held| held.ends_with(ends));
        let has_own_index = (ends("each.key") || ends("count.index")) && !ends("each.value");
        let mut ids: Vec<ArmId> = Vec::new();
        for held in named {
            let known = &self.planned.ids;
            let id = known
                .get(held)
                .or_else(|| known.get(&format!("{held}{index}")).filter(|_| has_own_index));
            if let Some(id) = id
                && !ids.contains(id)
            {
                ids.push(id.clone());
            }
        }
        ids
    }
}
