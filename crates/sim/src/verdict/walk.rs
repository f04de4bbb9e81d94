//! The walk: level by level, rule by rule, every possible way to its end.

use super::draw_rules::default_rules;
use super::estate::{Collection, Estate, Rule, network_of, same};
use super::known::{Match, View};
use super::matching::{is_platform, matches};
use super::{CaseFlow, Decision, Judgement};
use crate::rules::{Access, Direction};

/// Who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// No rule was met.
    Nobody,
    /// A rule that is not in the exports.
    Hidden,
    /// A rule of a group or a collection.
    Rule(String, String),
}

/// What a level may say.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// It has no group, or none of its rules matches.
    Nothing,
    /// A group lets it pass.
    Pass(By),
    /// A security admin rule leaves it to the groups.
    GoOn,
    /// A security admin rule delivers it.
    Deliver(By),
    /// It ends here.
    Deny(By),
}

pub(super) fn judge(estate: &Estate, flow: &CaseFlow) -> Judgement {
    let unknown = Judgement {
        decision: Decision::Unknown,
        decided_by: None,
    };
    let Some(interface) = estate.interface(&flow.interface) else {
        return unknown;
    };
    let own = match flow.direction {
        Direction::Inbound => flow.destination,
        Direction::Outbound => flow.source,
    };
    let configurations = &interface.configurations;
    let held = configurations.iter().find(|held| held.address == own);
    let Some(held) = held.or(configurations.first()) else {
        return unknown;
    };
    let view = View {
        estate,
        interface,
        subnet: &held.subnet,
    };
    match holds_for_endpoint(&view) {
        Match::Yes => {}
        Match::No => {
            return Judgement {
                decision: Decision::NotGoverned,
                decided_by: None,
            };
        }
        Match::Unknown => return unknown,
    }
    let effective = |is_of_subnet: bool| {
        let mut held = interface.effective.iter();
        held.find(|group| group.is_of_subnet == is_of_subnet)
    };
    let of_interface = match effective(false) {
        Some(group) => rules_level(&view, &group.id, &group.rules, flow),
        None => group_level(&view, interface.group.as_deref(), flow),
    };
    let of_subnet = match (effective(true), estate.subnet(view.subnet)) {
        (Some(group), _) => rules_level(&view, &group.id, &group.rules, flow),
        (None, Some(subnet)) => group_level(&view, subnet.group.as_deref(), flow),
        (None, None) => vec![Step::Nothing, Step::Pass(By::Hidden), Step::Deny(By::Hidden)],
    };
    let admin = admin_level(&view, flow);
    let levels = match flow.direction {
        Direction::Inbound => [admin, of_subnet, of_interface],
        Direction::Outbound => [admin, of_interface, of_subnet],
    };
    let if_nobody = if is_platform(flow.source) || is_platform(flow.destination) {
        Decision::NotGoverned
    } else {
        Decision::Allowed
    };
    let mut ends = Vec::new();
    follow(&levels, &By::Nobody, if_nobody, &mut ends);
    merged(ends).unwrap_or(unknown)
}

/// Goes through the levels by every step that each may take. `last` is the last rule that let the flow pass.
fn follow(levels: &[Vec<Step>], last: &By, if_nobody: Decision, ends: &mut Vec<(Decision, By)>) {
    let Some((level, rest)) = levels.split_first() else {
        let decision = match last {
            By::Nobody => if_nobody,
            By::Hidden | By::Rule(..) => Decision::Allowed,
        };
        ends.push((decision, last.clone()));
        return;
    };
    for step in level {
        match step {
            Step::Nothing | Step::GoOn => follow(rest, last, if_nobody, ends),
            Step::Pass(by) => follow(rest, by, if_nobody, ends),
            Step::Deliver(by) => ends.push((Decision::Allowed, by.clone())),
            Step::Deny(by) => ends.push((Decision::Denied, by.clone())),
        }
    }
}

/// What is the same at all ends.
fn merged(ends: Vec<(Decision, By)>) -> Option<Judgement> {
    let mut ends = ends.into_iter();
    let (mut decision, by) = ends.next()?;
    let mut decided_by = Some(by);
    for (other, by) in ends {
        if other != decision {
            decision = Decision::Unknown;
        }
        if decided_by.as_ref() != Some(&by) {
            decided_by = None;
        }
    }
    let decided_by = match decided_by {
        Some(By::Rule(owner, rule)) if decision != Decision::Unknown => Some((owner, rule)),
        _ => None,
    };
    Some(Judgement { decision, decided_by })
}

fn group_level(view: &View<'_>, group: Option<&str>, flow: &CaseFlow) -> Vec<Step> {
    let Some(id) = group else {
        return vec![Step::Nothing];
    };
    let Some(group) = view.estate.group(id) else {
        let mut steps = vec![Step::Pass(By::Hidden), Step::Deny(By::Hidden)];
        if is_platform(flow.source) || is_platform(flow.destination) {
            steps.push(Step::Nothing);
        }
        return steps;
    };
    rules_level(view, &group.id, &group.rules, flow)
}

fn rules_level(view: &View<'_>, id: &str, rules: &[Rule], flow: &CaseFlow) -> Vec<Step> {
    let has_default = rules
        .iter()
        .any(|rule| rule.is_default && rule.direction == flow.direction);
    let added = if has_default { Vec::new() } else { default_rules() };
    let rules = rules.iter().chain(&added);
    let found = rules.map(|rule| (rule, matches(view, rule, flow)));
    let found = first_matches(found.collect());
    found
        .into_iter()
        .map(|rule| {
            let by = |rule: &Rule| By::Rule(id.to_owned(), rule.name.clone());
            match rule {
                None => Step::Nothing,
                Some(rule) if rule.access == Access::Deny => Step::Deny(by(rule)),
                Some(rule) => Step::Pass(by(rule)),
            }
        })
        .collect()
}

/// Whether rules hold for an interface: reading 20.
fn holds_for_endpoint(view: &View<'_>) -> Match {
    if view.interface.private_endpoint.is_none() {
        return Match::Yes;
    }
    let subnet = view.estate.subnet(view.subnet);
    match subnet.and_then(|subnet| subnet.endpoint_policies) {
        None => Match::Unknown,
        Some(policies) => Match::of(matches!(policies, "Enabled" | "NetworkSecurityGroupEnabled")),
    }
}

fn admin_level(view: &View<'_>, flow: &CaseFlow) -> Vec<Step> {
    let mut found = Vec::new();
    for collection in &view.estate.collections {
        let holds = holds_for(collection, network_of(view.subnet));
        for rule in &collection.rules {
            found.push((rule, Match::all([holds, matches(view, rule, flow)])));
        }
    }
    let owner = |rule: &Rule| {
        let mut collections = view.estate.collections.iter();
        let held = collections.find(|held| held.rules.iter().any(|held| std::ptr::eq(held, rule)));
        held.map_or_else(String::new, |held| held.id.clone())
    };
    let found = first_matches(found).into_iter();
    found
        .map(|rule| {
            let Some(rule) = rule else {
                return Step::Nothing;
            };
            let by = By::Rule(owner(rule), rule.name.clone());
            match rule.access {
                Access::Allow => Step::GoOn,
                Access::AlwaysAllow => Step::Deliver(by),
                Access::Deny => Step::Deny(by),
            }
        })
        .collect()
}

/// Whether a collection is for a network: reading 15.
fn holds_for(collection: &Collection, network: &str) -> Match {
    let is_member = collection.members.iter().any(|member| {
        let behind = network.get(member.len()..).unwrap_or_default();
        let begins = network
            .get(..member.len())
            .is_some_and(|begin| same(begin, member));
        begins && (behind.is_empty() || behind.starts_with('/'))
    });
    if is_member {
        Match::Yes
    } else if collection.members.is_empty() || !collection.network_groups.is_empty() {
        Match::Unknown
    } else {
        Match::No
    }
}

/// The rules that may be the first that matches; none stands for no rule at all.
fn first_matches(mut rules: Vec<(&Rule, Match)>) -> Vec<Option<&Rule>> {
    rules.sort_by_key(|(rule, _)| rule.priority);
    let mut first = Vec::new();
    for tied in rules.chunk_by(|(left, _), (right, _)| left.priority == right.priority) {
        for (rule, found) in tied {
            if *found != Match::No {
                first.push(Some(*rule));
            }
        }
        if tied.iter().any(|(_, found)| *found == Match::Yes) {
            return first;
        }
    }
    first.push(None);
    first
}
