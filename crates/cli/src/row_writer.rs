//! Rows as columns of text, JSON, NDJSON or CSV.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, Float64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_cast::display::ArrayFormatter;
use arrow_schema::{DataType, Field, Schema};

use crate::cells::{Cells, infinite, options};
use crate::config::settings::Format;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;

/// Rows in one of the four forms.
pub(crate) enum RowWriter {
    Table(Cells),
    Json {
        any: bool,
    },
    Ndjson,
    Csv {
        any: bool,
        schema: arrow_schema::SchemaRef,
    },
}

impl RowWriter {
    pub(crate) fn new(format: Format, schema: &arrow_schema::SchemaRef) -> Self {
        match format {
            Format::Table => Self::Table(Cells::new(schema)),
            Format::Json => Self::Json { any: false },
            Format::Ndjson => Self::Ndjson,
            Format::Csv => Self::Csv {
                any: false,
                schema: schema.clone(),
            },
        }
    }

    /// Takes rows.
    pub(crate) fn write(&mut self, out: &mut dyn Write, batch: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Table(cells) => cells.add(batch)?,
            Self::Json { any } => {
                for row in json_rows(batch)? {
                    out.write_all(if *any { b",\n" } else { b"[\n" })?;
                    out.write_all(&row)?;
                    *any = true;
                }
            }
            Self::Ndjson => {
                for row in json_rows(batch)? {
                    out.write_all(&row)?;
                    out.write_all(b"\n")?;
                }
            }
            Self::Csv { any, .. } => {
                csv(out, batch, !*any)?;
                *any = true;
            }
        }
        Ok(())
    }

    /// Cells that are not shown whole.
    const fn shortened(&self) -> u64 {
        match self {
            Self::Table(cells) => cells.shortened(),
            Self::Json { .. } | Self::Ndjson | Self::Csv { .. } => 0,
        }
    }

    /// Ends, and says what it did not show whole.
    pub(crate) fn end(self, out: &mut dyn Write, session: &Session) -> anyhow::Result<()> {
        let shortened = self.shortened();
        self.finish(out)?;
        if shortened > 0 {
            let text = format!(
                "{} shortened; `--format json` shows them whole",
                counted(shortened, "cell")
            );
            session.say(&Message::new(Grade::Note, text));
        }
        Ok(())
    }

    /// Ends.
    pub(crate) fn finish(self, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Self::Table(cells) => cells.write(out)?,
            Self::Json { any: true } => out.write_all(b"\n]\n")?,
            Self::Json { any: false } => out.write_all(b"[]\n")?,
            Self::Csv { any: false, schema } => csv(out, &RecordBatch::new_empty(schema), true)?,
            Self::Ndjson | Self::Csv { .. } => {}
        }
        Ok(())
    }
}

/// Each row as one object, columns in order, null where there is no value.
fn json_rows(batch: &RecordBatch) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut writer = arrow_json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow_json::writer::LineDelimited>(&mut lines);
    writer.write(batch)?;
    writer.finish()?;
    Ok(lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect())
}

fn csv(out: &mut dyn Write, batch: &RecordBatch, header: bool) -> anyhow::Result<()> {
    let mut text = Vec::new();
    let mut writer = arrow_csv::WriterBuilder::new()
        .with_header(header)
        .build(&mut text);
    writer.write(&flat(batch)?)?;
    drop(writer);
    out.write_all(&text)?;
    Ok(())
}

/// The rows with lists and structs as JSON text, for which CSV has no form, and what has no end by its word.
fn flat(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            fields.push(Field::new(field.name(), DataType::Utf8, true));
            columns.push(json_texts(column)?);
        } else if let Some(texts) = infinite_texts(column)? {
            fields.push(Field::new(field.name(), DataType::Utf8, true));
            columns.push(texts);
        } else {
            fields.push(field.as_ref().clone());
            columns.push(Arc::clone(column));
        }
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        Arc::new(Schema::new(fields)),
        columns,
        &options,
    )?)
}

/// The numbers of a column as texts, if some have no end.
fn infinite_texts(column: &ArrayRef) -> anyhow::Result<Option<ArrayRef>> {
    let Some(reals) = column.as_any().downcast_ref::<Float64Array>() else {
        return Ok(None);
    };
    if !reals.iter().flatten().any(f64::is_infinite) {
        return Ok(None);
    }
    let options = options();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let texts = (0..column.len()).map(|row| {
        let text = formatter.value(row).to_string();
        let text = infinite(&text).map_or(text, str::to_owned);
        (!column.is_null(row)).then_some(text)
    });
    Ok(Some(Arc::new(texts.collect::<StringArray>())))
}

/// Each value as JSON text, null where there is none.
fn json_texts(column: &ArrayRef) -> anyhow::Result<ArrayRef> {
    let rows = json_rows(&RecordBatch::try_from_iter([("v", Arc::clone(column))])?)?;
    let texts = rows.iter().enumerate().map(|(at, row)| {
        let text = std::str::from_utf8(row).ok()?;
        let value = text.strip_prefix("{\"v\":")?.strip_suffix('}')?;
        (!column.is_null(at)).then_some(value)
    });
    Ok(Arc::new(texts.collect::<StringArray>()))
}
