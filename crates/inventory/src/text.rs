//! From bytes to JSON: byte order marks, UTF-16 as PowerShell writes it, and rows of CSV as the portal does.

use serde_json::{Map, Value};

use crate::Unreadable;

/// A text without its byte order mark and the blanks around it.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

/// True for records of a flow log, whole or not.
pub(crate) fn is_log(text: &str) -> bool {
    let inside = text.strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(r#""records""#))
        && ["flowRecords", "FlowEvent", "flowTuples"]
            .iter()
            .any(|word| text.contains(word))
}

/// True if it is no JSON.
pub(crate) fn is_lines(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['{', '['])
}

/// The JSON value that a document holds.
pub(crate) fn value(text: &str) -> Result<Value, Unreadable> {
    if text.is_empty() {
        return Err(unreadable("the file is empty", None));
    }
    if !is_lines(text) {
        return serde_json::from_str(text).map_err(|error| Unreadable {
            message: format!("this is not JSON: {error}"),
            hint: Some("write it with `az … --output json > FILE`, and copy the whole file"),
        });
    }
    rows(text)
}

fn unreadable(message: &str, hint: Option<&'static str>) -> Unreadable {
    Unreadable {
        message: message.to_owned(),
        hint,
    }
}

pub(crate) fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    let of_pairs = |rest: &[u8], number: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|pair| match pair {
            [first, second] => number([*first, *second]),
            _ => 0,
        });
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Ok(of_pairs(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Ok(of_pairs(rest, u16::from_be_bytes)),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(unreadable(
                &format!("this is not text: byte {} is not UTF-8", error.valid_up_to()),
                Some("save it as UTF-8, or as UTF-16 with a byte order mark"),
            )),
        },
    }
}

/// Rows of a table, whose cells may be JSON.
fn rows(text: &str) -> Result<Value, Unreadable> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let is_known = header.iter().any(|name| name.eq_ignore_ascii_case("id"));
    if !is_known {
        return Err(unreadable(
            "this is neither JSON nor a table with a column `id`",
            Some(
                "export it with `--output json`; of Resource Graph take the columns `id, type, location, properties` too",
            ),
        ));
    }
    let mut rows = Vec::new();
    for row in reader.records() {
        let row =
            row.map_err(|error| unreadable(&format!("a row of the table cannot be read: {error}"), None))?;
        let cells = header.iter().zip(row.iter()).map(|(name, cell)| {
            let inside = cell
                .starts_with(['{', '['])
                .then(|| serde_json::from_str(cell).ok());
            (
                name.to_owned(),
                inside.flatten().unwrap_or_else(|| Value::String(cell.to_owned())),
            )
        });
        rows.push(Value::Object(cells.collect::<Map<_, _>>()));
    }
    Ok(Value::Array(rows))
}
