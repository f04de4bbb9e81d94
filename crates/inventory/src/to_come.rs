//! What a plan of Terraform leaves open: the properties that are known only after it was applied.

use crate::node::Node;
use crate::problem::ToCome;

/// Of each resource that changes, by its address in the plan.
pub(crate) fn of_changes(changes: &[Node<'_>]) -> Vec<(String, Vec<ToCome>)> {
    let by_rules: Vec<String> = changes.iter().filter_map(group_of_a_single_rule).collect();
    let to_come = changes.iter().filter_map(|change| {
        let address = change.text(&["address"])?;
        let held = change.get(&["change"])?;
        let mut all = to_come(&address, &held);
        if is_made_by_single_rules(&held, &by_rules) {
            all.retain(|held| held.rule.is_some() || held.property != RULES);
        }
        Some((address, all))
    });
    to_come.collect()
}

/// Where a group lists its rules.
const RULES: &str = "security_rule";

/// Where a network lists its subnets.
const SUBNETS: &str = "subnet";
/// What is told where a plan leaves open which groups guard some of them.
pub(crate) const GUARD_OF_SUBNETS: &str = "subnet.security_group";

/// True where of some subnet in the list it is not known which group guards it. A list of subnets has no order, so which one that is,
/// is not known either.
fn leaves_guards(open: &Node<'_>) -> bool {
    let is_open = |held: &Node<'_>| held.value.as_bool() == Some(true);
    let parts = open.parts();
    parts
        .iter()
        .any(|part| is_open(part) || part.member("security_group").as_ref().is_some_and(is_open))
}

/// The name of the group that a change is to give a rule of its own.
fn group_of_a_single_rule(change: &Node<'_>) -> Option<String> {
    let kind = change.text(&["type"])?;
    let after = change.get(&["change"])?.get(&["after"])?;
    let group =
        (kind == "azurerm_network_security_rule").then(|| after.text(&["network_security_group_name"]));
    group.flatten()
}

/// True for a group that is made and whose rules are resources of their own: the provider fills in its list, which the plan leaves open.
fn is_made_by_single_rules(change: &Node<'_>, groups: &[String]) -> bool {
    let is_made = change
        .all(&["actions"])
        .iter()
        .any(|action| action.as_text().as_deref() == Some("create"));
    let name = change.get(&["after"]).and_then(|after| after.text(&["name"]));
    is_made && name.is_some_and(|name| groups.iter().any(|group| group.eq_ignore_ascii_case(&name)))
}

/// The properties that are known only after apply: of the resource, and of the rules that a group lists.
fn to_come(address: &str, change: &Node<'_>) -> Vec<ToCome> {
    let mut all = Vec::new();
    let Some(open) = change.member("after_unknown") else {
        return all;
    };
    let after = change.member("after").and_then(|after| after.member(RULES));
    let rules = after.map(|after| after.parts()).unwrap_or_default();
    let of_rules = open.member(RULES).map(|open| open.parts()).unwrap_or_default();
    // Of an element nothing is known.
    if of_rules.iter().any(|open| open.value.as_bool() == Some(true)) {
        all.push(ToCome {
            address: address.to_owned(),
            rule: None,
            property: RULES.to_owned(),
        });
    }
    if open.member(SUBNETS).is_some_and(|open| leaves_guards(&open)) {
        all.push(ToCome {
            address: address.to_owned(),
            rule: None,
            property: GUARD_OF_SUBNETS.to_owned(),
        });
    }
    let mut take = |open: &Node<'_>, rule: Option<String>| {
        let open = open
            .members()
            .into_iter()
            .filter(|(_, held)| held.value.as_bool() == Some(true));
        all.extend(open.map(|(property, _)| ToCome {
            address: address.to_owned(),
            rule: rule.clone(),
            property: property.to_owned(),
        }));
    };
    take(&open, None);
    for (rule, open) in rules.iter().zip(&of_rules) {
        if let Some(name) = rule.text(&["name"]) {
            take(open, Some(name));
        }
    }
    all
}
