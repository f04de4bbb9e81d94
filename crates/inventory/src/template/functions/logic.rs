//! Conditions and comparisons. Those that need not look at all of their arguments do not.

use std::rc::Rc;

use serde_json::Value;

use super::super::expression::Expression;
use super::super::place::Place;
use super::{Function, any, member, number, text};
use crate::unknown::reason;

/// Functions that evaluate what they need.
pub(super) fn lazy(
    place: &Place<'_, '_>,
    name: &str,
    written: &[Expression],
) -> Option<Result<Rc<Value>, String>> {
    Some(match name {
        "if" => choice(place, written),
        "and" => all(place, written, false),
        "or" => all(place, written, true),
        "coalesce" => first_of(place, written),
        "tryget" => try_get(place, written),
        _ => return None,
    })
}

fn choice(place: &Place<'_, '_>, written: &[Expression]) -> Result<Rc<Value>, String> {
    let [condition, then, otherwise] = written else {
        return Err("`if` takes a condition and two values".to_owned());
    };
    let condition = place.value(condition);
    match &*condition {
        Value::Bool(true) => Ok(place.value(then)),
        Value::Bool(false) => Ok(place.value(otherwise)),
        other => Err(reason(other).unwrap_or("`if` takes `true` or `false`").to_owned()),
    }
}

/// `and` is decided by one `false`, `or` by one `true`, also where others are not known.
fn all(place: &Place<'_, '_>, written: &[Expression], decides: bool) -> Result<Rc<Value>, String> {
    let mut not_known = None;
    for one in written {
        let value = place.value(one);
        match &*value {
            Value::Bool(held) if *held == decides => return Ok(value),
            Value::Bool(_) => {}
            other => {
                let reason = reason(other).unwrap_or("`and` and `or` take `true` and `false`");
                not_known.get_or_insert_with(|| reason.to_owned());
            }
        }
    }
    not_known.map_or_else(|| Ok(Rc::new(Value::Bool(!decides))), Err)
}

/// The first that is not null; behind one that is not known nothing is.
fn first_of(place: &Place<'_, '_>, written: &[Expression]) -> Result<Rc<Value>, String> {
    for one in written {
        let value = place.value(one);
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Rc::new(Value::Null))
}

/// What stands under names and numbers, one after the other; null where nothing does.
fn try_get(place: &Place<'_, '_>, written: &[Expression]) -> Result<Rc<Value>, String> {
    let (of, path) = written.split_first().ok_or("`tryGet` without arguments")?;
    let base = place.value(of);
    let mut held: &Value = &base;
    for step in path {
        if reason(held).is_some() {
            break;
        }
        let step = place.value(step);
        if reason(&step).is_some() {
            return Ok(step);
        }
        match member(held, &step, &place.scope.work) {
            Ok(inside) => held = inside,
            Err(_) => return Ok(Rc::new(Value::Null)),
        }
    }
    place.scope.work.take_value(held, 0)?;
    Ok(Rc::new(held.clone()))
}

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "not" => |given, _| match any(given, 0)? {
            Value::Bool(held) => Ok(Value::Bool(!held)),
            _ => Err("takes `true` or `false`".to_owned()),
        },
        "equals" => |given, _| Ok(Value::Bool(any(given, 0)? == any(given, 1)?)),
        "greater" => |given, _| compared(given, |order| order.is_gt()),
        "greaterorequals" => |given, _| compared(given, |order| order.is_ge()),
        "less" => |given, _| compared(given, |order| order.is_lt()),
        "lessorequals" => |given, _| compared(given, |order| order.is_le()),
        "true" => |_, _| Ok(Value::Bool(true)),
        "false" => |_, _| Ok(Value::Bool(false)),
        "null" => |_, _| Ok(Value::Null),
        "bool" => |given, _| match any(given, 0)? {
            Value::Bool(held) => Ok(Value::Bool(*held)),
            Value::Number(held) => Ok(Value::Bool(held.as_i64() != Some(0))),
            Value::String(held) if held.eq_ignore_ascii_case("true") || held == "1" => Ok(Value::Bool(true)),
            Value::String(held) if held.eq_ignore_ascii_case("false") || held == "0" => {
                Ok(Value::Bool(false))
            }
            _ => Err("takes `true` or `false`".to_owned()),
        },
        _ => return None,
    })
}

fn compared(given: &[Rc<Value>], is: fn(std::cmp::Ordering) -> bool) -> Result<Value, String> {
    if any(given, 0)?.is_string() {
        // Ordered as letters are, which in plain ASCII of one case is the order of bytes.
        return Ok(Value::Bool(is(text(given, 0)?.cmp(text(given, 1)?))));
    }
    Ok(Value::Bool(is(number(given, 0)?.cmp(&number(given, 1)?))))
}
