//! Rules of network security groups and of security admin configurations, in every spelling (FORMATS.md 5.1).

use model::Direction;
use model::facts::{
    Access, AddressSpec, AdminRules, ArmId, PortRange, Rule, RuleProtocol, SecurityGroup, Side, SidePart,
    prefix, sides_of,
};

use crate::listed;
use crate::node::Node;
use crate::rule_properties::{may_be_its_place, say_unknown};

/// Whether a side without addresses or ports is any, as in security admin rules, or none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    IsAny,
    IsNothing,
}

/// Without these nothing but the name of a rule is known.
const CORE: [&str; 5] = ["priority", "direction", "access", "action", "protocol"];

/// Where a group lists its own rules.
const OWN: [&str; 2] = ["securityRules", "securityRule"];

pub(crate) fn group(node: &Node<'_>) -> SecurityGroup {
    let own = node.all(&OWN);
    let default = node.all(&["defaultSecurityRules"]);
    let (mut rules, mut left_out) = (Vec::new(), Vec::new());
    listed::put_own(&own, &mut rules, &mut left_out);
    listed::put_default(&default, &mut rules, &mut left_out);
    if has_more(node) {
        put_more(&mut left_out);
    }
    SecurityGroup {
        rules,
        left_out,
        subnets: node.ids("subnets"),
        interfaces: node.ids("networkInterfaces"),
        ..SecurityGroup::default()
    }
}

/// True where the group has rules that its list does not tell; of those that a plan leaves open it is said.
fn has_more(node: &Node<'_>) -> bool {
    let is_unknown = |part: &Node<'_>| part.unknown().is_some();
    let lists = OWN.iter().filter_map(|name| node.get(&[name]));
    let has_unknown = lists
        .flat_map(|list| list.all_elements())
        .any(|rule| is_unknown(&rule) || rule.member("name").as_ref().is_some_and(is_unknown));
    let to_come = node.report.first_to_come(&["security_rule"]);
    if let Some(held) = &to_come {
        node.say(&format!(
            "{held}: which rules the group has is not known, nor what becomes of flows that they may decide"
        ));
    }
    has_unknown || to_come.is_some()
}

/// There are rules of which not even the names are known.
pub(crate) fn put_more(left_out: &mut Vec<String>) {
    if !left_out.iter().any(|held| held == SecurityGroup::NOT_KNOWN) {
        left_out.push(SecurityGroup::NOT_KNOWN.to_owned());
    }
}

/// Takes a rule, once: exported templates have each twice. Of one that cannot be used its name stays, or that there is one.
pub(crate) fn put(node: &Node<'_>, rule: Option<Rule>, rules: &mut Vec<Rule>, left_out: &mut Vec<String>) {
    let Some(rule) = rule else {
        match name(node) {
            Some(name) if left_out.contains(&name) => {}
            Some(name) => left_out.push(name),
            None => put_more(left_out),
        }
        return;
    };
    let known = |held: &Rule| held.name.eq_ignore_ascii_case(&rule.name) && held.direction == rule.direction;
    if !rules.iter().any(known) {
        rules.push(rule);
    }
}

/// A collection of security admin rules without its rules, which are resources of their own: what it is for.
pub(crate) fn collection(node: &Node<'_>) -> AdminRules {
    let mut held = AdminRules::default();
    // Groups whose members are all listed, as no condition finds others.
    let mut listed: Vec<ArmId> = Vec::new();
    for applied in node.all(&["appliesToGroups", "ruleCollectionAppliesToGroups"]) {
        held.network_groups.extend(applied.id("networkGroup"));
    }
    // Terraform.
    held.network_groups.extend(node.ids("networkGroups"));
    for group in node.all(&["ruleGroups"]) {
        let id = group.as_id();
        match has_only_members(&group) {
            true => listed.extend(id),
            false => held.network_groups.extend(id),
        }
        for member in group.all(&["groupMembers"]) {
            held.scopes.extend(member.id("resource"));
        }
    }
    held.network_groups.retain(|group| !listed.contains(group));
    for list in [&mut held.network_groups, &mut held.scopes] {
        list.sort_unstable();
        list.dedup();
    }
    held
}

/// True if a network group lists its members and says that no condition finds others.
fn has_only_members(group: &Node<'_>) -> bool {
    let places = [Some(group.clone()), group.member("properties")];
    let has_no_condition = places.iter().flatten().any(|place| {
        place
            .member("conditionalMembership")
            .and_then(|held| held.as_text())
            .is_some_and(|text| text.is_empty())
    });
    has_no_condition && !group.all(&["groupMembers"]).is_empty()
}

/// The name of a rule, which its id has too.
pub(crate) fn name(node: &Node<'_>) -> Option<String> {
    node.text(&["name"]).or_else(|| {
        let id = node.get(&["id"])?.as_id()?;
        Some(id.name().to_owned())
    })
}

/// One rule; none, and a problem told, where it cannot be known what it does.
pub(crate) fn rule(node: &Node<'_>, is_default: bool) -> Option<Rule> {
    named_rule(node, is_default, Missing::IsNothing)
}

pub(crate) fn named_rule(node: &Node<'_>, is_default: bool, missing: Missing) -> Option<Rule> {
    if !node.value.is_object() {
        node.problem("a rule was expected here; PowerShell leaves rules out where `-Depth` is too small: use `-Depth 10`");
        return None;
    }
    let Some(name) = name(node) else {
        node.problem("a rule without a name");
        return None;
    };
    // Without that part it would be another rule.
    if let Some((part, reason)) = node.first_unknown(&["description"]) {
        part.say(&format!(
            "rule `{name}` is left out, for this is not known: {reason}"
        ));
        return None;
    }
    let unknown = say_unknown(node, &name);
    if unknown.iter().any(|property| may_be_its_place(property)) {
        return None;
    }
    let priority = node
        .number(&["priority"])
        .and_then(|number| i32::try_from(number).ok());
    let to_come = node.report.to_come_of(&name);
    let (direction, access, protocol) = (direction(node), access(node), protocol(node));
    let parts = (priority, direction, access, protocol);
    let (Some(priority), Some(direction), Some(access), Some(protocol)) = parts else {
        match to_come.iter().find(|held| CORE.contains(&held.property.as_str())) {
            Some(held) => node.say(&format!("{held}: what rule `{name}` does is not known")),
            None => say_missing(
                node,
                &name,
                [
                    priority.is_none(),
                    direction.is_none(),
                    access.is_none(),
                    protocol.is_none(),
                ],
            ),
        }
        return None;
    };
    for held in to_come
        .iter()
        .filter(|held| sides_of(&held.property) != [None; 2])
    {
        node.say(&format!(
            "{held}: what rule `{name}` matches is not known, nor what becomes of flows that it may decide"
        ));
    }
    let to_come: Vec<String> = to_come.into_iter().map(|held| held.property).collect();
    let open = Open {
        told: &to_come,
        unknown: &unknown,
    };
    let [source, destination] =
        [(0, "source"), (1, "destination")].map(|(at, name)| side(node, (at, name), missing, &open));
    Some(Rule {
        name,
        priority,
        direction,
        access,
        protocol,
        source,
        destination,
        is_default,
        description: node.text(&["description"]),
        unknown,
    })
}

/// Says which of the four that a rule is made of are not there, or not one that is known.
fn say_missing(node: &Node<'_>, name: &str, is_missing: [bool; 4]) {
    let properties: [&[&str]; 4] = [
        &["priority"],
        &["direction"],
        &["access", "action"],
        &["protocol"],
    ];
    for (names, _) in properties
        .iter()
        .zip(is_missing)
        .filter(|(_, is_missing)| *is_missing)
    {
        let what = names.first().copied().unwrap_or_default();
        match node.get(names) {
            Some(held) => held.problem(&format!(
                "{} is no {what} that a rule can have: what rule `{name}` does is not known",
                held.as_text()
                    .map_or_else(|| held.value.to_string(), |text| format!("`{text}`"))
            )),
            None => node.problem(&format!(
                "rule `{name}` does not say its {what}: what it does is not known"
            )),
        }
    }
}

fn direction(node: &Node<'_>) -> Option<Direction> {
    match node.text(&["direction"])?.to_ascii_lowercase().as_str() {
        "inbound" | "in" => Some(Direction::Inbound),
        "outbound" | "out" => Some(Direction::Outbound),
        _ => None,
    }
}

fn access(node: &Node<'_>) -> Option<Access> {
    match node.text(&["access", "action"])?.to_ascii_lowercase().as_str() {
        "allow" => Some(Access::Allow),
        "deny" => Some(Access::Deny),
        "alwaysallow" => Some(Access::AlwaysAllow),
        _ => None,
    }
}

fn protocol(node: &Node<'_>) -> Option<RuleProtocol> {
    match node.text(&["protocol"])?.to_ascii_lowercase().as_str() {
        "*" | "any" | "all" => Some(RuleProtocol::Any),
        "tcp" | "6" => Some(RuleProtocol::Tcp),
        "udp" | "17" => Some(RuleProtocol::Udp),
        "icmp" | "1" => Some(RuleProtocol::Icmp),
        "esp" | "50" => Some(RuleProtocol::Esp),
        "ah" | "51" => Some(RuleProtocol::Ah),
        _ => None,
    }
}

/// Properties that are not known, and may be about a side.
struct Open<'p> {
    /// Those of which it was told what they leave open.
    told: &'p [String],
    unknown: &'p [String],
}

impl Open<'_> {
    fn put(properties: &[String], at: usize, side: &mut Side) {
        for property in properties {
            match sides_of(property).get(at) {
                Some(Some(SidePart::Addresses)) => side.unread_addresses.push(property.clone()),
                Some(Some(SidePart::Ports)) => side.unread_ports.push(property.clone()),
                _ => {}
            }
        }
    }
}

fn side(node: &Node<'_>, (at, name): (usize, &str), missing: Missing, open: &Open<'_>) -> Side {
    let both =
        |what: &str, plural: &str| node.all(&[&format!("{name}{what}{plural}"), &format!("{name}{what}")]);
    let mut side = Side::default();
    let groups = format!("{name}ApplicationSecurityGroups");
    side.application_groups = node.ids_or(&groups, &mut |text| side.unread_addresses.push(text));
    let expanded = format!("expanded{name}AddressPrefix");
    side.expanded = node.prefixes_or(&[&expanded], &mut |text| side.unread_addresses.push(text));
    for held in both("AddressPrefix", "es") {
        put_address(&held, &mut side);
    }
    // Security admin rules say of each what it is.
    for held in node.all(&[&format!("{name}s"), name]) {
        let Some(value) = held.get(&["addressPrefix"]) else {
            held.problem("an address of a rule was expected here");
            side.unread_addresses.push(held.value.to_string());
            continue;
        };
        let kind = held.text(&["addressPrefixType"]).unwrap_or_default();
        if !kind.eq_ignore_ascii_case("NetworkGroup") {
            put_address(&value, &mut side);
        } else if let Some(group) = value.as_id() {
            side.network_groups.push(group);
        } else {
            side.unread_addresses.push(value.value.to_string());
        }
    }
    for held in both("PortRange", "s") {
        put_ports(&held, &mut side);
    }
    Open::put(open.told, at, &mut side);
    let is_told = (!side.unread_addresses.is_empty(), !side.unread_ports.is_empty());
    Open::put(open.unknown, at, &mut side);
    if missing == Missing::IsNothing {
        leave_open(node, name, is_told, &mut side);
    }
    // What was written and cannot be read is not any.
    let has = |names: [String; 2]| names.iter().any(|name| node.get(&[name]).is_some());
    if missing == Missing::IsAny {
        if !has([format!("{name}s"), name.to_owned()]) && side.addresses.is_empty() {
            side.addresses.push(AddressSpec::Any);
        }
        if !has([format!("{name}PortRanges"), format!("{name}PortRange")]) {
            side.ports.push(PortRange::ALL);
        }
    }
    side
}

/// A rule that Azure holds has both; one that says nothing of a side was cut down or mistyped, and is neither for all nor for none.
fn leave_open(node: &Node<'_>, name: &str, is_told: (bool, bool), side: &mut Side) {
    let says_addresses = !(side.addresses.is_empty()
        && side.application_groups.is_empty()
        && side.network_groups.is_empty()
        && side.expanded.is_empty());
    let rule = self::name(node).unwrap_or_default();
    let tell = |what: &str| {
        node.problem(&format!(
            "rule `{rule}` does not say its {name} {what}: what it matches is not known"
        ));
    };
    let (has_told_addresses, has_told_ports) = is_told;
    if !says_addresses && !has_told_addresses {
        tell("addresses");
        put_nothing(&mut side.unread_addresses);
    }
    if side.ports.is_empty() && !has_told_ports {
        tell("ports");
        put_nothing(&mut side.unread_ports);
    }
}

fn put_nothing(unread: &mut Vec<String>) {
    if unread.is_empty() {
        unread.push(Side::NOTHING.to_owned());
    }
}

/// Lists of addresses may also stand in one text, with commas.
fn put_address(node: &Node<'_>, side: &mut Side) {
    let Some(text) = node.as_text() else {
        node.problem("an address of a rule was expected here");
        side.unread_addresses.push(node.value.to_string());
        return;
    };
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match address(part) {
            Some(spec) if side.addresses.contains(&spec) => {}
            Some(spec) => side.addresses.push(spec),
            None => {
                node.problem(&format!("`{part}` is neither an address nor a service tag"));
                side.unread_addresses.push(part.to_owned());
            }
        }
    }
}

/// An address, a prefix, a range, a service tag, or any.
fn address(text: &str) -> Option<AddressSpec> {
    if matches!(text, "*" | "Any" | "any") {
        return Some(AddressSpec::Any);
    }
    if let Some(held) = prefix(text) {
        return Some(AddressSpec::Prefix(held));
    }
    if let Some((first, last)) = text.split_once('-')
        && let (Ok(first), Ok(last)) = (first.trim().parse(), last.trim().parse())
    {
        return Some(AddressSpec::Range(first, last));
    }
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_tag = begins
        && text
            .chars()
            .all(|held| held.is_ascii_alphanumeric() || ".-_".contains(held));
    is_tag.then(|| AddressSpec::Tag(text.to_owned()))
}

fn put_ports(node: &Node<'_>, side: &mut Side) {
    let Some(text) = node.as_text() else {
        node.problem("a port or a range of ports was expected here");
        side.unread_ports.push(node.value.to_string());
        return;
    };
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match range(part) {
            Some(held) if side.ports.contains(&held) => {}
            Some(held) => side.ports.push(held),
            None => {
                node.problem(&format!("`{part}` is neither a port nor a range of ports"));
                side.unread_ports.push(part.to_owned());
            }
        }
    }
}

fn range(text: &str) -> Option<PortRange> {
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Some(PortRange::ALL);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(PortRange { first, last })
}
