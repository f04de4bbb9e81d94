//! The functions of templates: those that look at the place they stand at are here, all others see their arguments alone.
//! What Azure alone can tell (`reference`, `list…`), chooses (`newGuid`, `utcNow`) or hashes (`uniqueString`) is not known.

mod addresses;
mod ids;
mod lambdas;
mod lists;
mod logic;
mod numbers;
mod texts;

use std::rc::Rc;

use serde_json::{Map, Value};

use super::expression::Expression;
use super::outputs;
use super::place::Place;
use super::scope::Target;
pub(super) use ids::joined;

use super::work::Work;
use crate::unknown::{first, reason, unknown};

/// A function that sees its arguments alone.
type Function = fn(&[Rc<Value>], &Work) -> Result<Value, String>;

/// Functions that look into what they are given: a part that is not known makes the whole so.
const LOOKING_IN: [&str; 10] = [
    "contains",
    "equals",
    "format",
    "indexof",
    "intersection",
    "join",
    "lastindexof",
    "max",
    "min",
    "string",
];

pub(super) fn call(place: &Place<'_, '_>, name: &str, written: &[Expression]) -> Result<Rc<Value>, String> {
    if let Some(function) = place.scope.function(name) {
        return called(place, name, function, written);
    }
    if let Some(value) = around(place, name, written) {
        return value;
    }
    if let Some(value) = logic::lazy(place, name, written).or_else(|| lambdas::call(place, name, written)) {
        return value;
    }
    let function = texts::function(name)
        .or_else(|| lists::function(name))
        .or_else(|| numbers::function(name))
        .or_else(|| logic::function(name))
        .or_else(|| addresses::function(name));
    let arguments = || -> Vec<Rc<Value>> { written.iter().map(|one| place.value(one)).collect() };
    if ids::is_id(name) {
        return ids::call(&place.scope.target, name, &arguments()).map(|id| Rc::new(Value::from(id)));
    }
    let function = function.ok_or_else(|| not_evaluated(name))?;
    let arguments = arguments();
    let work = &place.scope.work;
    if !looks_at_the_rim(name) {
        // Before the call: what it looks through or copies may be large, and may be so many times.
        arguments.iter().try_for_each(|value| work.take_value(value, 0))?;
    }
    if !makes_of_parts(name) {
        let looks_in = LOOKING_IN.contains(&name);
        let unknowns = arguments.iter().find(|argument| match looks_in {
            true => first(argument).is_some(),
            false => reason(argument).is_some(),
        });
        if let Some(argument) = unknowns {
            return Err(first(argument).unwrap_or_default().to_owned());
        }
    }
    let made = function(&arguments, work).map_err(|error| format!("`{name}` {error}"))?;
    Ok(Rc::new(work.admit(made)?))
}

/// Functions that take the same time whatever stands inside of what they are given.
fn looks_at_the_rim(name: &str) -> bool {
    matches!(name, "empty" | "first" | "last" | "length")
}

/// Functions that put values together without looking at them.
fn makes_of_parts(name: &str) -> bool {
    matches!(name, "createarray" | "createobject")
}

fn not_evaluated(name: &str) -> String {
    let why = match name {
        "uniquestring" | "guid" => "is a hash that only Azure makes",
        "newguid" | "utcnow" => "is another one for each deployment",
        "deployment" | "environment" | "tenant" | "managementgroup" => "is known to Azure alone",
        name if name.starts_with("list") => "asks a resource that is there",
        _ => "is not evaluated here",
    };
    format!("function `{name}` {why}")
}

/// Functions that look at the place they stand at.
fn around(place: &Place<'_, '_>, name: &str, written: &[Expression]) -> Option<Result<Rc<Value>, String>> {
    let named = |at: usize| -> Result<String, String> {
        let value = place.value(
            written
                .get(at)
                .ok_or_else(|| format!("`{name}` without a name"))?,
        );
        match (value.as_str(), reason(&value)) {
            (Some(text), _) => Ok(text.to_owned()),
            (None, Some(reason)) => Err(reason.to_owned()),
            (None, None) => Err(format!("`{name}` takes a name")),
        }
    };
    Some(match name {
        "parameters" => named(0).map(|name| place.parameter(&name)),
        "variables" => named(0).map(|name| place.scope.variable(&name)),
        "lambdavariables" => named(0).and_then(|name| {
            place
                .variable_of_lambda(&name)
                .ok_or_else(|| format!("there is no lambda variable `{name}`"))
        }),
        "copyindex" => copy_index(place, written).map(|at| Rc::new(Value::from(at))),
        "subscription" => Ok(Rc::new(subscription(&place.scope.target))),
        "resourcegroup" => Ok(Rc::new(group(&place.scope.target))),
        "reference" => named(0).and_then(|name| {
            outputs::of_deployment(place, &name)
                .unwrap_or_else(|| Err("`reference()` is known once it is deployed".to_owned()))
        }),
        _ => return None,
    })
}

/// `copyIndex()`, `copyIndex(1)`, `copyIndex('loop')`, `copyIndex('loop', 1)`.
fn copy_index(place: &Place<'_, '_>, written: &[Expression]) -> Result<i64, String> {
    let mut name = None;
    let mut offset = 0;
    for one in written {
        let value = place.value(one);
        match &*value {
            Value::String(text) => name = Some(text.clone()),
            Value::Number(number) => offset = number.as_i64().unwrap_or_default(),
            other => {
                return Err(reason(other)
                    .unwrap_or("`copyIndex()` takes a name and a number")
                    .to_owned());
            }
        }
    }
    let at = place.turn(name.as_deref()).ok_or_else(|| match name {
        Some(name) => format!("`copyIndex('{name}')` stands outside of that loop"),
        None => "`copyIndex()` stands outside of a loop".to_owned(),
    })?;
    at.checked_add(offset)
        .ok_or_else(|| "`copyIndex()` is too large".to_owned())
}

/// Why what a template is for is not known.
pub(super) const NO_SUBSCRIPTION: &str = "for which subscription the template is, is not said";
pub(super) const NO_GROUP: &str = "for which resource group the template is, is not said";

fn subscription(target: &Target) -> Value {
    let id = target.subscription.as_ref();
    let known = |value: Option<String>| value.map_or_else(|| unknown(NO_SUBSCRIPTION), Value::from);
    let mut members = Map::new();
    members.insert("subscriptionId".to_owned(), known(id.cloned()));
    members.insert("id".to_owned(), known(id.map(|_| target.subscription_id())));
    for name in ["tenantId", "displayName"] {
        let reason = format!("`subscription().{name}` is known to Azure alone");
        members.insert(name.to_owned(), unknown(reason));
    }
    Value::Object(members)
}

fn group(target: &Target) -> Value {
    if target.has_no_group {
        return unknown("the template is for a subscription, which is no resource group");
    }
    let known =
        |value: Option<&String>| value.map_or_else(|| unknown(NO_GROUP), |value| Value::from(value.clone()));
    let mut members = Map::new();
    members.insert("name".to_owned(), known(target.group.as_ref()));
    let id = match (&target.subscription, &target.group) {
        (Some(_), Some(_)) => Value::from(target.id()),
        (None, Some(_)) => unknown(NO_SUBSCRIPTION),
        _ => unknown(NO_GROUP),
    };
    members.insert("id".to_owned(), id);
    let location = target.location.clone();
    members.insert(
        "location".to_owned(),
        location.map_or_else(
            || unknown("the location of the resource group is not said"),
            Value::from,
        ),
    );
    members.insert(
        "tags".to_owned(),
        unknown("the tags of the resource group are known to Azure alone"),
    );
    Value::Object(members)
}

/// Calls the template's own function, which sees nothing but its parameters.
fn called(
    place: &Place<'_, '_>,
    name: &str,
    function: &Value,
    written: &[Expression],
) -> Result<Rc<Value>, String> {
    let _deeper = place.scope.work.deeper()?;
    let parameters = function.get("parameters").and_then(Value::as_array);
    let names = parameters.into_iter().flatten().map(|one| {
        one.get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    });
    let values = written.iter().map(|one| place.value(one));
    let inside = place.called(names.zip(values).collect());
    let output = function.get("output").and_then(|output| output.get("value"));
    let output = output.ok_or_else(|| format!("function `{name}` has no output"))?;
    Ok(Rc::new(inside.json(output)))
}

/// What stands in an object under a name, whatever the case.
pub(super) fn named<'v>(
    members: &'v Map<String, Value>,
    name: &str,
    work: &Work,
) -> Result<Option<&'v Value>, String> {
    if let Some(value) = members.get(name) {
        return Ok(Some(value));
    }
    work.take(members.len())?;
    let mut members = members.iter();
    let found = members.find(|(held, _)| held.eq_ignore_ascii_case(name));
    Ok(found.map(|(_, value)| value))
}

/// What stands in an object under a name, or in a list at a number.
pub(super) fn member<'v>(of: &'v Value, step: &Value, work: &Work) -> Result<&'v Value, String> {
    match (of, step) {
        (Value::Object(members), Value::String(name)) => {
            let held = named(members, name, work)?;
            held.ok_or_else(|| format!("there is no member `{name}`"))
        }
        (Value::Array(elements), Value::Number(at)) => at
            .as_u64()
            .and_then(|at| elements.get(usize::try_from(at).ok()?))
            .ok_or_else(|| format!("a list of {} has no element {at}", elements.len())),
        (_, step) => Err(format!("there is nothing under {step}")),
    }
}

/// An argument as a text.
fn text(arguments: &[Rc<Value>], at: usize) -> Result<&str, String> {
    arguments
        .get(at)
        .and_then(|value| value.as_str())
        .ok_or_else(|| format!("takes a text as argument {}", at + 1))
}

/// An argument as a whole number.
fn number(arguments: &[Rc<Value>], at: usize) -> Result<i64, String> {
    arguments
        .get(at)
        .and_then(|value| value.as_i64())
        .ok_or_else(|| format!("takes a whole number as argument {}", at + 1))
}

/// An argument as a list.
fn list(arguments: &[Rc<Value>], at: usize) -> Result<&Vec<Value>, String> {
    arguments
        .get(at)
        .and_then(|value| value.as_array())
        .ok_or_else(|| format!("takes a list as argument {}", at + 1))
}

/// An argument, whatever it is.
fn any(arguments: &[Rc<Value>], at: usize) -> Result<&Value, String> {
    arguments
        .get(at)
        .map(|value| &**value)
        .ok_or_else(|| format!("takes {} arguments or more", at + 1))
}
