//! Whole numbers.

use std::rc::Rc;

use serde_json::Value;

use super::{Function, any, number};

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "add" => |given, _| of_two(given, i64::checked_add),
        "sub" => |given, _| of_two(given, i64::checked_sub),
        "mul" => |given, _| of_two(given, i64::checked_mul),
        "div" => |given, _| of_two(given, i64::checked_div),
        "mod" => |given, _| of_two(given, i64::checked_rem),
        "min" => |given, _| of_all(given, i64::min),
        "max" => |given, _| of_all(given, i64::max),
        "int" => |given, _| match any(given, 0)? {
            Value::String(text) => text
                .trim()
                .parse()
                .map(|number: i64| Value::from(number))
                .map_err(|_| format!("takes a whole number, and `{text}` is none")),
            _ => number(given, 0).map(Value::from),
        },
        _ => return None,
    })
}

fn of_two(given: &[Rc<Value>], make: fn(i64, i64) -> Option<i64>) -> Result<Value, String> {
    make(number(given, 0)?, number(given, 1)?)
        .map(Value::from)
        .ok_or_else(|| "has no whole number as its result".to_owned())
}

/// Of numbers, or of one list of them.
fn of_all(given: &[Rc<Value>], choose: fn(i64, i64) -> i64) -> Result<Value, String> {
    let numbers: Vec<&Value> = match given {
        [only] => match &**only {
            Value::Array(elements) => elements.iter().collect(),
            other => vec![other],
        },
        many => many.iter().map(|value| &**value).collect(),
    };
    let numbers: Option<Vec<i64>> = numbers.into_iter().map(Value::as_i64).collect();
    numbers
        .and_then(|numbers| numbers.into_iter().reduce(choose))
        .map(Value::from)
        .ok_or_else(|| "takes whole numbers".to_owned())
}
