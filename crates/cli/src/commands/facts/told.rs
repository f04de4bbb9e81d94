//! Facts in words, and as JSON.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use enrich::Change;
use inventory::{Problem, Reading};
use model::facts::{ArmId, Asset, FactSet, Resource, ThreatEntry};

use super::databases;
use crate::json_text::Json;
use crate::quantity::counted;

/// A kind of resource: one of it in words, all of it as a key, and how it is told.
type Kind = (&'static str, &'static str, fn(&Asset) -> bool);

/// What there is, by kind, in the order in which it is told.
fn counts(facts: &FactSet) -> Vec<(&'static str, &'static str, u64)> {
    let kinds: [Kind; 17] = [
        ("interface", "interfaces", |asset| {
            matches!(asset, Asset::Interface(_))
        }),
        ("machine", "machines", |asset| matches!(asset, Asset::Machine(_))),
        ("virtual network", "virtual_networks", |asset| {
            matches!(asset, Asset::VirtualNetwork(_))
        }),
        ("subnet", "subnets", |asset| matches!(asset, Asset::Subnet(_))),
        ("network security group", "security_groups", |asset| {
            matches!(asset, Asset::SecurityGroup(_))
        }),
        ("application security group", "application_groups", |asset| {
            matches!(asset, Asset::ApplicationGroup)
        }),
        ("set of admin rules", "admin_rules", |asset| {
            matches!(asset, Asset::AdminRules(_))
        }),
        ("admin configuration", "admin_configurations", |asset| {
            matches!(asset, Asset::AdminConfiguration)
        }),
        ("public address", "public_addresses", |asset| {
            matches!(asset, Asset::PublicAddress(_))
        }),
        ("load balancer", "load_balancers", |asset| {
            matches!(asset, Asset::LoadBalancer(_))
        }),
        ("private endpoint", "private_endpoints", |asset| {
            matches!(asset, Asset::PrivateEndpoint(_))
        }),
        ("NAT gateway", "nat_gateways", |asset| {
            matches!(asset, Asset::NatGateway(_))
        }),
        ("route table", "route_tables", |asset| {
            matches!(asset, Asset::RouteTable(_))
        }),
        ("gateway", "gateways", |asset| matches!(asset, Asset::Gateway(_))),
        ("local gateway", "local_gateways", |asset| {
            matches!(asset, Asset::LocalGateway(_))
        }),
        ("connection", "connections", |asset| {
            matches!(asset, Asset::Connection(_))
        }),
        ("flow log", "flow_logs", |asset| {
            matches!(asset, Asset::FlowLog(_))
        }),
    ];
    let partial: HashSet<&ArmId> = facts.partial.iter().map(|part| &part.id).collect();
    let (parts, wholes): (Vec<&Resource>, Vec<&Resource>) = facts
        .resources
        .iter()
        .partition(|resource| partial.contains(&resource.id) && !is_set(resource));
    let mut counts: Vec<(&str, &str, u64)> = kinds
        .into_iter()
        .map(|(one, name, is)| {
            let count = wholes.iter().filter(|resource| is(&resource.asset)).count();
            (one, name, count as u64)
        })
        .collect();
    counts.push(("resource in part", "resources_in_part", parts.len() as u64));
    counts.extend(beside(facts));
    counts.retain(|(_, _, count)| *count > 0);
    counts
}

/// True for admin rules, which are listed without what holds them.
pub(super) const fn is_set(resource: &Resource) -> bool {
    matches!(resource.asset, Asset::AdminRules(_))
}

/// What there is beside resources.
fn beside(facts: &FactSet) -> [(&'static str, &'static str, u64); 5] {
    let tags = facts.tags.as_ref().map_or(0, |tags| tags.tags.len());
    let threats: usize = facts.threats.iter().map(|list| list.entries.len()).sum();
    [
        (
            "set of effective rules",
            "effective_rules",
            facts.effective.len() as u64,
        ),
        (
            "set of effective routes",
            "effective_routes",
            facts.effective_routes.len() as u64,
        ),
        ("service tag", "service_tags", tags as u64),
        ("malicious address", "malicious_addresses", threats as u64),
        (
            "database of addresses",
            "address_databases",
            facts.databases.len() as u64,
        ),
    ]
}

/// `41 interfaces, 5 virtual networks`.
pub(super) fn counts_text(facts: &FactSet) -> String {
    let counts = counts(facts).into_iter();
    let words: Vec<String> = counts.map(|(one, _, count)| counted(count, one)).collect();
    words.join(", ")
}

pub(super) fn counts_json(facts: &FactSet) -> Json {
    let counts = counts(facts).into_iter();
    Json::Object(counts.map(|(_, name, count)| (name, count.into())).collect())
}

/// True for a load of which something could not be read: it may bring resources, and takes none for deleted.
pub(super) fn is_part(facts: &FactSet) -> bool {
    facts.whole.as_ref().is_some_and(Vec::is_empty)
}

/// What a file says.
pub(super) fn file_text((path, reading): &(PathBuf, Reading)) -> String {
    let mut text = format!("{}: {}", path.display(), reading.form);
    let mut parts = Vec::new();
    let known = counts_text(&reading.facts);
    if !known.is_empty() {
        parts.push(known);
    }
    let others: usize = reading.others.values().sum();
    if others > 0 {
        let kinds: Vec<&str> = reading.others.keys().map(String::as_str).take(3).collect();
        let more = if reading.others.len() > kinds.len() {
            ", …"
        } else {
            ""
        };
        parts.push(format!(
            "{} not used ({}{more})",
            counted(others as u64, "other resource"),
            kinds.join(", ")
        ));
    }
    if !reading.problems.is_empty() {
        parts.push(counted(reading.problems.len() as u64, "problem"));
    }
    if !parts.is_empty() {
        text.push_str(", ");
        text.push_str(&parts.join(", "));
    }
    text
}

pub(super) fn file_json((path, reading): &(PathBuf, Reading)) -> Json {
    let problems = reading.problems.iter().map(problem_json);
    let others = reading.others.iter().map(|(kind, count)| {
        Json::Object(vec![
            ("type", Json::text(kind)),
            ("count", (*count as u64).into()),
        ])
    });
    Json::Object(vec![
        ("file", Json::text(path.display().to_string())),
        ("form", Json::text(reading.form)),
        ("known", counts_json(&reading.facts)),
        ("databases", databases::json(&reading.facts)),
        ("others", Json::List(others.collect())),
        ("problems", Json::List(problems.collect())),
    ])
}

/// Something that could not be used.
pub(super) fn problem_json(problem: &Problem) -> Json {
    Json::Object(vec![
        ("path", Json::text(&problem.path)),
        ("resource", problem.resource.as_deref().into()),
        ("message", Json::text(&problem.message)),
    ])
}

/// What became of a resource, with its parts.
pub(super) fn change_text((id, change): &(ArmId, Change)) -> String {
    let kind = id.kind().unwrap_or_default();
    let kind = kind
        .rsplit_once("Microsoft.")
        .map_or(kind.as_str(), |(_, kind)| kind);
    let group = id.resource_group().unwrap_or_default();
    let name = match id.parent() {
        Some(parent) => format!("{group}/{}/{}", parent.name(), id.name()),
        None => format!("{group}/{}", id.name()),
    };
    let (sign, parts) = match change {
        Change::Added => ('+', [].as_slice()),
        Change::Removed => ('-', [].as_slice()),
        Change::Changed(parts) => ('~', parts.as_slice()),
    };
    let mut text = format!("{sign} {kind} {name}\n");
    for part in parts {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        let (before, after) = (shown(&part.before), shown(&part.after));
        text.push_str(&format!("    {}: {before} -> {after}\n", part.path));
    }
    text
}

/// `2 added, 0 removed, 1 changed`, and how much changed beside resources.
pub(super) fn changes_text(changes: &[(ArmId, Change)], beside: usize) -> String {
    if changes.is_empty() && beside == 0 {
        return "nothing changed".to_owned();
    }
    let count = |is: fn(&Change) -> bool| changes.iter().filter(|(_, change)| is(change)).count();
    let added = count(|change| matches!(change, Change::Added));
    let removed = count(|change| matches!(change, Change::Removed));
    let mut parts = Vec::new();
    if !changes.is_empty() {
        let changed = changes.len() - added - removed;
        parts.push(format!("{added} added, {removed} removed, {changed} changed"));
    }
    if beside > 0 {
        let what = if changes.is_empty() {
            "change"
        } else {
            "other change"
        };
        parts.push(counted(beside as u64, what));
    }
    parts.join(", ")
}

pub(super) fn change_json((id, change): &(ArmId, Change)) -> Json {
    let (word, parts) = match change {
        Change::Added => ("added", [].as_slice()),
        Change::Removed => ("removed", [].as_slice()),
        Change::Changed(parts) => ("changed", parts.as_slice()),
    };
    let parts = parts.iter().map(|part| {
        Json::Object(vec![
            ("path", Json::text(&part.path)),
            ("before", part.before.as_deref().into()),
            ("after", part.after.as_deref().into()),
        ])
    });
    Json::Object(vec![
        ("resource", Json::text(id.as_str())),
        ("change", Json::text(word)),
        ("parts", Json::List(parts.collect())),
    ])
}

/// A list of addresses known for harm, and how many came and went.
pub(super) type ListChange = (String, u64, u64);

/// The lists in which something changed.
pub(super) fn lists_changed(before: &FactSet, after: &FactSet) -> Vec<ListChange> {
    let of = |facts: &FactSet, name: &str| -> Vec<ThreatEntry> {
        let list = facts.threats.iter().find(|list| list.name == name);
        list.map(|list| list.entries.clone()).unwrap_or_default()
    };
    let names = before
        .threats
        .iter()
        .chain(&after.threats)
        .map(|list| list.name.clone());
    let names: BTreeSet<String> = names.collect();
    let changed = names.into_iter().map(|name| {
        let (old, new) = (of(before, &name), of(after, &name));
        let missing = |of: &[ThreatEntry], from: &[ThreatEntry]| {
            let from: HashSet<_> = from.iter().map(|entry| (entry.prefix, &entry.kind)).collect();
            of.iter()
                .filter(|entry| !from.contains(&(entry.prefix, &entry.kind)))
                .count() as u64
        };
        let (added, removed) = (missing(&new, &old), missing(&old, &new));
        (name, added, removed)
    });
    changed
        .filter(|(_, added, removed)| added + removed > 0)
        .collect()
}

pub(super) fn list_text((name, added, removed): &ListChange) -> String {
    format!("~ list of malicious addresses {name}: {added} added, {removed} removed")
}

pub(super) fn list_json((name, added, removed): &ListChange) -> Json {
    Json::Object(vec![
        ("list", Json::text(name)),
        ("added", (*added).into()),
        ("removed", (*removed).into()),
    ])
}

/// What is neither a resource nor a list nor a database: what it is, and what there was of it and is.
pub(super) type OtherChange = (&'static str, Option<String>, Option<String>);

/// What of it is another one.
pub(super) fn others_changed(before: &FactSet, after: &FactSet) -> Vec<OtherChange> {
    let tags = |facts: &FactSet| {
        let tags = facts.tags.as_ref()?;
        let number = tags.change_number;
        let number = number.map_or_else(String::new, |number| format!(" of change {number}"));
        Some(format!("{}{number}", counted(tags.tags.len() as u64, "tag")))
    };
    let sets = |many: usize| (many > 0).then(|| counted(many as u64, "set"));
    let mut others = Vec::new();
    if before.tags != after.tags {
        others.push(("service tags", tags(before), tags(after)));
    }
    if before.effective != after.effective {
        let of = |facts: &FactSet| sets(facts.effective.len());
        others.push(("effective rules", of(before), of(after)));
    }
    if before.effective_routes != after.effective_routes {
        let of = |facts: &FactSet| sets(facts.effective_routes.len());
        others.push(("effective routes", of(before), of(after)));
    }
    others
}

pub(super) fn other_text((what, before, after): &OtherChange) -> String {
    match (before, after) {
        (None, Some(after)) => format!("+ {what}: {after}"),
        (Some(before), None) => format!("- {what}: {before}"),
        (Some(before), Some(after)) if before == after => format!("~ {what}: {after}, not the same"),
        (before, after) => {
            let said = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            format!("~ {what}: {} -> {}", said(before), said(after))
        }
    }
}

pub(super) fn other_json((what, before, after): &OtherChange) -> Json {
    Json::Object(vec![
        ("kind", Json::text(*what)),
        ("before", before.as_deref().into()),
        ("after", after.as_deref().into()),
    ])
}
