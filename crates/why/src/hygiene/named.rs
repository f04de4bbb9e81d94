//! What rules name and nobody knows: texts that could not be read, groups and tags that facts do not have.

use model::facts::{AddressSpec, ArmId, Asset, FactSet, Side};
use nsg::{HeldRule, Problem};

/// Tags that mean something without a list of their addresses.
const KNOWN_TAGS: [&str; 7] = [
    "Any",
    "VirtualNetwork",
    "Internet",
    "AzureLoadBalancer",
    "AzurePlatformDNS",
    "AzurePlatformIMDS",
    "AzurePlatformLKM",
];

fn problem(owner: &ArmId, held: &HeldRule, side: &str, message: String) -> Problem {
    Problem {
        resource: Some(owner.clone()),
        path: format!("securityRules.{}.{side}", held.rule.name),
        message,
    }
}

fn sides(held: &HeldRule) -> [(&Side, &'static str); 2] {
    [
        (&held.rule.source, "source"),
        (&held.rule.destination, "destination"),
    ]
}

/// What could not be read.
pub(super) fn unread(owner: &ArmId, rules: &[HeldRule]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for held in rules {
        for (side, name) in sides(held) {
            for (texts, what) in [
                (&side.unread_addresses, "addresses"),
                (&side.unread_ports, "ports"),
            ] {
                for text in texts {
                    let message = match text == Side::NOTHING {
                        true => format!(
                            "it does not say its {name} {what}, so what the rule matches is not known"
                        ),
                        false => {
                            format!("what `{text}` means is not known, so what the rule matches is not")
                        }
                    };
                    problems.push(problem(owner, held, name, message));
                }
            }
        }
    }
    problems
}

/// What is named and is not among the facts.
pub(super) fn missing(facts: &FactSet, owner: &ArmId, rules: &[HeldRule]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for held in rules {
        for (side, name) in sides(held) {
            for group in side
                .application_groups
                .iter()
                .filter(|group| !has_group(facts, group))
            {
                let message = format!(
                    "application security group `{}` is not among the facts",
                    group.name()
                );
                problems.push(problem(owner, held, name, message));
            }
            for group in &side.network_groups {
                let message = format!("the members of network group `{}` are not known", group.name());
                problems.push(problem(owner, held, name, message));
            }
            for tag in tags(side).filter(|tag| side.expanded.is_empty() && !has_tag(facts, tag)) {
                let message = format!("the addresses of service tag `{tag}` are not known");
                problems.push(problem(owner, held, name, message));
            }
        }
    }
    problems
}

fn tags(side: &Side) -> impl Iterator<Item = &str> {
    side.addresses.iter().filter_map(|address| match address {
        AddressSpec::Tag(name) => Some(name.as_str()),
        _ => None,
    })
}

fn has_tag(facts: &FactSet, name: &str) -> bool {
    let is_it = |held: &str| held.eq_ignore_ascii_case(name);
    let mut listed = facts.tags.iter().flat_map(|set| &set.tags);
    KNOWN_TAGS.iter().any(|held| is_it(held)) || listed.any(|tag| is_it(&tag.name))
}

/// A group is known by itself, or by somebody who is in it.
pub(crate) fn has_group(facts: &FactSet, group: &ArmId) -> bool {
    facts.resources.iter().any(|held| match &held.asset {
        Asset::ApplicationGroup => held.id == *group,
        Asset::Interface(interface) => interface
            .configurations
            .iter()
            .any(|one| one.application_groups.contains(group)),
        _ => false,
    })
}
