//! What a template knows by itself: its parameters and variables, each evaluated once and when it is asked for, its own
//! functions, and where it is deployed to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::functions::named;
use super::place::Place;
use super::work::Work;
use crate::node::{Node, same};
use crate::unknown::{reason, unknown};

/// Where a template is deployed to, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    pub(super) subscription: Option<String>,
    pub(super) group: Option<String>,
    pub(super) location: Option<String>,
    /// It is for a subscription as a whole.
    pub(super) has_no_group: bool,
}

/// What stands in ids for what is not known, as for what Terraform has only planned.
const NOT_SAID: &str = "unknown";

impl Target {
    /// What the ids of its resources begin with.
    pub(super) fn id(&self) -> String {
        let subscription = self.subscription_id();
        if self.has_no_group {
            return subscription;
        }
        let group = self.group.as_deref().unwrap_or(NOT_SAID);
        format!("{subscription}/resourceGroups/{group}")
    }

    pub(super) fn subscription_id(&self) -> String {
        format!(
            "/subscriptions/{}",
            self.subscription.as_deref().unwrap_or(NOT_SAID)
        )
    }
}

/// Values that a template was given.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: BTreeMap<String, Value>,
    /// Why none of the others is known.
    all: Option<String>,
}

impl Given {
    /// Takes `{"name": {"value": …}}`; values that were given before are replaced.
    pub(super) fn take(&mut self, written: &Value) {
        if let Some(reason) = reason(written) {
            self.all = Some(reason.to_owned());
        }
        for (name, held) in written.as_object().into_iter().flatten() {
            let member = |wanted: &str| {
                let members = held.as_object()?;
                members
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                    .map(|(_, value)| value)
            };
            let value = match (member("value"), member("reference"), reason(held)) {
                (Some(value), _, _) => value.clone(),
                (None, Some(_), _) => unknown(format!("parameter `{name}` is a secret of a key vault")),
                (None, None, Some(reason)) => unknown(reason),
                // Deployments that were read back name secrets without a value.
                (None, None, None) => unknown(format!("parameter `{name}` is given without a value")),
            };
            self.values.insert(name.to_ascii_lowercase(), value);
        }
    }
}

/// A template, and what it was given.
pub(super) struct Scope<'v> {
    pub(super) template: Node<'v>,
    given: Given,
    pub(super) target: Target,
    pub(super) work: Rc<Work>,
    /// What was evaluated, or is being so.
    known: RefCell<BTreeMap<String, Option<Rc<Value>>>>,
}

impl<'v> Scope<'v> {
    pub(super) fn new(template: Node<'v>, given: Given, target: Target, work: Rc<Work>) -> Self {
        Self {
            template,
            given,
            target,
            work,
            known: RefCell::default(),
        }
    }

    /// A value that is made once; what needs itself is not known.
    pub(super) fn once(&self, what: &str, make: impl FnOnce() -> Value) -> Rc<Value> {
        let key = what.to_ascii_lowercase();
        let held = self.known.borrow().get(&key).cloned();
        match held {
            Some(Some(value)) => value,
            Some(None) => Rc::new(unknown(format!("{what} refers to itself"))),
            None => {
                self.known.borrow_mut().insert(key.clone(), None);
                let value = Rc::new(make());
                self.known.borrow_mut().insert(key, Some(Rc::clone(&value)));
                value
            }
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Rc<Value> {
        let what = format!("parameter `{name}`");
        self.once(&what, || self.parameter_anew(name, &what))
    }

    fn parameter_anew(&self, name: &str, what: &str) -> Value {
        let declared = match self.part("parameters", name) {
            Ok(Some(declared)) => declared,
            Ok(None) => return unknown(format!("{what} is not declared")),
            Err(reason) => return unknown(reason),
        };
        let declared_member = |wanted: &str| {
            let members = declared.as_object()?;
            members
                .iter()
                .find(|(name, _)| same(name, wanted))
                .map(|(_, value)| value)
        };
        let given = self.given.values.get(&name.to_ascii_lowercase());
        // Null stands for the default, where there is one.
        let given = given.filter(|given| !given.is_null() || declared_member("defaultValue").is_none());
        let value = match given {
            Some(given) => given.clone(),
            None => match (&self.given.all, declared_member("defaultValue")) {
                (Some(reason), _) => unknown(reason.clone()),
                (None, Some(default)) => Place::of(self).json(default),
                (None, None) if self.may_be_null(declared) => Value::Null,
                (None, None) => unknown(format!("{what} has no value: give its parameters too")),
            },
        };
        let kind = declared_member("type").and_then(Value::as_str);
        match kind.and_then(|kind| other_kind(kind, &value)) {
            Some(kind) => unknown(format!("{what} is to be {kind}, and its value is none")),
            None => value,
        }
    }

    /// True for a parameter that may be left away, by itself or by the type that it refers to.
    fn may_be_null(&self, declared: &Value) -> bool {
        let is_nullable = |held: &Value| held.get("nullable") == Some(&Value::Bool(true));
        let refers = declared.get("$ref").and_then(Value::as_str);
        let kind = refers.and_then(|refers| refers.strip_prefix("#/definitions/"));
        let kind = kind.and_then(|kind| self.part("definitions", kind).ok().flatten());
        is_nullable(declared) || kind.is_some_and(is_nullable)
    }

    pub(super) fn variable(&self, name: &str) -> Rc<Value> {
        let what = format!("variable `{name}`");
        self.once(&what, || match self.part("variables", name) {
            Ok(Some(written)) => Place::of(self).json(written),
            Ok(None) => self
                .variable_of_loop(name)
                .unwrap_or_else(|| unknown(format!("{what} is not declared"))),
            Err(reason) => unknown(reason),
        })
    }

    /// Variables may also be made by a loop, in a list of its own.
    fn variable_of_loop(&self, name: &str) -> Option<Value> {
        let loops = self.part("variables", "copy").ok()??.as_array()?;
        self.work.take(loops.len()).ok()?;
        let one = loops.iter().find(|one| {
            one.get("name")
                .and_then(Value::as_str)
                .is_some_and(|held| held.eq_ignore_ascii_case(name))
        })?;
        Some(Place::of(self).elements(one, name))
    }

    /// A function that the template itself has, by `space.name`.
    pub(super) fn function(&self, name: &str) -> Option<&'v Value> {
        let (space, own) = name.split_once('.')?;
        let spaces = self.template.member("functions")?;
        let spaces = spaces.value.as_array()?;
        let held = spaces.iter().find(|held| {
            let named = held.get("namespace").and_then(Value::as_str);
            named.is_some_and(|named| named.eq_ignore_ascii_case(space))
        })?;
        let members = held.get("members")?.as_object()?;
        members
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(own))
            .map(|(_, function)| function)
    }

    /// A member of a part of the template, such as one of its parameters, whatever it holds.
    fn part(&self, part: &str, name: &str) -> Result<Option<&'v Value>, String> {
        let part = self.template.member(part);
        match part.and_then(|part| part.value.as_object()) {
            Some(members) => named(members, name, &self.work),
            None => Ok(None),
        }
    }
}

/// What a value is to be and is not.
fn other_kind(kind: &str, value: &Value) -> Option<&'static str> {
    if value.is_null() || reason(value).is_some() {
        return None;
    }
    let (is, named) = match kind.to_ascii_lowercase().as_str() {
        "string" | "securestring" => (value.is_string(), "a text"),
        "int" => (value.is_i64(), "a whole number"),
        "bool" => (value.is_boolean(), "`true` or `false`"),
        "array" => (value.is_array(), "a list"),
        "object" | "secureobject" => (value.is_object(), "an object"),
        _ => return None,
    };
    (!is).then_some(named)
}
