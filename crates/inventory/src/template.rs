//! ARM templates, as Bicep compiles them and `az group export` writes them: a template is evaluated, as far as that can be done
//! before it is deployed, and its resources are read like all others.
//!
//! A template does not say for which subscription and resource group it is. The caller says it (`Beside`), or a deployment
//! around the template does by its id; else the word `unknown` stands in the ids of its resources, as for what Terraform has
//! only planned. What cannot be known is told with its place and left open. A resource without a known name, condition or number
//! is left out, and so is a rule or route of which a part is not known.

mod expression;
mod functions;
mod outputs;
mod place;
mod scope;
mod work;

use std::collections::BTreeSet;
use std::rc::Rc;

use model::facts::{ArmId, SecurityGroup};
use serde_json::{Map, Value};

use crate::node::Node;
use crate::resource::{Found, is_used};
use crate::unknown::{reason, unknown};
use crate::{Beside, text};
use functions::joined;
use outputs::{inner, is_deployment, is_of_subscription, resources};
use place::Place;
use scope::{Given, Scope, Target};
use work::Work;

/// True for a template.
pub(crate) fn is_template(node: &Node<'_>) -> bool {
    schema_has(node, "deploymenttemplate") && node.member("resources").is_some()
}

/// True for a file of parameters, which says nothing of a network by itself.
pub(crate) fn is_parameters(node: &Node<'_>) -> bool {
    schema_has(node, "deploymentparameters")
}

fn schema_has(node: &Node<'_>, word: &str) -> bool {
    let schema = node.member("$schema");
    let schema = schema.as_ref().and_then(|schema| schema.value.as_str());
    schema.is_some_and(|schema| schema.to_ascii_lowercase().contains(word))
}

/// The template and the parameters that `az bicep build-params --stdout` prints, as texts in one object.
pub(crate) fn built(node: &Node<'_>) -> Option<(Value, Option<Value>)> {
    let template = node.member("templateJson")?;
    let parsed = |node: &Node<'_>| -> Option<Value> {
        let parsed = serde_json::from_str(node.value.as_str()?);
        if let Err(error) = &parsed {
            node.problem(&format!("this is not JSON: {error}"));
        }
        parsed.ok()
    };
    let parameters = node
        .member("parametersJson")
        .filter(|node| node.value.is_string());
    Some((parsed(&template)?, parameters.as_ref().and_then(parsed)))
}

/// A template inside of a deployment, as it is sent to Azure; with an id it says where it is deployed to.
pub(crate) fn sent<'v>(node: &Node<'v>) -> Option<Node<'v>> {
    let template = node.get(&["template"])?;
    template.member("resources").is_some().then_some(template)
}

/// Takes the resources of a template. `around` is what it stands in, which may say its parameters and where it is deployed to.
pub(crate) fn take(
    template: &Node<'_>,
    around: Option<&Node<'_>>,
    parameters: Option<&Value>,
    beside: &Beside<'_>,
    found: &mut Found,
) {
    let mut given = Given::default();
    let mut target = Target {
        has_no_group: is_of_subscription(template),
        ..Target::default()
    };
    if let Some(around) = around {
        let held = around.get(&["parameters"]);
        given.take(held.as_ref().map_or(&Value::Null, |held| held.value));
        let id = around.member("id").and_then(|id| id.as_id());
        target.subscription = id.as_ref().and_then(|id| id.subscription().map(str::to_owned));
        target.group = id.as_ref().and_then(|id| id.resource_group().map(str::to_owned));
    }
    let owned = |said: Option<&str>| said.filter(|said| !said.is_empty()).map(str::to_owned);
    target.subscription = owned(beside.subscription).or(target.subscription);
    target.group = owned(beside.resource_group).or(target.group);
    target.location = owned(beside.location);
    for file in parameters.into_iter().cloned().chain(files(template, beside)) {
        // Parameters stand under that name, or by themselves.
        let held = file.as_object().and_then(|file| file.get("parameters"));
        given.take(held.unwrap_or(&file));
    }
    let work = Rc::new(Work::default());
    let scope = Scope::new(template.clone(), given, target.clone(), Rc::clone(&work));
    let mut walk = Walk {
        found,
        told: BTreeSet::new(),
        work: &work,
    };
    walk.template(template, &Place::of(&scope), &target);
    if work.is_spent() {
        template.say_lost(&format!(
            "the template makes more than {} steps or {} resources: what stands behind that is left out",
            work::STEPS_MAX,
            work::RESOURCES_MAX
        ));
    }
}

/// The files of parameters that stand beside a template.
fn files(template: &Node<'_>, beside: &Beside<'_>) -> Vec<Value> {
    let read = |bytes: &&[u8]| {
        let read = text::text(bytes).and_then(|plain| text::value(text::stripped(&plain)));
        if let Err(unreadable) = &read {
            template.say(&format!("its parameters cannot be read: {}", unreadable.message));
        }
        read.ok()
    };
    beside.parameters.iter().filter_map(read).collect()
}

/// What a resource is a part of.
struct Parent<'p> {
    kind: &'p str,
    name: &'p str,
}

struct Walk<'w> {
    found: &'w mut Found,
    /// Why locations and tags are not known, each once.
    told: BTreeSet<String>,
    work: &'w Work,
}

impl Walk<'_> {
    fn template<'v>(&mut self, template: &Node<'v>, place: &Place<'_, 'v>, target: &Target) {
        for (_, resource) in resources(template) {
            self.resource(&resource, place, target, None);
        }
    }

    /// A resource, as often as its loop makes it.
    fn resource<'v>(
        &mut self,
        resource: &Node<'v>,
        place: &Place<'_, 'v>,
        target: &Target,
        parent: Option<&Parent<'_>>,
    ) {
        let kind = resource.member("type");
        let Some(kind) = kind.as_ref().and_then(|kind| kind.value.as_str()) else {
            resource.say_lost("a resource with a `type` was expected here");
            return;
        };
        // It is only named, so that others may refer to it.
        let existing = resource.member("existing");
        if existing.is_some_and(|existing| existing.value == &Value::Bool(true)) {
            return;
        }
        // A part that stands inside of what it is a part of leaves that away.
        let kind = match parent {
            Some(parent) if !kind.contains('/') => format!("{}/{kind}", parent.kind),
            _ => kind.to_owned(),
        };
        let Some(many) = resource.member("copy") else {
            self.one(resource, &kind, place, target, parent);
            return;
        };
        let name = many.value.get("name").and_then(Value::as_str).unwrap_or_default();
        let is_looked_at = is_deployment(&kind) || is_used(&kind) || resource.member("resources").is_some();
        match place.count(many.value.get("count")) {
            Ok(count) => {
                for at in 0..count {
                    self.one(resource, &kind, &place.turned(name, at, true), target, parent);
                }
            }
            Err(reason) if is_looked_at => {
                left_out(&many, &kind, &reason);
                self.open(resource, &kind, place, target, parent);
            }
            Err(_) => *self.found.others.entry(kind.to_ascii_lowercase()).or_default() += 1,
        }
    }

    fn one<'v>(
        &mut self,
        resource: &Node<'v>,
        kind: &str,
        place: &Place<'_, 'v>,
        target: &Target,
        parent: Option<&Parent<'_>>,
    ) {
        if self.work.is_spent() {
            return;
        }
        self.work.take_resource();
        let children = resource.member("resources").map(|children| children.parts());
        if !is_deployment(kind) && !is_used(kind) && children.is_none() {
            *self.found.others.entry(kind.to_ascii_lowercase()).or_default() += 1;
            return;
        }
        if let Some(condition) = resource.member("condition") {
            let value = place.json(condition.value);
            let why = match (value.as_bool(), reason(&value)) {
                (Some(true), _) => None,
                (Some(false), _) => return,
                (None, Some(reason)) => Some(format!("its condition is not known: {reason}")),
                (None, None) => Some("its condition is neither `true` nor `false`".to_owned()),
            };
            if let Some(why) = why {
                left_out(&condition, kind, &why);
                self.open(resource, kind, place, target, parent);
                return;
            }
        }
        if is_deployment(kind) {
            match inner(place, resource, target) {
                Ok(held) => match &held.scope {
                    Some(scope) => self.template(&held.template, &Place::of(scope), &held.target),
                    None => self.template(&held.template, place, &held.target),
                },
                Err(reason) => left_out(resource, kind, &reason),
            }
            return;
        }
        let name = match name(resource, place, parent) {
            Ok(name) => name,
            Err(reason) => {
                let at = resource.member("name").unwrap_or_else(|| resource.clone());
                left_out(&at, kind, &reason);
                self.open(resource, kind, place, target, parent);
                return;
            }
        };
        self.put(resource, kind, &name, place, target);
        let parent = Parent { kind, name: &name };
        for child in children.into_iter().flatten() {
            self.resource(&child, place, target, Some(&parent));
        }
    }

    /// Of a group, or of a rule of one, it is not known whether there is to be one, or how many. A part whose name is not known has one
    /// that stands for it.
    fn open<'v>(
        &mut self,
        resource: &Node<'v>,
        kind: &str,
        place: &Place<'_, 'v>,
        target: &Target,
        parent: Option<&Parent<'_>>,
    ) {
        let unnamed = || Some(format!("{}/{}", parent?.name, SecurityGroup::NOT_KNOWN));
        let Some(name) = name(resource, place, parent).ok().or_else(unnamed) else {
            return;
        };
        let names: Vec<&str> = name.split('/').collect();
        let own = joined(kind, &names);
        let id = own.and_then(|own| ArmId::parse(&format!("{}/providers/{own}", target.id())));
        if let Some(id) = id {
            self.found.open(&id);
        }
    }

    fn put(&mut self, resource: &Node<'_>, kind: &str, name: &str, place: &Place<'_, '_>, target: &Target) {
        if !is_used(kind) {
            *self.found.others.entry(kind.to_ascii_lowercase()).or_default() += 1;
            return;
        }
        let names: Vec<&str> = name.split('/').collect();
        let own = joined(kind, &names);
        let id = own.and_then(|own| ArmId::parse(&format!("{}/providers/{own}", target.id())));
        let Some(id) = id else {
            left_out(
                resource,
                kind,
                &format!("its name `{name}` does not fit its type"),
            );
            return;
        };
        let mut members = Map::new();
        members.insert("name".to_owned(), Value::from(id.name()));
        if let Some(written) = resource.member("properties") {
            members.insert("properties".to_owned(), place.json(written.value));
        }
        for part in ["location", "tags"] {
            let Some(written) = resource.member(part) else {
                continue;
            };
            let value = place.json(written.value);
            match reason(&value) {
                // All resources of a group have it from there: said once, or nothing else would be seen.
                Some(reason) => {
                    if self.told.insert(format!("{part} {reason}")) {
                        written.say(&format!(
                            "the {part} of this and maybe of others is not known: {reason}"
                        ));
                    }
                }
                None => {
                    members.insert(part.to_owned(), value);
                }
            }
        }
        let value = Value::Object(members);
        self.found.take_as(&resource.instead(&value), &id, kind);
    }
}

/// Says that a resource is left out.
fn left_out(at: &Node<'_>, kind: &str, reason: &str) {
    at.say_lost(&format!("this `{kind}` is left out: {reason}"));
}

/// The name of a resource, with those of what it is a part of.
fn name(resource: &Node<'_>, place: &Place<'_, '_>, parent: Option<&Parent<'_>>) -> Result<String, String> {
    let written = resource.member("name").ok_or("it has no name")?;
    let value = place.json(written.value);
    let name = match (value.as_str(), reason(&value)) {
        (Some(""), _) => return Err("its name is empty".to_owned()),
        (Some(name), _) => name,
        (None, Some(reason)) => return Err(format!("its name is not known: {reason}")),
        (None, None) => return Err("its name is no text".to_owned()),
    };
    Ok(match parent {
        Some(parent) if !name.contains('/') => format!("{}/{name}", parent.name),
        _ => name.to_owned(),
    })
}

/// A copy of JSON in which texts that are expressions say that they are not known.
pub(crate) fn without_expressions(value: &Value) -> Value {
    match value {
        Value::String(text) => match expression::written(text) {
            expression::Written::Expression(_) => unknown(format!("`{text}` was not evaluated")),
            expression::Written::Text(_) => value.clone(),
        },
        Value::Array(elements) => elements.iter().map(without_expressions).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, value)| (name.clone(), without_expressions(value)))
                    .collect(),
            )
        }
        _ => value.clone(),
    }
}
