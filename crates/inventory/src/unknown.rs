//! What cannot be known before a deployment: a place in evaluated JSON that says so, with its reason, where a text or a number
//! would stand. It is no JSON that a tool writes; a document that holds it all the same says that it does not know.

use serde_json::{Map, Value};

/// The one member of an object that stands for what is not known.
const MARK: &str = "\u{0}unknown";

/// A value that is not known.
pub(crate) fn unknown(reason: impl Into<String>) -> Value {
    let mut members = Map::new();
    members.insert(MARK.to_owned(), Value::String(reason.into()));
    Value::Object(members)
}

/// Why a value is not known; none if it is known.
pub(crate) fn reason(value: &Value) -> Option<&str> {
    value.as_object()?.get(MARK)?.as_str()
}

/// The first part of a value that is not known.
pub(crate) fn first(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) => reason(value).or_else(|| members.values().find_map(first)),
        Value::Array(elements) => elements.iter().find_map(first),
        _ => None,
    }
}
