//! Evaluates what stands in a template: JSON with expressions in it, at a place that has loops around it. What cannot be
//! known is in the result as such, with its reason; a text is never made up.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::expression::{Expression, Written, parse, written};
use super::functions;
use super::scope::Scope;
use super::work::LOOP_MAX;
use crate::unknown::{reason, unknown};

/// A turn of a loop.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    name: String,
    at: i64,
    /// It makes resources, not parts of one.
    is_of_resources: bool,
}

/// A value that has a name where it is evaluated.
pub(super) type Named = (String, Rc<Value>);

/// Where something is evaluated.
#[derive(Clone)]
pub(super) struct Place<'s, 'v> {
    pub(super) scope: &'s Scope<'v>,
    turns: Vec<Turn>,
    /// Variables of lambdas, the innermost last.
    named: Vec<Named>,
    /// Inside of the template's own function: what it was called with, which are its parameters.
    arguments: Option<Rc<Vec<Named>>>,
}

impl<'s, 'v> Place<'s, 'v> {
    pub(super) const fn of(scope: &'s Scope<'v>) -> Self {
        Self {
            scope,
            turns: Vec::new(),
            named: Vec::new(),
            arguments: None,
        }
    }

    /// The same place in a turn of a loop.
    pub(super) fn turned(&self, name: &str, at: i64, is_of_resources: bool) -> Self {
        let mut place = self.clone();
        place.turns.push(Turn {
            name: name.to_owned(),
            at,
            is_of_resources,
        });
        place
    }

    /// The same place with a variable of a lambda.
    pub(super) fn naming(&self, name: &str, value: Rc<Value>) -> Self {
        let mut place = self.clone();
        place.named.push((name.to_owned(), value));
        place
    }

    /// Inside of the template's own function.
    pub(super) fn called(&self, arguments: Vec<Named>) -> Self {
        Self {
            arguments: Some(Rc::new(arguments)),
            ..Self::of(self.scope)
        }
    }

    /// The turn of a loop by its name; without one that of the loop that makes resources, or else of the innermost.
    pub(super) fn turn(&self, name: Option<&str>) -> Option<i64> {
        let named = |turn: &&Turn| name.is_some_and(|name| turn.name.eq_ignore_ascii_case(name));
        let found = match name {
            Some(_) => self.turns.iter().rev().find(named),
            None => {
                let of_resources = self.turns.iter().rev().find(|turn| turn.is_of_resources);
                of_resources.or_else(|| self.turns.last())
            }
        };
        found.map(|turn| turn.at)
    }

    pub(super) fn variable_of_lambda(&self, name: &str) -> Option<Rc<Value>> {
        let mut named = self.named.iter().rev();
        let (_, value) = named.find(|(held, _)| held.eq_ignore_ascii_case(name))?;
        Some(Rc::clone(value))
    }

    pub(super) fn parameter(&self, name: &str) -> Rc<Value> {
        let Some(arguments) = &self.arguments else {
            return self.scope.parameter(name);
        };
        let mut held = arguments.iter();
        match held.find(|(held, _)| held.eq_ignore_ascii_case(name)) {
            Some((_, value)) => Rc::clone(value),
            None => Rc::new(unknown(format!(
                "parameter `{name}` of a function is not declared"
            ))),
        }
    }

    /// JSON with all expressions in it evaluated.
    pub(super) fn json(&self, value: &Value) -> Value {
        self.json_or_reason(value).unwrap_or_else(unknown)
    }

    fn json_or_reason(&self, value: &Value) -> Result<Value, String> {
        let _deeper = self.scope.work.deeper()?;
        match value {
            Value::String(text) => {
                self.scope.work.take_text(text.len())?;
                Ok(match written(text) {
                    Written::Text(text) => Value::from(text),
                    Written::Expression(inside) => {
                        let value = self.expression_in(inside);
                        self.scope.work.take_value(&value, 0)?;
                        Rc::unwrap_or_clone(value)
                    }
                })
            }
            Value::Array(elements) => {
                let made: Vec<Value> = elements.iter().map(|element| self.json(element)).collect();
                Ok(Value::Array(made))
            }
            Value::Object(members) => self.object(members),
            _ => Ok(value.clone()),
        }
    }

    fn object(&self, members: &Map<String, Value>) -> Result<Value, String> {
        let mut made = Map::new();
        for (name, value) in members {
            if name.eq_ignore_ascii_case("copy")
                && let Some(loops) = loops(value)
            {
                for one in loops {
                    let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
                    made.insert(name.to_owned(), self.elements(one, name));
                }
                continue;
            }
            let name = match written(name) {
                Written::Text(name) => name.to_owned(),
                Written::Expression(inside) => {
                    let name = self.expression_in(inside);
                    match (name.as_str(), reason(&name)) {
                        (Some(name), _) => name.to_owned(),
                        (None, Some(reason)) => return Err(reason.to_owned()),
                        (None, None) => return Err("the name of a member is no text".to_owned()),
                    }
                }
            };
            made.insert(name, self.json(value));
        }
        Ok(Value::Object(made))
    }

    /// What a loop of a property or a variable makes.
    pub(super) fn elements(&self, one: &Value, name: &str) -> Value {
        let count = self.count(one.get("count"));
        let (count, input) = match (count, one.get("input")) {
            (Ok(count), Some(input)) => (count, input),
            (Err(reason), _) => return unknown(reason),
            (_, None) => return unknown(format!("loop `{name}` has no `input`")),
        };
        let mut made = Vec::new();
        for at in 0..count {
            made.push(self.turned(name, at, false).json(input));
            if self.scope.work.is_spent() {
                break;
            }
        }
        Value::Array(made)
    }

    /// How many turns a loop has.
    pub(super) fn count(&self, written: Option<&Value>) -> Result<i64, String> {
        let value = self.json(written.ok_or("a loop without `count`")?);
        if let Some(reason) = reason(&value) {
            return Err(reason.to_owned());
        }
        match value.as_i64() {
            Some(count) if (0..=LOOP_MAX).contains(&count) => Ok(count),
            Some(count) => Err(format!("a loop of {count} turns: Azure makes 0 to {LOOP_MAX}")),
            None => Err("the `count` of a loop is no whole number".to_owned()),
        }
    }

    fn expression_in(&self, text: &str) -> Rc<Value> {
        match parse(text) {
            Ok(expression) => self.value(&expression),
            Err(message) => Rc::new(unknown(message)),
        }
    }

    pub(super) fn value(&self, expression: &Expression) -> Rc<Value> {
        let made = self.scope.work.deeper().and_then(|_deeper| match expression {
            Expression::Literal(value) => Ok(Rc::clone(value)),
            Expression::Call { name, arguments } => functions::call(self, name, arguments),
            Expression::Inside { of, path } => self.inside(of, path),
        });
        made.unwrap_or_else(|reason| Rc::new(unknown(reason)))
    }

    fn inside(&self, of: &Expression, path: &[Expression]) -> Result<Rc<Value>, String> {
        let base = self.value(of);
        let mut held: &Value = &base;
        for step in path {
            if reason(held).is_some() {
                break;
            }
            let step = self.value(step);
            if reason(&step).is_some() {
                return Ok(step);
            }
            held = functions::member(held, &step, &self.scope.work)?;
        }
        self.scope.work.take_value(held, 0)?;
        Ok(Rc::new(held.clone()))
    }
}

/// The loops under the member `copy`, if it is one of loops.
fn loops(value: &Value) -> Option<&Vec<Value>> {
    let loops = value.as_array()?;
    let is_loop = |one: &Value| one.get("name").is_some_and(Value::is_string) && one.get("count").is_some();
    (!loops.is_empty() && loops.iter().all(is_loop)).then_some(loops)
}
