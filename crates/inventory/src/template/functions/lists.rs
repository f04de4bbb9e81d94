//! Lists and objects, and what holds for lists and texts alike.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::work::Work;
use super::texts::shown;
use super::{Function, any, list, number, text};

/// Azure makes no longer ranges.
const RANGE_MAX: i64 = 10_000;

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "concat" => concat,
        "createarray" => |given, _| {
            Ok(Value::Array(
                given.iter().map(|value| (**value).clone()).collect(),
            ))
        },
        "createobject" => create_object,
        "array" => |given, _| match any(given, 0)? {
            Value::Array(elements) => Ok(Value::Array(elements.clone())),
            other => Ok(Value::Array(vec![other.clone()])),
        },
        "union" => union,
        "shallowmerge" => shallow_merge,
        "intersection" => intersection,
        "flatten" => flatten,
        "range" => range,
        "length" => |given, _| length(any(given, 0)?).map(Value::from),
        "empty" => |given, _| match any(given, 0)? {
            Value::Null => Ok(Value::Bool(true)),
            other => length(other).map(|length| Value::Bool(length == 0)),
        },
        "first" => |given, _| end(any(given, 0)?, true),
        "last" => |given, _| end(any(given, 0)?, false),
        "skip" => |given, _| part(given, true),
        "take" => |given, _| part(given, false),
        "contains" => contains,
        "indexof" => |given, _| index_of(given, true),
        "lastindexof" => |given, _| index_of(given, false),
        "items" => items,
        "objectkeys" => |given, _| match any(given, 0)? {
            Value::Object(members) => Ok(Value::from(members.keys().cloned().collect::<Vec<_>>())),
            _ => Err("takes an object".to_owned()),
        },
        _ => return None,
    })
}

/// Of lists a list, or else a text.
fn concat(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    if given.iter().any(|value| value.is_array()) {
        let mut all = Vec::new();
        for at in 0..given.len() {
            all.extend(list(given, at)?.iter().cloned());
        }
        return Ok(Value::Array(all));
    }
    if given.iter().any(|value| value.is_object()) {
        return Err("takes texts or lists".to_owned());
    }
    Ok(Value::from(
        given.iter().map(|value| shown(value)).collect::<String>(),
    ))
}

fn create_object(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let mut members = Map::new();
    for (at, pair) in given.chunks(2).enumerate() {
        let [name, value] = pair else {
            return Err("takes names and values in pairs".to_owned());
        };
        let name = name.as_str();
        let name = name.ok_or_else(|| format!("takes a text as argument {}", at * 2 + 1))?;
        members.insert(name.to_owned(), (**value).clone());
    }
    Ok(Value::Object(members))
}

/// Of lists each element once; of objects all members, those of the later ones first, and so on inside of them.
fn union(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    if any(given, 0)?.is_array() {
        let mut all: Vec<Value> = Vec::new();
        for at in 0..given.len() {
            for element in list(given, at)? {
                if let Some(reason) = crate::unknown::first(element) {
                    return Err(format!("of an element that is not known: {reason}"));
                }
                work.take(all.len())?;
                if !all.contains(element) {
                    all.push(element.clone());
                }
            }
        }
        return Ok(Value::Array(all));
    }
    let mut all = Map::new();
    for value in given {
        let members = value.as_object().ok_or("takes objects or lists")?;
        merge(&mut all, members, work)?;
    }
    Ok(Value::Object(all))
}

fn merge(all: &mut Map<String, Value>, members: &Map<String, Value>, work: &Work) -> Result<(), String> {
    for (name, value) in members {
        work.take(all.len())?;
        let known = all.iter_mut().find(|(held, _)| held.eq_ignore_ascii_case(name));
        match (known, value) {
            (Some((_, Value::Object(held))), Value::Object(more))
                if crate::unknown::reason(value).is_none() =>
            {
                merge(held, more, work)?;
            }
            (Some((_, held)), value) => *held = value.clone(),
            (None, value) => {
                all.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

fn shallow_merge(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let mut all = Map::new();
    for object in list(given, 0)? {
        if let Some(reason) = crate::unknown::reason(object) {
            return Err(format!("of an object that is not known: {reason}"));
        }
        for (name, value) in object.as_object().ok_or("takes a list of objects")? {
            work.take(all.len())?;
            all.retain(|held, _| !held.eq_ignore_ascii_case(name));
            all.insert(name.clone(), value.clone());
        }
    }
    Ok(Value::Object(all))
}

/// What all lists, or all objects, have.
fn intersection(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let (head, others) = given.split_first().ok_or("takes lists or objects")?;
    match &**head {
        Value::Array(elements) => {
            let mut all = elements.clone();
            for at in 1..=others.len() {
                let other = list(given, at)?;
                work.take(other.len().saturating_mul(all.len()))?;
                all.retain(|element| other.contains(element));
            }
            Ok(Value::Array(all))
        }
        Value::Object(members) => {
            let mut all = members.clone();
            for other in others {
                let other = other.as_object().ok_or("takes lists or objects")?;
                all.retain(|name, value| other.get(name) == Some(value));
            }
            Ok(Value::Object(all))
        }
        _ => Err("takes lists or objects".to_owned()),
    }
}

fn flatten(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let mut all = Vec::new();
    for inside in list(given, 0)? {
        match (inside.as_array(), crate::unknown::reason(inside)) {
            (Some(elements), _) => all.extend(elements.iter().cloned()),
            (None, Some(reason)) => return Err(format!("of a list that is not known: {reason}")),
            (None, None) => return Err("takes a list of lists".to_owned()),
        }
    }
    Ok(Value::Array(all))
}

fn range(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let (first, count) = (number(given, 0)?, number(given, 1)?);
    let end = first
        .checked_add(count)
        .filter(|_| (0..=RANGE_MAX).contains(&count));
    let end = end.ok_or_else(|| format!("makes 0 to {RANGE_MAX} numbers"))?;
    Ok(Value::Array((first..end).map(Value::from).collect()))
}

fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::String(text) => Ok(text.chars().count()),
        Value::Array(elements) => Ok(elements.len()),
        Value::Object(members) => Ok(members.len()),
        _ => Err("takes a text, a list or an object".to_owned()),
    }
}

/// The first or the last of a list or a text.
fn end(value: &Value, is_first: bool) -> Result<Value, String> {
    match value {
        Value::String(text) => {
            let letter = if is_first {
                text.chars().next()
            } else {
                text.chars().last()
            };
            Ok(Value::from(letter.map(String::from).unwrap_or_default()))
        }
        Value::Array(elements) => {
            let element = if is_first {
                elements.first()
            } else {
                elements.last()
            };
            Ok(element.cloned().unwrap_or(Value::Null))
        }
        _ => Err("takes a text or a list".to_owned()),
    }
}

/// What is behind so many letters or elements, or these themselves.
fn part(given: &[Rc<Value>], is_behind: bool) -> Result<Value, String> {
    let count = usize::try_from(number(given, 1)?.max(0)).unwrap_or(usize::MAX);
    match any(given, 0)? {
        Value::String(text) => {
            let letters = text.chars();
            let made: String = match is_behind {
                true => letters.skip(count).collect(),
                false => letters.take(count).collect(),
            };
            Ok(Value::from(made))
        }
        Value::Array(elements) => {
            let elements = elements.iter().cloned();
            Ok(Value::Array(match is_behind {
                true => elements.skip(count).collect(),
                false => elements.take(count).collect(),
            }))
        }
        _ => Err("takes a text or a list".to_owned()),
    }
}

fn contains(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let sought = any(given, 1)?;
    Ok(Value::Bool(match any(given, 0)? {
        Value::String(held) => held.contains(&shown(sought)),
        Value::Array(elements) => elements.contains(sought),
        Value::Object(members) => {
            let sought = text(given, 1)?;
            members.keys().any(|name| name.eq_ignore_ascii_case(sought))
        }
        _ => return Err("takes a text, a list or an object".to_owned()),
    }))
}

/// Where something stands in a list, or in a text ignoring case; -1 where it does not.
fn index_of(given: &[Rc<Value>], is_first: bool) -> Result<Value, String> {
    let at = match any(given, 0)? {
        Value::Array(elements) => {
            let sought = any(given, 1)?;
            match is_first {
                true => elements.iter().position(|element| element == sought),
                false => elements.iter().rposition(|element| element == sought),
            }
        }
        _ => {
            let (held, sought) = (text(given, 0)?.to_lowercase(), text(given, 1)?.to_lowercase());
            let at = if is_first {
                held.find(&sought)
            } else {
                held.rfind(&sought)
            };
            at.and_then(|at| held.split_at_checked(at))
                .map(|(before, _)| before.chars().count())
        }
    };
    Ok(at.map_or_else(|| Value::from(-1), Value::from))
}

/// `[{"key": …, "value": …}]`, in the order of the keys.
fn items(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let members = any(given, 0)?.as_object().ok_or("takes an object")?;
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.to_lowercase());
    let items = members.into_iter().map(|(name, value)| {
        let mut item = Map::new();
        item.insert("key".to_owned(), Value::from(name.clone()));
        item.insert("value".to_owned(), value.clone());
        Value::Object(item)
    });
    Ok(Value::Array(items.collect()))
}
