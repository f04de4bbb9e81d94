//! Application security groups that rules name and that a load with a list of such groups, or of interfaces, does not have: Azure deletes
//! none that a rule names, so an export is of another time or of a part.

use std::path::PathBuf;

use inventory::{Problem, Reading};
use model::facts::{ArmId, Asset, FactSet, Rule};

/// File by file what rules name that is not there.
pub(super) fn groups<'f>(files: &'f [(PathBuf, Reading)], all: &FactSet) -> Vec<(&'f PathBuf, Vec<Problem>)> {
    let is_said =
        |held: &model::facts::Resource| matches!(held.asset, Asset::ApplicationGroup | Asset::Interface(_));
    if !all.resources.iter().any(is_said) {
        return Vec::new();
    }
    let found = files
        .iter()
        .map(|(path, reading)| (path, of_file(&reading.facts, all)));
    found.filter(|(_, problems)| !problems.is_empty()).collect()
}

fn of_file(facts: &FactSet, all: &FactSet) -> Vec<Problem> {
    let mut problems = Vec::new();
    for resource in &facts.resources {
        let Asset::SecurityGroup(group) = &resource.asset else {
            continue;
        };
        for rule in &group.rules {
            for (which, missing) in of_rule(rule).filter(|(_, named)| !is_known(all, named)) {
                problems.push(Problem {
                    path: format!("securityRules.{}.{which}ApplicationSecurityGroups", rule.name),
                    resource: Some(resource.id.to_string()),
                    message: format!(
                        "application security group `{}`, which rule `{}` names, is not among these exports: whom the rule is for is not known. `az network asg list` prints the groups",
                        missing.name(),
                        rule.name
                    ),
                });
            }
        }
    }
    problems
}

fn of_rule(rule: &Rule) -> impl Iterator<Item = (&'static str, &ArmId)> {
    let sides = [("source", &rule.source), ("destination", &rule.destination)];
    sides
        .into_iter()
        .flat_map(|(which, side)| side.application_groups.iter().map(move |group| (which, group)))
}

/// A group is known by itself, or by somebody who is in it.
fn is_known(all: &FactSet, group: &ArmId) -> bool {
    all.resources.iter().any(|held| match &held.asset {
        Asset::ApplicationGroup => held.id == *group,
        Asset::Interface(interface) => {
            let mut configurations = interface.configurations.iter();
            configurations.any(|one| one.application_groups.contains(group))
        }
        _ => false,
    })
}
