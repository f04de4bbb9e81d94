//! Which JSON the twin has an opinion on: no key twice, and behind each known key a value of its type.
//!
//! Knows nothing of what the values mean.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value in which no object has a key twice.
pub(super) struct Once(pub(super) Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value without a key that comes twice")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Once(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Once(value))) = members.next_entry::<String, Once>()? {
            // The parser knows keys in any letter case.
            if map.keys().any(|held| held.eq_ignore_ascii_case(&key)) {
                return Err(A::Error::custom("a key comes twice"));
            }
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

const HEADER: [&str; 10] = [
    "time",
    "macAddress",
    "category",
    "flowLogVersion",
    "flowLogGUID",
    "flowLogResourceID",
    "targetResourceID",
    "resourceId",
    "systemId",
    "operationName",
];

type Usual = fn(&Value) -> bool;

/// True if an item of a document is one the twin has an opinion on: an object, or a list of such.
pub(super) fn is_usual(item: &Value) -> bool {
    if let Value::Array(items) = item {
        return items.iter().all(is_usual);
    }
    let has = |key: &str| item.get(key).is_some();
    // A record is of one format, and either a record or a wrapper around some.
    let kinds = ["records", "flowRecords", "properties"].map(has);
    kinds.iter().filter(|has| **has).count() <= 1
        && members(
            item,
            &HEADER,
            &[
                ("records", |value| {
                    value.as_array().is_some_and(|items| items.iter().all(is_usual))
                }),
                ("flowRecords", |body| members(body, &[], &[("flows", vnet_flows)])),
                ("properties", |body| {
                    body.get("flows").is_some() && members(body, &["Version"], &[("flows", nsg_rules)])
                }),
            ],
        )
}

fn vnet_flows(list: &Value) -> bool {
    fn groups(list: &Value) -> bool {
        each(list, |group| {
            members(group, &["rule"], &[("flowTuples", Value::is_array)])
        })
    }
    each(list, |flow| members(flow, &["aclID"], &[("flowGroups", groups)]))
}

fn nsg_rules(list: &Value) -> bool {
    fn flows(list: &Value) -> bool {
        each(list, |flow| {
            members(flow, &["mac"], &[("flowTuples", Value::is_array)])
        })
    }
    each(list, |rule| members(rule, &["rule"], &[("flows", flows)]))
}

fn each(list: &Value, usual: Usual) -> bool {
    list.as_array().is_some_and(|items| items.iter().all(usual))
}

/// True if the known members of an object are spelt as documented, and of their type.
fn members(object: &Value, names: &[&str], inner: &[(&str, Usual)]) -> bool {
    object.as_object().is_some_and(|map| {
        map.iter().all(|(key, value)| {
            let known = |name: &str| key.eq_ignore_ascii_case(name);
            if let Some(name) = names.iter().find(|name| known(name)) {
                return key == name && is_name(value);
            }
            match inner.iter().find(|(name, _)| known(name)) {
                Some((name, usual)) => key == name && usual(value),
                None => true,
            }
        })
    })
}

/// What header fields and names are: text as the parser holds it, or nothing.
fn is_name(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_ascii() && text.len() < 1024,
        Value::Number(number) => number.is_u64(),
        Value::Null => true,
        _ => false,
    }
}
