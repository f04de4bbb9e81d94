//! A template of Azure Resource Manager: <https://learn.microsoft.com/azure/templates/microsoft.network/networksecuritygroups>

use model::facts::Side;
use serde_json::{Map, Value, json};

use super::{API_VERSION, Values, access, addresses, description, ports, protocol};
use crate::tighten::{Proposal, Proposed};

pub(super) fn written(proposal: &Proposal, remarks: &[String]) -> String {
    let mut resource = Map::new();
    resource.insert("type".into(), json!("Microsoft.Network/networkSecurityGroups"));
    resource.insert("apiVersion".into(), json!(API_VERSION));
    resource.insert("name".into(), json!(proposal.group.name()));
    resource.insert("location".into(), location(proposal));
    if !proposal.tags.is_empty() {
        resource.insert("tags".into(), json!(proposal.tags));
    }
    let rules: Vec<Value> = proposal.rules.iter().map(rule).collect();
    resource.insert("properties".into(), json!({ "securityRules": rules }));
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": { "comments": remarks },
        "resources": [resource],
    });
    format!("{template:#}\n")
}

fn location(proposal: &Proposal) -> Value {
    match &proposal.location {
        Some(location) => json!(location),
        None => json!("[resourceGroup().location]"),
    }
}

/// A text that begins with a bracket would be an expression.
fn literal(text: &str) -> Value {
    match text.starts_with('[') {
        true => json!(format!("[{text}")),
        false => json!(text),
    }
}

fn rule(proposed: &Proposed) -> Value {
    let held = &proposed.rule;
    let mut properties = Map::new();
    if let Some(text) = description(held, proposed.part_of.as_deref()) {
        properties.insert("description".into(), literal(&text));
    }
    properties.insert("protocol".into(), json!(protocol(held.protocol)));
    properties.insert("access".into(), json!(access(held.access)));
    properties.insert("priority".into(), json!(held.priority));
    properties.insert("direction".into(), json!(held.direction.as_str()));
    side(&mut properties, "source", &held.source);
    side(&mut properties, "destination", &held.destination);
    json!({ "name": held.name, "properties": properties })
}

fn side(properties: &mut Map<String, Value>, name: &str, side: &Side) {
    put(
        properties,
        &format!("{name}PortRange"),
        Values::of(ports(&side.ports)),
    );
    let prefixes = Values::of(addresses(side));
    put(properties, &format!("{name}AddressPrefix"), prefixes);
    if !side.application_groups.is_empty() {
        let groups = side.application_groups.iter();
        let groups: Vec<Value> = groups.map(|id| json!({ "id": id.as_str() })).collect();
        properties.insert(format!("{name}ApplicationSecurityGroups"), json!(groups));
    }
}

/// One value is of the name, several of its plural.
fn put(properties: &mut Map<String, Value>, name: &str, values: Values) {
    let plural = match name.strip_suffix("Prefix") {
        Some(base) => format!("{base}Prefixes"),
        None => format!("{name}s"),
    };
    match values {
        Values::One(one) => properties.insert(name.to_owned(), json!(one)),
        Values::Many(many) => properties.insert(plural, json!(many)),
        Values::None => None,
    };
}
