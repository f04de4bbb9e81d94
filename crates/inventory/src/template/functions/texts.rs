//! Texts. Where a text can become much longer than what it is made of, its length is taken into account before it is made.

use std::rc::Rc;

use serde_json::Value;

use super::super::work::Work;
use super::{Function, any, list, number, text};

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "format" => format,
        "tolower" => |given, _| text(given, 0).map(|held| Value::from(held.to_lowercase())),
        "toupper" => |given, _| text(given, 0).map(|held| Value::from(held.to_uppercase())),
        "trim" => |given, _| text(given, 0).map(|held| Value::from(held.trim())),
        "string" => |given, _| match any(given, 0)? {
            Value::Null => Err("takes a value, and null is none".to_owned()),
            held => Ok(Value::from(shown(held))),
        },
        "json" => |given, _| {
            serde_json::from_str(text(given, 0)?)
                .map_err(|error| format!("takes JSON, and this is none: {error}"))
        },
        "split" => split,
        "join" => join,
        "replace" => replace,
        "substring" => substring,
        "padleft" => pad_left,
        "startswith" => |given, _| with(given, |held, sought| held.starts_with(sought)),
        "endswith" => |given, _| with(given, |held, sought| held.ends_with(sought)),
        _ => return None,
    })
}

/// A value as a text inside of others: JSON, but for texts themselves; null is nothing.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Beginnings and ends are compared ignoring case.
fn with(given: &[Rc<Value>], is: fn(&str, &str) -> bool) -> Result<Value, String> {
    let (held, sought) = (text(given, 0)?.to_lowercase(), text(given, 1)?.to_lowercase());
    Ok(Value::Bool(is(&held, &sought)))
}

/// `{0}`, `{1:D2}`, and `{{` and `}}` for brackets.
fn format(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let mut rest = text(given, 0)?;
    let mut made = String::new();
    while let Some(at) = rest.find(['{', '}']) {
        let (before, bracket) = rest.split_at_checked(at).unwrap_or((rest, ""));
        made.push_str(before);
        if let Some(behind) = bracket.strip_prefix("{{") {
            made.push('{');
            rest = behind;
            continue;
        }
        if let Some(behind) = bracket.strip_prefix("}}") {
            made.push('}');
            rest = behind;
            continue;
        }
        let inside = bracket.strip_prefix('{').and_then(|held| held.split_once('}'));
        let (inside, behind) = inside.ok_or("takes a text whose brackets are in pairs")?;
        let (at, how) = match inside.split_once(':') {
            Some((at, how)) => (at, Some(how)),
            None => (inside, None),
        };
        let at: usize = at
            .trim()
            .parse()
            .map_err(|_| format!("does not know `{{{inside}}}`"))?;
        let value = any(given, at.saturating_add(1))?;
        let piece = match how {
            None => shown(value),
            Some(how) => digits(value, how).ok_or_else(|| format!("does not know `{{{inside}}}`"))?,
        };
        work.take_text(piece.len())?;
        made.push_str(&piece);
        rest = behind;
    }
    made.push_str(rest);
    Ok(Value::from(made))
}

/// A number in at least so many digits, `D2`.
fn digits(value: &Value, how: &str) -> Option<String> {
    let number = value.as_i64()?;
    let width: usize = how.strip_prefix(['D', 'd'])?.parse().ok()?;
    let sign = if number < 0 { "-" } else { "" };
    let digits = number.unsigned_abs();
    (width <= 99).then(|| format!("{sign}{digits:0width$}"))
}

/// At one separator or at each of several.
fn split(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let held = text(given, 0)?;
    let separators: Vec<String> = match any(given, 1)? {
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![text(given, 1)?.to_owned()],
    };
    let mut parts = vec![held];
    for separator in separators.iter().filter(|separator| !separator.is_empty()) {
        parts = parts
            .into_iter()
            .flat_map(|part| part.split(separator.as_str()))
            .collect();
    }
    Ok(Value::from(parts))
}

fn join(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let parts = list(given, 0)?;
    let between = text(given, 1)?;
    work.take_text(between.len().saturating_mul(parts.len()))?;
    let parts: Vec<String> = parts.iter().map(shown).collect();
    Ok(Value::from(parts.join(between)))
}

fn replace(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let (held, old, new) = (text(given, 0)?, text(given, 1)?, text(given, 2)?);
    if old.is_empty() {
        return Err("takes a text that is not empty as argument 2".to_owned());
    }
    work.take_text(held.matches(old).count().saturating_mul(new.len()))?;
    Ok(Value::from(held.replace(old, new)))
}

fn substring(given: &[Rc<Value>], _: &Work) -> Result<Value, String> {
    let held = text(given, 0)?;
    let characters = held.chars().count();
    let start = usize::try_from(number(given, 1)?)
        .ok()
        .filter(|start| *start <= characters);
    let start = start.ok_or_else(|| format!("begins outside of a text of {characters} characters"))?;
    let length = match given.get(2) {
        Some(_) => usize::try_from(number(given, 2)?).ok(),
        None => Some(characters - start),
    };
    let length = length.filter(|length| *length <= characters - start);
    let length = length.ok_or_else(|| format!("ends outside of a text of {characters} characters"))?;
    Ok(Value::from(
        held.chars().skip(start).take(length).collect::<String>(),
    ))
}

fn pad_left(given: &[Rc<Value>], work: &Work) -> Result<Value, String> {
    let held = shown(any(given, 0)?);
    let width = usize::try_from(number(given, 1)?).unwrap_or_default();
    let with = match given.get(2) {
        Some(_) => text(given, 2)?.chars().next().unwrap_or(' '),
        None => ' ',
    };
    let missing = width.saturating_sub(held.chars().count());
    work.take_text(missing.saturating_mul(with.len_utf8()))?;
    let mut padded: String = std::iter::repeat_n(with, missing).collect();
    padded.push_str(&held);
    Ok(Value::from(padded))
}
