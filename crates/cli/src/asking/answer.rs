//! One answer: its rows as columns of text, CSV, or JSON. Cells of JSON are written as the Kusto REST API writes them.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Schema};
use kqleval::Table;
use kqlfn::Cell;
use kqlfn::wire::{write_cell, write_string};

/// Writes each row as one object, columns in order, with a text before the first, between them and behind the last.
pub(crate) fn write_objects(
    out: &mut dyn Write,
    rows: &Table,
    limit: usize,
    (before, between, behind): (&str, &str, &str),
) -> io::Result<()> {
    let names: Vec<String> = rows
        .schema
        .iter()
        .map(|column| {
            let mut name = String::new();
            write_string(&column.name, &mut name);
            name
        })
        .collect();
    let count = rows.rows.min(limit);
    for row in 0..count {
        let mut text = String::from(if row == 0 { before } else { between });
        text.push('{');
        for (at, (name, cell)) in names.iter().zip(rows.row(row)).enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(name);
            text.push(':');
            write_cell(cell, &mut text);
        }
        text.push('}');
        out.write_all(text.as_bytes())?;
    }
    if count > 0 {
        out.write_all(behind.as_bytes())?;
    }
    Ok(())
}

/// The first rows as a list of lists, without the names.
pub(crate) fn lists(rows: &Table, limit: usize) -> String {
    let mut text = String::from("[");
    for row in 0..rows.rows.min(limit) {
        text.push_str(if row == 0 { "[" } else { ",[" });
        for (at, cell) in rows.row(row).into_iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            write_cell(cell, &mut text);
        }
        text.push(']');
    }
    text.push(']');
    text
}

/// The columns' names and types, as a list of objects.
pub(crate) fn columns(rows: &Table) -> String {
    let mut text = String::from("[");
    for (at, column) in rows.schema.iter().enumerate() {
        text.push_str(if at == 0 { "{\"name\":" } else { ",{\"name\":" });
        write_string(&column.name, &mut text);
        text.push_str(",\"type\":");
        write_string(column.kind.name(), &mut text);
        text.push('}');
    }
    text.push(']');
    text
}

/// The first rows as columns that can be shown: numbers and truths as they are, all else as text.
pub(crate) fn shown(rows: &Table, limit: usize) -> anyhow::Result<RecordBatch> {
    let count = rows.rows.min(limit);
    let mut fields = Vec::with_capacity(rows.schema.len());
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(rows.schema.len());
    for (named, column) in rows.schema.iter().zip(&rows.columns) {
        let array: ArrayRef = match column.array.data_type() {
            DataType::Boolean | DataType::Int32 | DataType::Float64 => column.array.slice(0, count),
            DataType::Int64 if column.kind == kql::ScalarType::Long => column.array.slice(0, count),
            _ => Arc::new(
                (0..count)
                    .map(|row| text(column.cell(row)))
                    .collect::<StringArray>(),
            ),
        };
        fields.push(Field::new(&*named.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    Ok(RecordBatch::try_new_with_options(
        Arc::new(Schema::new(fields)),
        arrays,
        &options,
    )?)
}

/// A cell as text: times as JSON has them, dynamics as JSON.
pub(super) fn text(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::String(text) => Some(text.to_owned()),
        Cell::Dynamic(value) => Some(value.to_json()),
        Cell::Datetime(ticks) => Some(kql::values::datetime_to_wire(ticks)),
        other => Some(other.text().into_owned()),
    }
}
