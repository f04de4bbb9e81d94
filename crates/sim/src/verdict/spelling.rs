//! The spellings of one meaning that FORMATS.md 5.1 allows, drawn at random.

use serde_json::{Map, Value, json};

use crate::prng::Prng;

/// Who prints a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Printer {
    /// What a resource is stands in its `properties`.
    Api,
    /// It stands in the resource itself.
    CommandLine,
    /// As there, but in `PascalCase`, and always in lists.
    PowerShell,
}

/// Members of an object, in their order.
pub(super) type Members = Vec<(String, Value)>;

/// Writes documents, each as one of the printers would.
pub(super) struct Speller {
    prng: Prng,
    printer: Printer,
}

impl Speller {
    pub(super) fn new(prng: Prng) -> Self {
        Self {
            prng,
            printer: Printer::Api,
        }
    }

    /// True in `chance` of 1,000 cases.
    pub(super) fn is(&mut self, chance: u64) -> bool {
        self.prng.per_mille(chance)
    }

    /// Another printer from here on.
    pub(super) fn next_document(&mut self) {
        self.printer = match self.prng.below(5) {
            0..=1 => Printer::Api,
            2..=3 => Printer::CommandLine,
            _ => Printer::PowerShell,
        };
    }

    /// A list of resources as a document.
    pub(super) fn list(&mut self, resources: Vec<Value>) -> String {
        let list = if self.printer == Printer::Api || self.is(100) {
            json!({ "value": resources })
        } else {
            Value::Array(resources)
        };
        self.text(list)
    }

    pub(super) fn text(&mut self, value: Value) -> String {
        let value = if self.printer == Printer::PowerShell {
            pascal(value)
        } else {
            value
        };
        format!("{value:#}")
    }

    /// A resource, or a part of one.
    pub(super) fn resource(&mut self, id: &str, kind: Option<&str>, members: Members) -> Value {
        let mut held = Map::new();
        let name = id.rsplit('/').next().unwrap_or_default();
        held.insert("name".to_owned(), json!(name));
        held.insert("id".to_owned(), json!(id));
        if let Some(kind) = kind.filter(|_| self.printer == Printer::Api || self.is(500)) {
            held.insert(
                "type".to_owned(),
                json!(self.word(&format!("Microsoft.Network/{kind}"))),
            );
        }
        if self.is(300) {
            held.insert("etag".to_owned(), json!("W/\"0\""));
        }
        let mut inside: Map<String, Value> = members.into_iter().collect();
        if self.is(500) {
            inside.insert("provisioningState".to_owned(), json!("Succeeded"));
        }
        if self.printer == Printer::Api {
            held.insert("properties".to_owned(), Value::Object(inside));
        } else {
            held.extend(inside);
        }
        Value::Object(held)
    }

    /// A word in one of its cases.
    pub(super) fn word(&mut self, word: &str) -> String {
        match self.prng.below(10) {
            0 => word.to_ascii_uppercase(),
            1 => word.to_ascii_lowercase(),
            _ => word.to_owned(),
        }
    }

    /// A reference to a resource.
    pub(super) fn reference(&mut self, id: &str) -> Value {
        json!({ "id": self.word(id) })
    }

    /// A member that refers to a resource, or says that there is none.
    pub(super) fn referring(&mut self, name: &str, id: Option<&String>) -> Members {
        match id {
            Some(id) => vec![(name.to_owned(), self.reference(id))],
            None => self.nothing(name),
        }
    }

    /// A member with a list of references.
    pub(super) fn references(&mut self, name: &str, ids: &[String]) -> Members {
        if ids.is_empty() {
            return self.nothing(name);
        }
        let ids = ids.iter().map(|id| self.reference(id)).collect();
        vec![(name.to_owned(), Value::Array(ids))]
    }

    /// A member without a value: null, empty, or not there.
    pub(super) fn nothing(&mut self, name: &str) -> Members {
        let value = match self.prng.below(4) {
            0 => Value::Null,
            1 => json!(""),
            2 => json!([]),
            _ => return Members::new(),
        };
        vec![(name.to_owned(), value)]
    }

    /// Values under the singular name, under the plural one, or shared between both.
    pub(super) fn values(&mut self, singular: &str, plural: &str, values: &[String]) -> Members {
        if self.printer == Printer::PowerShell {
            return vec![(singular.to_owned(), json!(values))];
        }
        let (one, many) = match values {
            [] => (None, values),
            [one] if self.is(700) => (Some(one), &[] as &[String]),
            [one, rest @ ..] if self.is(200) => (Some(one), rest),
            _ => (None, values),
        };
        let mut members = match one {
            Some(one) => vec![(singular.to_owned(), json!(one))],
            None => self.nothing(singular),
        };
        if many.is_empty() {
            members.extend(self.nothing(plural));
        } else {
            members.push((plural.to_owned(), json!(many)));
        }
        members
    }
}

/// A member with a value.
pub(super) fn member(name: &str, value: impl Into<Value>) -> Members {
    vec![(name.to_owned(), value.into())]
}

/// The same with names that begin in upper case.
fn pascal(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let mut letters = name.chars();
                    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                    (first.into_iter().chain(letters).collect(), pascal(value))
                })
                .collect(),
        ),
        Value::Array(values) => Value::Array(values.into_iter().map(pascal).collect()),
        other => other,
    }
}
