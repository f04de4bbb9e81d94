//! Groups that what is proposed names and that are not there: application security groups of a rule, and groups that are deleted.
//! Azure would refuse both, so whom the rule is for, or who guards, is not known.

use ahash::AHashSet;
use enrich::Change;
use model::facts::{ArmId, Asset, FactSet, Rule};
use nsg::Problem;

/// Tells them, and leaves open whom the rules are for.
pub(super) fn open_missing(now: &FactSet, then: &mut FactSet, changes: &[(ArmId, Change)]) -> Vec<Problem> {
    let changed: AHashSet<&ArmId> = changes.iter().map(|(id, _)| id).collect();
    let known = known(then);
    let mut problems = Vec::new();
    for resource in then
        .resources
        .iter_mut()
        .filter(|held| changed.contains(&held.id))
    {
        let id = resource.id.clone();
        let before = now.asset(&id).map(rules).unwrap_or_default();
        let Asset::SecurityGroup(group) = &mut resource.asset else {
            continue;
        };
        for rule in group.rules.iter_mut().filter(|rule| !before.contains(rule)) {
            let name = rule.name.clone();
            for (side, which) in [
                (&mut rule.source, "source"),
                (&mut rule.destination, "destination"),
            ] {
                let missing = side
                    .application_groups
                    .extract_if(.., |group| !known.contains(group));
                for missing in missing.collect::<Vec<_>>() {
                    problems.push(Problem {
                        resource: Some(id.clone()),
                        path: format!("securityRules.{name}.{which}ApplicationSecurityGroups"),
                        message: format!(
                            "application security group `{}`, which rule `{name}` names, is neither among the facts nor proposed: whom the rule is for is not known. `az network asg list` says which there are",
                            missing.name()
                        ),
                    });
                    side.unread_addresses.push(missing.name().to_owned());
                }
            }
        }
    }
    problems
}

/// Groups that are deleted and guard somebody all the same: what guards then is not known, and Azure refuses it.
pub(super) fn open_deleted(then: &mut FactSet, deleted: &[ArmId]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for resource in &mut then.resources {
        let place = match &mut resource.asset {
            Asset::Subnet(held) => &mut held.security_group,
            Asset::Interface(held) => &mut held.security_group,
            _ => continue,
        };
        let Some(group) = place.as_ref().filter(|group| deleted.contains(group)) else {
            continue;
        };
        problems.push(Problem {
            resource: Some(group.clone()),
            path: String::new(),
            message: format!(
                "network security group `{}` is deleted by what is proposed, and guards `{}` all the same: which group is to guard \
                 that is not known, and Azure refuses to delete one that guards",
                group.name(),
                resource.id.name()
            ),
        });
        *place = ArmId::group_proposed();
    }
    problems
}

fn rules(asset: &Asset) -> &[Rule] {
    match asset {
        Asset::SecurityGroup(group) => &group.rules,
        _ => &[],
    }
}

/// Groups that are listed, or that have members.
fn known(then: &FactSet) -> AHashSet<ArmId> {
    let mut known = AHashSet::new();
    for resource in &then.resources {
        match &resource.asset {
            Asset::ApplicationGroup => {
                known.insert(resource.id.clone());
            }
            Asset::Interface(held) => {
                let configurations = held.configurations.iter();
                known.extend(configurations.flat_map(|one| one.application_groups.iter().cloned()));
            }
            _ => {}
        }
    }
    known
}
