//! Rules that do not say what they are for. Read as they stand they match nothing, which nobody means: what was left out, or
//! mistyped, is not known.

use model::facts::{ArmId, Asset, Rule, Side};
use nsg::Problem;

use super::Proposal;

/// What stands in place of what a side does not say.
const NOTHING: &str = "(nothing)";

impl Proposal {
    /// Leaves open what rules do not say, and tells it.
    pub fn leave_gaps_open(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for resource in &mut self.facts.resources {
            let rules = match &mut resource.asset {
                Asset::SecurityGroup(held) => &mut held.rules,
                Asset::AdminRules(held) => &mut held.rules,
                _ => continue,
            };
            for rule in rules {
                problems.extend(opened(&resource.id, rule));
            }
        }
        problems
    }
}

fn opened(id: &ArmId, rule: &mut Rule) -> Vec<Problem> {
    let mut problems = Vec::new();
    let name = rule.name.clone();
    for (side, which) in [
        (&mut rule.source, "source"),
        (&mut rule.destination, "destination"),
    ] {
        let mut tell = |what: &str, property: &str| {
            problems.push(Problem {
                resource: Some(id.clone()),
                path: format!("securityRules.{name}.{which}{property}"),
                message: format!(
                    "rule `{name}` does not say its {which} {what}, so it is not known what it matches"
                ),
            });
        };
        if has_no_addresses(side) {
            side.unread_addresses.push(NOTHING.to_owned());
            tell("addresses", "AddressPrefix");
        }
        if side.ports.is_empty() && side.unread_ports.is_empty() {
            side.unread_ports.push(NOTHING.to_owned());
            tell("ports", "PortRange");
        }
    }
    problems
}

const fn has_no_addresses(side: &Side) -> bool {
    side.addresses.is_empty()
        && side.application_groups.is_empty()
        && side.network_groups.is_empty()
        && side.expanded.is_empty()
        && side.unread_addresses.is_empty()
}
