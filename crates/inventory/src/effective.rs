//! What Azure computed for an interface: the rules and the routes that hold there, and the view of a machine's groups.

use ipnet::IpNet;
use model::facts::{
    AddressSpec, ArmId, EffectiveGroup, EffectiveRoute, EffectiveRoutes, EffectiveRules, Rule, prefix,
};

use crate::node::Node;
use crate::rule::{put, rule};

/// Rules that hold at an interface: `value[]` of `list-effective-nsg`, and PowerShell's list.
pub(crate) fn rules(groups: &[Node<'_>]) -> EffectiveRules {
    let groups: Vec<EffectiveGroup> = groups.iter().map(group).collect();
    let interface = groups
        .iter()
        .filter_map(|group| group.association.as_ref())
        .find(|association| is_interface(association));
    EffectiveRules {
        interface: interface.cloned(),
        groups,
    }
}

fn is_interface(id: &ArmId) -> bool {
    let kind = id.kind().unwrap_or_default();
    kind.to_ascii_lowercase().ends_with("/networkinterfaces")
}

fn group(node: &Node<'_>) -> EffectiveGroup {
    let association = node.get(&["association"]);
    let guarded = association.and_then(|held| held.id("networkInterface").or_else(|| held.id("subnet")));
    let (mut rules, left_out) = expanded_rules(node);
    expand(&mut rules, node);
    EffectiveGroup {
        rules,
        left_out,
        group: node.id("networkSecurityGroup"),
        association: guarded,
    }
}

/// Beside its rules a group may have the addresses of their tags, for all of them together. A side of tags alone whose addresses do not
/// stand with the rule is made of those, if all its tags are there.
fn expand(rules: &mut [Rule], node: &Node<'_>) {
    let Some(map) = node.get(&["tagMap"]) else {
        return;
    };
    let known: Vec<(String, Vec<IpNet>)> = map
        .members()
        .into_iter()
        .map(|(tag, _)| (tag.to_ascii_lowercase(), map.prefixes(&[tag])))
        .collect();
    for side in rules
        .iter_mut()
        .flat_map(|rule| [&mut rule.source, &mut rule.destination])
    {
        let of_tag = |address: &AddressSpec| match address {
            AddressSpec::Tag(name) => {
                let mut known = known.iter();
                let found = known.find(|(tag, _)| name.eq_ignore_ascii_case(tag))?;
                Some(found.1.clone())
            }
            _ => None,
        };
        let expanded: Option<Vec<Vec<IpNet>>> = side.addresses.iter().map(of_tag).collect();
        if side.expanded.is_empty()
            && let Some(expanded) = expanded
        {
            side.expanded = expanded.concat();
            side.expanded.sort_unstable();
            side.expanded.dedup();
        }
    }
}

/// `securityRules/x`, `UserRule_x`; `defaultSecurityRules/x`, `DefaultRule_x`, `DefaultInboundDenyAll`.
fn expanded_rules(node: &Node<'_>) -> (Vec<Rule>, Vec<String>) {
    let (mut rules, mut left_out) = (Vec::new(), Vec::new());
    for written in node.all(&["effectiveSecurityRules"]) {
        let name = written.text(&["name"]).unwrap_or_default();
        let is_default = name.to_ascii_lowercase().starts_with("default");
        let own = own_name(&name).to_owned();
        match rule(&written, is_default) {
            Some(held) => rules.push(Rule { name: own, ..held }),
            None => left_out.push(own),
        }
    }
    (rules, left_out)
}

fn own_name(name: &str) -> &str {
    let own = name.split_once('/').or_else(|| {
        name.split_once('_').filter(|(kind, _)| {
            ["UserRule", "DefaultRule"]
                .iter()
                .any(|known| kind.eq_ignore_ascii_case(known))
        })
    });
    own.map_or(name, |(_, own)| own)
}

/// True for the view of a machine's groups, `az network watcher show-security-group-view`.
pub(crate) fn is_view(node: &Node<'_>) -> bool {
    let interfaces = node.list("networkInterfaces").unwrap_or_default();
    interfaces
        .iter()
        .any(|interface| interface.get(&["securityRuleAssociations"]).is_some())
}

/// For each interface the groups that guard it and its subnet. The view has Azure's own list of what holds beside them; what that
/// says of tags is put to the rules, and rules that stand in no group hold in each.
pub(crate) fn view(node: &Node<'_>) -> Vec<EffectiveRules> {
    let interfaces = node.all(&["networkInterfaces"]);
    interfaces.iter().filter_map(viewed).collect()
}

fn viewed(node: &Node<'_>) -> Option<EffectiveRules> {
    let held = node.get(&["securityRuleAssociations"])?;
    // Documentation of old has it without its third `i`.
    let own = held.get(&["networkInterfaceAssociation", "networkInterfaceAssocation"]);
    let of_subnet = held.get(&["subnetAssociation"]);
    let interface = node.get(&["id"]).and_then(|id| id.as_id());
    let interface = interface.or_else(|| own.as_ref()?.get(&["id"])?.as_id());
    node.report.resource(interface.as_ref().map(ArmId::to_string));
    let default: Vec<Rule> = held
        .all(&["defaultSecurityRules"])
        .iter()
        .filter_map(|written| rule(written, true))
        .collect();
    let (expanded, left_out) = expanded_rules(&held);
    let associations: Vec<Node<'_>> = own.into_iter().chain(of_subnet).collect();
    let mut groups: Vec<EffectiveGroup> = associations
        .iter()
        .filter_map(|association| guarding(association, &default))
        .collect();
    if groups.is_empty() {
        groups.push(EffectiveGroup {
            group: None,
            association: interface.clone(),
            rules: expanded,
            left_out,
        });
    } else {
        put_together(&mut groups, &expanded);
        for group in &mut groups {
            group.left_out.extend(left_out.iter().cloned());
        }
    }
    node.report.resource(None);
    Some(EffectiveRules { interface, groups })
}

/// A group, which its rules' ids name. Whether an association without rules is one of a group cannot be known.
fn guarding(association: &Node<'_>, default: &[Rule]) -> Option<EffectiveGroup> {
    let written = association.all(&["securityRules"]);
    if written.is_empty() {
        association.problem("it names no rule: whether a group guards it is not known from this");
        return None;
    }
    let of = |rule: &Node<'_>| rule.get(&["id"])?.as_id()?.parent();
    let (mut rules, mut left_out) = (Vec::new(), Vec::new());
    for written in &written {
        put(written, rule(written, false), &mut rules, &mut left_out);
    }
    rules.extend(default.iter().cloned());
    Some(EffectiveGroup {
        group: written.iter().find_map(of),
        association: association.get(&["id"]).and_then(|id| id.as_id()),
        rules,
        left_out,
    })
}

fn put_together(groups: &mut [EffectiveGroup], expanded: &[Rule]) {
    let is_same = |left: &Rule, right: &Rule| {
        left.name.eq_ignore_ascii_case(&right.name)
            && left.direction == right.direction
            && left.priority == right.priority
    };
    for held in expanded {
        let mut is_known = false;
        let all = groups.iter_mut().flat_map(|group| &mut group.rules);
        for rule in all.filter(|rule| is_same(rule, held)) {
            is_known = true;
            rule.source.expanded.clone_from(&held.source.expanded);
            rule.destination.expanded.clone_from(&held.destination.expanded);
        }
        if !is_known {
            groups.iter_mut().for_each(|group| group.rules.push(held.clone()));
        }
    }
}

/// True for a route that holds at an interface: unlike one of a table it says where it comes from.
pub(crate) fn is_route(node: &Node<'_>) -> bool {
    node.get(&["nextHopType"]).is_some() && node.get(&["source"]).is_some() && node.get(&["id"]).is_none()
}

/// Routes that hold at an interface: `value[]` of `show-effective-route-table`, and PowerShell's list.
pub(crate) fn routes(routes: &[Node<'_>]) -> EffectiveRoutes {
    EffectiveRoutes {
        interface: None,
        routes: routes.iter().map(route).collect(),
    }
}

fn route(node: &Node<'_>) -> EffectiveRoute {
    let mut tags: Vec<String> = node
        .all(&["destinationServiceTags"])
        .iter()
        .filter_map(|tag| tag.as_text())
        .collect();
    let mut prefixes = Vec::new();
    for held in node.all(&["addressPrefix"]) {
        match held.as_text() {
            None => held.problem("an address prefix was expected here"),
            Some(text) => match prefix(&text) {
                Some(prefix) => prefixes.push(prefix),
                None if text.starts_with(|first: char| first.is_ascii_alphabetic()) => tags.push(text),
                None => held.problem(&format!(
                    "`{text}` is neither an address prefix nor a service tag"
                )),
            },
        }
    }
    let hops = node.all(&["nextHopIpAddress"]);
    EffectiveRoute {
        name: node.text(&["name"]),
        prefixes,
        tags,
        next_hop: node.text(&["nextHopType"]).unwrap_or_default(),
        next_hop_addresses: hops.iter().filter_map(Node::as_address).collect(),
        source: node.text(&["source"]),
        is_active: node
            .text(&["state"])
            .map(|state| state.eq_ignore_ascii_case("Active")),
    }
}
