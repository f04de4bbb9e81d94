//! JSON text: keys in the order given, and no character that a terminal would obey. Only writes.

use std::io::{self, Write};

use model::printable;

/// A value on its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(i128),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// Text, or null.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Writes it on one line, or, with `indent`, a key a line.
    pub(crate) fn write(&self, out: &mut dyn Write, indent: Option<usize>) -> io::Result<()> {
        match self {
            Self::Null => out.write_all(b"null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(value) => write!(out, "{value}"),
            Self::Text(text) => string(out, text),
            Self::List(items) => {
                let items = items.iter().map(|item| (None, item));
                group(out, b"[]", indent, items)
            }
            Self::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (Some(*key), value));
                group(out, b"{}", indent, fields)
            }
        }
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Option<i64>> for Json {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, |value| Self::Number(value.into()))
    }
}

impl From<Option<&str>> for Json {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::Null, Self::text)
    }
}

fn group<'j>(
    out: &mut dyn Write,
    brackets: &[u8; 2],
    indent: Option<usize>,
    items: impl Iterator<Item = (Option<&'static str>, &'j Json)>,
) -> io::Result<()> {
    let [open, close] = brackets;
    out.write_all(&[*open])?;
    let mut empty = true;
    for (key, item) in items {
        if !empty {
            out.write_all(b",")?;
        }
        empty = false;
        if let Some(depth) = indent {
            write!(out, "\n{:width$}", "", width = (depth + 1) * 2)?;
        }
        if let Some(key) = key {
            string(out, key)?;
            out.write_all(if indent.is_some() { b": " } else { b":" })?;
        }
        item.write(out, indent.map(|depth| depth + 1))?;
    }
    if let (Some(depth), false) = (indent, empty) {
        write!(out, "\n{:width$}", "", width = depth * 2)?;
    }
    out.write_all(&[*close])
}

/// A string with its quotes. What acts on a terminal is escaped, which JSON readers undo.
pub(crate) fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut rest = text;
    while let Some((at, character)) = rest
        .char_indices()
        .find(|(_, c)| matches!(c, '"' | '\\') || printable::acts(*c))
    {
        let (before, after) = rest.split_at(at);
        out.write_all(before.as_bytes())?;
        match character {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            '\t' => out.write_all(b"\\t")?,
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
        rest = after.get(character.len_utf8()..).unwrap_or_default();
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &Json, indent: Option<usize>) -> String {
        let mut out = Vec::new();
        json.write(&mut out, indent).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn order_and_indent() {
        let json = Json::Object(vec![
            ("b", Json::List(vec![Json::Number(1), Json::Null])),
            ("a", Json::Object(vec![])),
            ("c", Json::Bool(true)),
        ]);
        assert_eq!(written(&json, None), r#"{"b":[1,null],"a":{},"c":true}"#);
        assert_eq!(
            written(&json, Some(0)),
            "{\n  \"b\": [\n    1,\n    null\n  ],\n  \"a\": {},\n  \"c\": true\n}"
        );
    }

    #[test]
    fn every_string_reads_back_and_none_acts() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "\n\t\r\0",
            "\x1b[2J\u{9b}\u{7f}",
            "\u{202e}x\u{e0041}",
            "日本",
        ] {
            let json = written(&Json::text(text), None);
            assert!(!json.chars().any(printable::acts), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
