//! What changed between two sets of facts.

use ahash::AHashMap;
use model::facts::{ArmId, FactSet, Resource};
use serde_json::Value;

/// How a resource changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// Something of it is different.
    Changed(Vec<Part>),
}

/// A part of a resource that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where, such as `rules[AllowSsh].priority`.
    pub path: String,
    /// What it was, as JSON; none if it was not there.
    pub before: Option<String>,
    /// What it is, as JSON; none if it is not there.
    pub after: Option<String>,
}

/// What changed, in the order of the ids.
#[must_use]
pub fn difference(before: &FactSet, after: &FactSet) -> Vec<(ArmId, Change)> {
    let by_id = |facts: &FactSet| -> AHashMap<ArmId, Resource> {
        let resources = facts.resources.iter().cloned();
        resources
            .map(|resource| (resource.id.clone(), resource))
            .collect()
    };
    let (before, mut after) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for (id, held) in before {
        let change = match after.remove(&id) {
            None => Change::Removed,
            Some(now) if now == held => continue,
            Some(now) => {
                let mut parts = Vec::new();
                compare("", &said(&held), &said(&now), &mut parts);
                Change::Changed(parts)
            }
        };
        changes.push((id, change));
    }
    changes.extend(after.into_keys().map(|id| (id, Change::Added)));
    changes.sort_by_key(|(id, _)| id.key());
    changes
}

/// A resource as JSON, without its id and the name of its kind.
fn said(resource: &Resource) -> Value {
    let Ok(Value::Object(mut members)) = serde_json::to_value(resource) else {
        return Value::Null;
    };
    members.remove("id");
    if let Some(Value::Object(kinds)) = members.remove("asset") {
        for (_, inside) in kinds {
            if let Value::Object(inside) = inside {
                members.extend(inside);
            }
        }
    }
    Value::Object(members)
}

/// Members of lists are the same by their names, where they have some, or else by where they stand.
fn compare(path: &str, before: &Value, after: &Value, parts: &mut Vec<Part>) {
    if before == after {
        return;
    }
    let keyed = |value: &Value| -> Option<Vec<(String, Value)>> {
        match value {
            Value::Object(members) => Some(members.clone().into_iter().collect()),
            Value::Array(items) => items
                .iter()
                .map(|item| Some((format!("[{}]", item.get("name")?.as_str()?), item.clone())))
                .collect(),
            _ => None,
        }
    };
    let (Some(old), Some(new)) = (keyed(before), keyed(after)) else {
        parts.push(Part {
            path: path.to_owned(),
            before: shown(before),
            after: shown(after),
        });
        return;
    };
    let inside = |name: &str| match (path.is_empty(), name.starts_with('[')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("{path}{name}"),
        (false, false) => format!("{path}.{name}"),
    };
    for (name, value) in &old {
        let now = new.iter().find(|(held, _)| held == name);
        compare(
            &inside(name),
            value,
            now.map_or(&Value::Null, |(_, now)| now),
            parts,
        );
    }
    for (name, value) in &new {
        if !old.iter().any(|(held, _)| held == name) {
            compare(&inside(name), &Value::Null, value, parts);
        }
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
