//! JSON to values and back. Whole numbers become longs, others reals; what a bag says twice holds what it says last.

use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Dynamic, Elements, Members, Writer};
use crate::real::real_to_json;
use kql::values::{datetime_to_text, guid_to_text, timespan_to_text};

/// The value that a text of JSON says; none if it is none.
#[must_use]
pub fn from_json(text: &str) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    Value(&mut writer).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(writer.finish())
}

/// As `parse_json` reads a text: what is no JSON is a text.
#[must_use]
pub fn from_text(text: &str) -> Vec<u8> {
    from_json(text).unwrap_or_else(|| Writer::build(|writer| writer.string(text)))
}

struct Value<'w>(&'w mut Writer);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value in JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.null();
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.bool(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.long(value);
        Ok(())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is too large for a long is a real"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.0.long(value),
            Err(_) => self.0.real(value as f64),
        }
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.real(value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0.string(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        self.0.array(|elements| {
            while access.next_element_seed(Element(elements))?.is_some() {}
            Ok(())
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        self.0.bag(|members| {
            while let Some(key) = access.next_key::<String>()? {
                access.next_value_seed(Member(members, &key))?;
            }
            Ok(())
        })
    }
}

struct Element<'e, 'w>(&'e mut Elements<'w>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.push(|writer| Value(writer).deserialize(deserializer))
    }
}

struct Member<'m, 'w, 'k>(&'m mut Members<'w>, &'k str);

impl<'de> DeserializeSeed<'de> for Member<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0
            .push(self.1, |writer| Value(writer).deserialize(deserializer))
    }
}

/// Writes a value as JSON without blanks.
pub(super) fn write(value: Dynamic<'_>, text: &mut String) {
    match value {
        Dynamic::Null => text.push_str("null"),
        Dynamic::Bool(value) => text.push_str(if value { "true" } else { "false" }),
        // Writing to a text cannot fail.
        Dynamic::Int(value) => drop(write!(text, "{value}")),
        Dynamic::Long(value) => drop(write!(text, "{value}")),
        Dynamic::Real(value) => text.push_str(&real_to_json(value)),
        Dynamic::Decimal(digits) => quoted(digits, text),
        Dynamic::String(value) => quoted(value, text),
        Dynamic::Datetime(ticks) => quoted(&datetime_to_text(ticks), text),
        Dynamic::Timespan(ticks) => quoted(&timespan_to_text(ticks), text),
        Dynamic::Guid(guid) => quoted(&guid_to_text(&guid), text),
        Dynamic::Array(array) => {
            text.push('[');
            for (at, element) in array.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(element, text);
            }
            text.push(']');
        }
        Dynamic::Bag(bag) => {
            text.push('{');
            for (at, (key, member)) in bag.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                quoted(key, text);
                text.push(':');
                write(member, text);
            }
            text.push('}');
        }
    }
}

fn quoted(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            c if (c as u32) < 0x20 => drop(write!(text, "\\u{:04x}", c as u32)),
            c => text.push(c),
        }
    }
    text.push('"');
}
