//! An answer of the engine as rows of a rollup table.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow_cast::cast;
use arrow_schema::ArrowError;
use kql::ScalarType;
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqleval::Table;
use model::TableDef;

/// The column that a rollup has its day of.
const HOUR: &str = "TimeGenerated";

/// Rows as they are written: columns by name; the day of each is that of its hour.
pub(crate) fn batch(table: &TableDef, rows: &Table) -> Result<RecordBatch, ArrowError> {
    let schema = table.batch_schema();
    let columns = schema.fields().iter().map(|field| {
        let is_day = field.name() == table.partition;
        let name = if is_day { HOUR } else { field.name().as_str() };
        let array = column(rows, name)
            .ok_or_else(|| ArrowError::SchemaError(format!("`{}` has no column `{name}`", table.name)))?;
        cast(&array, field.data_type())
    });
    let columns = columns.collect::<Result<_, _>>()?;
    RecordBatch::try_new(schema, columns)
}

/// A column in types of Arrow.
fn column(rows: &Table, name: &str) -> Option<ArrayRef> {
    let at = rows.schema.iter().position(|column| *column.name == *name)?;
    let column = rows.columns.get(at)?;
    if column.kind != ScalarType::Datetime {
        return Some(Arc::clone(&column.array));
    }
    let ticks = column.array.as_primitive_opt::<Int64Type>()?;
    let micros = |ticks: i64| {
        ticks
            .wrapping_sub(UNIX_EPOCH_TICKS)
            .div_euclid(TICKS_PER_MICROSECOND)
    };
    let times: TimestampMicrosecondArray = ticks.unary(micros);
    Some(Arc::new(times.with_timezone("UTC")))
}
