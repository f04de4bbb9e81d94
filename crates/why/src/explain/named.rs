//! What the rules of an interface name and no export has.

use model::Direction;
use model::facts::{FactSet, Side};
use nsg::Guard;

use crate::hygiene::has_group;

/// Application security groups that rules of one direction name, and that are neither listed nor have a member that is known: Azure deletes none
/// that a rule names, so exports are of another time or of a part.
pub(super) fn groups_missing(guard: &Guard, facts: &FactSet, direction: Direction) -> Vec<String> {
    let mut missing = Vec::new();
    let rules = guard.rules().map(|(_, held)| held);
    for held in rules.filter(|held| held.rule.direction == direction) {
        let sides: [&Side; 2] = [&held.rule.source, &held.rule.destination];
        let named = sides.into_iter().flat_map(|side| &side.application_groups);
        for group in named.filter(|group| !has_group(facts, group)) {
            let of = held.owner.as_ref().map(|owner| format!(" of {}", owner.name()));
            missing.push(format!(
                "application security group `{}`, which rule `{}`{} names, is not among the facts: load `az network asg list` and all interfaces",
                group.name(),
                held.rule.name,
                of.unwrap_or_default()
            ));
        }
    }
    missing.dedup();
    missing
}
