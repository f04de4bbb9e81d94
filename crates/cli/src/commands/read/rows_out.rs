//! Tuples for programs: JSON, JSON lines, CSV. Every stored column of the column table in its order,
//! then what a reader would have to compute. Null is "not reported" and never 0.

use std::io::{self, Write};

use anyhow::Context as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use model::{AddressClass, FLOWS, ValueType};

use crate::instant;
use crate::json_text::string;
use crate::reading::row::Row;
use crate::words::sentence::{Marks, Told, sentence};
use model::printable;

/// The columns after those of the table.
const ADDED: [&str; 5] = ["L7Protocol", "SrcIpClass", "DestIpClass", "Source", "Sentence"];

/// The form of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Ndjson,
    Csv,
}

/// Rows on their way out.
pub(crate) struct RowsOut {
    out: Box<dyn Write>,
    form: Form,
    /// Whether a terminal reads it.
    terminal: bool,
    rows: u64,
}

/// A value on its way out.
enum Cell {
    Null,
    Number(i64),
    Text(String),
}

impl RowsOut {
    pub(crate) fn new(out: Box<dyn Write>, form: Form, terminal: bool) -> Self {
        Self {
            out,
            form,
            terminal,
            rows: 0,
        }
    }

    /// Writes one row of a batch.
    pub(crate) fn row(
        &mut self,
        batch: &RecordBatch,
        at: usize,
        row: &Row<'_>,
        source: &str,
        told: Option<&Told>,
    ) -> anyhow::Result<()> {
        self.begin()?;
        let mut first = true;
        for (column, array) in FLOWS.stored_columns().zip(batch.columns()) {
            let cell = cell(array.as_ref(), column.value_type, at)
                .with_context(|| format!("column `{}` is not of its type", column.name))?;
            self.cell(&mut first, column.name, &cell)?;
        }
        for name in ADDED {
            self.cell(&mut first, name, &added(name, row, source, told))?;
        }
        self.out.write_all(match self.form {
            Form::Json => b"}",
            Form::Ndjson => b"}\n",
            Form::Csv => b"\n",
        })?;
        self.rows += 1;
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        match (self.form, self.rows) {
            (Form::Json, 0) => self.out.write_all(b"[\n{"),
            (Form::Json, _) => self.out.write_all(b",\n{"),
            (Form::Ndjson, _) => self.out.write_all(b"{"),
            (Form::Csv, 0) => self.heading(),
            (Form::Csv, _) => Ok(()),
        }
    }

    fn heading(&mut self) -> io::Result<()> {
        let names: Vec<&str> = FLOWS
            .stored_columns()
            .map(|column| column.name)
            .chain(ADDED)
            .collect();
        writeln!(self.out, "{}", names.join(","))
    }

    fn cell(&mut self, first: &mut bool, name: &str, cell: &Cell) -> io::Result<()> {
        if !std::mem::take(first) {
            self.out.write_all(b",")?;
        }
        if self.form == Form::Csv {
            return match cell {
                Cell::Null => Ok(()),
                Cell::Number(number) => write!(self.out, "{number}"),
                Cell::Text(text) if self.terminal => csv_text(&mut self.out, &printable::text(text)),
                Cell::Text(text) => csv_text(&mut self.out, text),
            };
        }
        string(&mut self.out, name)?;
        self.out.write_all(b":")?;
        match cell {
            Cell::Null => self.out.write_all(b"null"),
            Cell::Number(number) => write!(self.out, "{number}"),
            Cell::Text(text) => string(&mut self.out, text),
        }
    }

    /// Writes what comes after the last row; returns how many there were.
    pub(crate) fn finish(mut self) -> io::Result<u64> {
        match (self.form, self.rows) {
            (Form::Json, 0) => self.out.write_all(b"[]\n")?,
            (Form::Json, _) => self.out.write_all(b"\n]\n")?,
            (Form::Csv, 0) => self.heading()?,
            _ => {}
        }
        self.out.flush()?;
        Ok(self.rows)
    }
}

/// The value in quotes where RFC 4180 asks for them, and otherwise as it is: a program has what was
/// logged. CSV has no escape for what acts on a terminal, so there alone it is made visible before.
fn csv_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.is_empty()
        || text.contains(['"', ',', '\r', '\n'])
        || text.starts_with(' ')
        || text.ends_with(' ')
    {
        // Empty text in quotes: without them it is null.
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

/// The value of a column; `None` if the column is not of the type the table says.
fn cell(array: &dyn Array, value_type: ValueType, at: usize) -> Option<Cell> {
    if array.is_null(at) {
        return Some(Cell::Null);
    }
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
        let key = usize::try_from(dictionary.keys().value(at)).ok()?;
        return cell(dictionary.values().as_ref(), value_type, key);
    }
    Some(match value_type {
        ValueType::Text => Cell::Text(array.as_string_opt::<i32>()?.value(at).to_owned()),
        ValueType::Int => Cell::Number(array.as_primitive_opt::<Int32Type>()?.value(at).into()),
        ValueType::Long => Cell::Number(array.as_primitive_opt::<Int64Type>()?.value(at)),
        ValueType::Instant => Cell::Text(instant::iso(
            array.as_primitive_opt::<TimestampMicrosecondType>()?.value(at),
        )),
        ValueType::Day => Cell::Text(instant::day(array.as_primitive_opt::<Date32Type>()?.value(at))),
        ValueType::Bytes => {
            let bytes = array.as_binary_opt::<i32>()?.value(at);
            Cell::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        ValueType::Bool => Cell::Text(array.as_boolean_opt()?.value(at).to_string()),
    })
}

fn added(name: &str, row: &Row<'_>, source: &str, told: Option<&Told>) -> Cell {
    let text = |text: Option<&str>| text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()));
    let class = |ip: Option<std::net::IpAddr>| text(ip.map(|ip| AddressClass::of(ip).as_str()));
    match name {
        "L7Protocol" => {
            let protocol = row.protocol.number;
            text(protocol.and_then(|number| model::services::service_name(row.destination_port, number)))
        }
        "SrcIpClass" => class(row.source.ip),
        "DestIpClass" => class(row.destination.ip),
        "Source" => text(Some(source)),
        _ => Cell::Text(sentence(row, Marks::default(), told)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_and_changes_nothing() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("", "\"\""),
            (" x", "\" x\""),
            ("a\nb\x1b[2J", "\"a\nb\x1b[2J\""),
            ("\x1b\u{202e}", "\x1b\u{202e}"),
        ] {
            let mut out = Vec::new();
            csv_text(&mut out, text).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
