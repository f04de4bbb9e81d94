//! Functions that take functions: `map(list, lambda('x', …))`.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::expression::Expression;
use super::super::place::Place;
use crate::unknown::{reason, unknown};

pub(super) fn call(
    place: &Place<'_, '_>,
    name: &str,
    written: &[Expression],
) -> Option<Result<Rc<Value>, String>> {
    if !matches!(name, "map" | "filter" | "toobject" | "reduce" | "mapvalues") {
        return None;
    }
    // `toObject(list, lambda)` has lambdas only.
    Some(match name {
        "map" => over(place, name, written, false),
        "filter" => over(place, name, written, true),
        "toobject" => object(place, written),
        _ => Err(format!("function `{name}` is not evaluated here")),
    })
}

/// What a lambda gives for each element, or the elements for which it gives `true`.
fn over(
    place: &Place<'_, '_>,
    name: &str,
    written: &[Expression],
    filters: bool,
) -> Result<Rc<Value>, String> {
    let [of, lambda] = written else {
        return Err(format!("`{name}` takes a list and a lambda"));
    };
    let list = place.value(of);
    let Some(elements) = list.as_array() else {
        return Err(reason(&list).map_or_else(|| format!("`{name}` takes a list"), str::to_owned));
    };
    let mut made = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        let value = applied(place, lambda, element, at)?;
        if !filters {
            place.scope.work.take_value(&value, 0)?;
            made.push(Rc::unwrap_or_clone(value));
            continue;
        }
        match &*value {
            Value::Bool(true) => made.push(element.clone()),
            Value::Bool(false) => {}
            other => {
                return Err(reason(other)
                    .unwrap_or("a filter that gives neither `true` nor `false`")
                    .to_owned());
            }
        }
    }
    Ok(Rc::new(place.scope.work.admit(Value::Array(made))?))
}

/// An object of the keys and the values that two lambdas give.
fn object(place: &Place<'_, '_>, written: &[Expression]) -> Result<Rc<Value>, String> {
    let (of, key, value) = match written {
        [of, key] => (of, key, None),
        [of, key, value] => (of, key, Some(value)),
        _ => return Err("`toObject` takes a list and one or two lambdas".to_owned()),
    };
    let list = place.value(of);
    let Some(elements) = list.as_array() else {
        return Err(reason(&list).unwrap_or("`toObject` takes a list").to_owned());
    };
    let mut made = Map::new();
    for (at, element) in elements.iter().enumerate() {
        let key = applied(place, key, element, at)?;
        let Some(name) = key.as_str() else {
            return Err(reason(&key)
                .unwrap_or("`toObject` takes texts as keys")
                .to_owned());
        };
        let value = match value {
            Some(value) => Rc::unwrap_or_clone(applied(place, value, element, at)?),
            None => element.clone(),
        };
        place.scope.work.take_value(&value, 0)?;
        made.insert(name.to_owned(), value);
    }
    Ok(Rc::new(Value::Object(made)))
}

/// What a lambda gives for an element; its second variable, if it has one, is the number of the element.
fn applied(
    place: &Place<'_, '_>,
    lambda: &Expression,
    element: &Value,
    at: usize,
) -> Result<Rc<Value>, String> {
    let Expression::Call { name, arguments } = lambda else {
        return Err("a lambda was expected".to_owned());
    };
    let Some((body, names)) = arguments.split_last().filter(|_| name == "lambda") else {
        return Err("a lambda was expected".to_owned());
    };
    place.scope.work.take_value(element, 0)?;
    let values = [element.clone(), Value::from(at)];
    let mut inside = place.clone();
    for (name, value) in names.iter().zip(values) {
        let name = place.value(name);
        let name = name.as_str().ok_or("a lambda variable without a name")?;
        inside = inside.naming(name, Rc::new(value));
    }
    let value = inside.value(body);
    match reason(&value) {
        // A part of a list may well be unknown where the rest is known.
        Some(reason) => Ok(Rc::new(unknown(reason))),
        None => Ok(value),
    }
}
