//! Answers as Parquet or as a stream of Arrow: columns in types that other programs know.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{
    Array as _, ArrayRef, DurationMicrosecondArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema, SchemaRef};
use kql::ScalarType;
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqleval::Table;
use kqlfn::Column;
use table::export::ParquetExport;

use super::answer::text;

/// One file's worth of rows. What is left out of a time is its last digit, the tenth of a microsecond.
pub(crate) fn batch_of(rows: &Table) -> anyhow::Result<RecordBatch> {
    let mut fields = Vec::with_capacity(rows.schema.len());
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(rows.schema.len());
    for (named, column) in rows.schema.iter().zip(&rows.columns) {
        let array = array(column, rows.rows);
        fields.push(Field::new(&*named.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.rows));
    let schema = Arc::new(Schema::new(fields));
    Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
}

fn array(column: &Column, rows: usize) -> ArrayRef {
    let micros = |ticks: i64| ticks.div_euclid(TICKS_PER_MICROSECOND);
    let ticks: Option<&Int64Array> = column.array.as_primitive_opt::<Int64Type>();
    match (column.kind, ticks) {
        (ScalarType::Datetime, Some(ticks)) => {
            let times: TimestampMicrosecondArray =
                ticks.unary(|ticks| micros(ticks.wrapping_sub(UNIX_EPOCH_TICKS)));
            Arc::new(times.with_timezone("UTC"))
        }
        (ScalarType::Timespan, Some(ticks)) => {
            let spans: DurationMicrosecondArray = ticks.unary(micros);
            Arc::new(spans)
        }
        (ScalarType::Dynamic | ScalarType::Decimal | ScalarType::Guid | ScalarType::String, _) => Arc::new(
            (0..rows)
                .map(|row| text(column.cell(row)))
                .collect::<StringArray>(),
        ),
        _ => Arc::clone(&column.array),
    }
}

/// Writes batches as they come; what is ready goes out.
pub(crate) enum ColumnarWriter {
    Parquet(Box<ParquetExport>),
    Arrow(Box<StreamWriter<Vec<u8>>>),
}

impl ColumnarWriter {
    pub(crate) fn new(is_parquet: bool, schema: &SchemaRef) -> anyhow::Result<Self> {
        if is_parquet {
            return Ok(Self::Parquet(Box::new(ParquetExport::new(schema)?)));
        }
        Ok(Self::Arrow(Box::new(StreamWriter::try_new(Vec::new(), schema)?)))
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> anyhow::Result<()> {
        let ready = match self {
            Self::Parquet(export) => export.write(batch)?,
            Self::Arrow(writer) => {
                writer.write(batch)?;
                std::mem::take(writer.get_mut())
            }
        };
        out.write_all(&ready)?;
        Ok(())
    }

    pub(crate) fn finish(self, out: &mut dyn Write) -> anyhow::Result<()> {
        let rest = match self {
            Self::Parquet(export) => export.finish()?,
            Self::Arrow(writer) => writer.into_inner()?,
        };
        out.write_all(&rest)?;
        Ok(())
    }
}
