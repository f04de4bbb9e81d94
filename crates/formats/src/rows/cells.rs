//! One row or object as names and values, whatever it was written in, and what is made of all of it:
//! its hash and its further fields.
//!
//! Buffers are used again from row to row. What a name means is `shape`'s business.

use model::limits::{ROW_BYTES_MAX, ROW_COLUMNS_MAX};

use super::shape::Shape;
use super::time;
use super::zone::Zone;
use crate::hash::leaf;

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A cell, or a string of JSON.
    Text,
    /// A number, `true` or `false` of JSON.
    Literal,
}

#[derive(Clone, Copy)]
struct Cell {
    start: usize,
    end: usize,
    written: Written,
}

/// The row that is open.
#[derive(Default)]
pub(crate) struct Cells {
    /// Every name with a byte behind it that no UTF-8 text has.
    names: Vec<u8>,
    values: Vec<Cell>,
    text: Vec<u8>,
    /// The row has more than it may.
    pub(crate) too_long: bool,
}

/// Ends a name; occurs in no UTF-8 text.
const NAME_END: u8 = 0xff;

impl Cells {
    /// Before a row that brings its own names.
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.clear_values();
    }

    /// Before a row under a header.
    pub(crate) fn clear_values(&mut self) {
        self.values.clear();
        self.text.clear();
        self.too_long = false;
    }

    /// Adds a name and its value.
    pub(crate) fn push(&mut self, prefix: &[u8], name: &[u8], value: &[u8], written: Written) {
        if self.values.len() >= ROW_COLUMNS_MAX || self.names.len() + name.len() > ROW_BYTES_MAX {
            self.too_long = true;
            return;
        }
        self.names.extend_from_slice(prefix);
        self.names.extend_from_slice(name);
        self.names.push(NAME_END);
        self.push_value(value, written);
    }

    /// Adds the value of the next column.
    pub(crate) fn push_value(&mut self, value: &[u8], written: Written) {
        let start = self.text.len();
        if start + value.len() > ROW_BYTES_MAX {
            self.too_long = true;
        } else {
            self.text.extend_from_slice(value);
        }
        let end = self.text.len();
        self.values.push(Cell { start, end, written });
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// What tells one set of names from another.
    pub(crate) fn key(&self) -> &[u8] {
        &self.names
    }

    /// The names in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        let ended = self.names.strip_suffix(&[NAME_END]);
        ended
            .into_iter()
            .flat_map(|names| names.split(|byte| *byte == NAME_END))
    }

    /// A value without white space around it; nothing if it is empty.
    pub(crate) fn get(&self, index: usize) -> Option<&[u8]> {
        let cell = self.values.get(index)?;
        let value = self.text.get(cell.start..cell.end)?.trim_ascii();
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.text).is_ok() && self.names().all(|name| std::str::from_utf8(name).is_ok())
    }

    /// The hash of the row's content: of every name with a value, in the order of the names, each value
    /// in one spelling of those it may have (docs/adr/0004-identity.md).
    pub(crate) fn hash(&self, shape: &Shape, zone: Option<Zone>, scratch: &mut Vec<u8>) -> u128 {
        scratch.clear();
        // No node of a record's tree begins so: those begin with one of `R`, `a`, `r`, `n` and `m`.
        scratch.push(b'W');
        let mut canonical = Vec::new();
        for (index, name) in shape.in_order() {
            let Some(value) = self.get(index) else { continue };
            canonical.clear();
            canonical_value(value, zone, &mut canonical);
            for text in [name, &canonical] {
                scratch.extend_from_slice(&(text.len() as u64).to_le_bytes());
                scratch.extend_from_slice(text);
            }
        }
        leaf(scratch)
    }

    /// A JSON object of the non-empty fields that are not held elsewhere; empty if there are none.
    pub(crate) fn further(&self, shape: &Shape, held: impl Fn(usize) -> bool, out: &mut Vec<u8>) {
        out.clear();
        for (index, name) in shape.as_logged() {
            let Some(value) = self.get(index).filter(|_| !held(index)) else {
                continue;
            };
            out.push(if out.is_empty() { b'{' } else { b',' });
            push_string(name, out);
            out.push(b':');
            let literal = self.values.get(index).map(|cell| cell.written) == Some(Written::Literal);
            if literal && is_json_literal(value) {
                out.extend_from_slice(value);
            } else {
                push_string(value, out);
            }
        }
        if !out.is_empty() {
            out.push(b'}');
        }
    }
}

/// One spelling of those that a value may have in CSV and JSON: `TRUE` and `true`, `12.0` and `12`,
/// a time with and without its zone.
fn canonical_value(value: &[u8], zone: Option<Zone>, out: &mut Vec<u8>) {
    let first = value.first().copied().unwrap_or(0);
    if value.eq_ignore_ascii_case(b"true") || value.eq_ignore_ascii_case(b"false") {
        out.extend(value.iter().map(u8::to_ascii_lowercase));
    } else if first.is_ascii_digit() && value.iter().any(|byte| matches!(byte, b'-' | b'/')) {
        match time::parse(value, zone) {
            Ok(time) => {
                out.push(b'@');
                out.extend_from_slice(time.micros.to_string().as_bytes());
            }
            Err(_) => out.extend_from_slice(value),
        }
    } else {
        let decimals = value.iter().position(|byte| *byte == b'.');
        let zeros = decimals.filter(|dot| {
            let (whole, fraction) = (value.get(..*dot), value.get(dot + 1..));
            whole.is_some_and(|text| !text.is_empty() && text.iter().all(u8::is_ascii_digit))
                && fraction.is_some_and(|text| !text.is_empty() && text.iter().all(|digit| *digit == b'0'))
        });
        out.extend_from_slice(zeros.and_then(|dot| value.get(..dot)).unwrap_or(value));
    }
}

/// A number as JSON has it, or `true` or `false`.
fn is_json_literal(text: &[u8]) -> bool {
    if matches!(text, b"true" | b"false") {
        return true;
    }
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let number = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, fraction) = match number.iter().position(|byte| *byte == b'.') {
        Some(dot) => (number.get(..dot), number.get(dot + 1..)),
        None => (Some(number), None),
    };
    whole.is_some_and(|whole| digits(whole) && (whole.len() == 1 || !whole.starts_with(b"0")))
        && fraction.is_none_or(digits)
}

/// A string of JSON; the text is UTF-8.
fn push_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        let mut out = Vec::new();
        canonical_value(text.as_bytes(), Some(Zone::UTC), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_spelling_of_several() {
        assert_eq!(canonical("TRUE"), canonical("true"));
        assert_eq!(canonical("12.0"), canonical("12"));
        assert_eq!(
            canonical("8/25/2025 8:11:21.937 PM"),
            canonical("2025-08-25T20:11:21.937Z")
        );
        for (left, right) in [
            ("12.5", "12"),
            ("10.0.0.0", "10"),
            ("00-0D-3A", "00"),
            ("a/b", "b"),
            ("1.", "1"),
        ] {
            assert_ne!(canonical(left), canonical(right));
        }
    }

    #[test]
    fn strings_and_literals_of_json() {
        let mut out = Vec::new();
        push_string("a\"b\\\n\u{1}\u{e9}".as_bytes(), &mut out);
        assert_eq!(
            serde_json::from_slice::<String>(&out).unwrap(),
            "a\"b\\\n\u{1}\u{e9}"
        );
        for (text, literal) in [
            ("0", true),
            ("-1.5", true),
            ("true", true),
            ("01", false),
            ("1.", false),
            ("nan", false),
            ("1e5", false),
        ] {
            assert_eq!(is_json_literal(text.as_bytes()), literal, "{text}");
            assert!(!literal || serde_json::from_str::<serde_json::Value>(text).is_ok());
        }
    }
}
