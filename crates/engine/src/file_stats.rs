//! What the log knows of a file, in the query library's words.
//!
//! Bounds from the log are bounds and not values that occur (text is cut, instants are rounded), so
//! they are never handed on as exact: only the number of rows, of nulls and the partition day are.
//! What the log does not say is absent, so that it is counted and not taken for nothing.

use arrow_schema::{DataType, Schema, TimeUnit};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use table::snapshot::{ColumnStats, DataFile, StatValue};

/// A bound as a value of the column's type; nothing if the log holds another type.
pub(crate) fn scalar(value: &StatValue, data_type: &DataType) -> Option<ScalarValue> {
    match (value, data_type) {
        (StatValue::Text(text), DataType::Utf8View) => Some(ScalarValue::Utf8View(Some(text.clone()))),
        (StatValue::Int(int), DataType::Int32) => Some(ScalarValue::Int32(Some(*int))),
        (StatValue::Long(long), DataType::Int64) => Some(ScalarValue::Int64(Some(*long))),
        (StatValue::Instant(micros), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            Some(ScalarValue::TimestampMicrosecond(Some(*micros), zone.clone()))
        }
        (StatValue::Day(day), DataType::Date32) => Some(ScalarValue::Date32(Some(*day))),
        _ => None,
    }
}

/// Statistics of one file for the columns that lie in it.
pub(crate) fn statistics(file: &DataFile, stored: &Schema) -> Statistics {
    let columns = stored
        .fields()
        .iter()
        .map(|field| match file.columns.get(field.name()) {
            Some(stats) => column_statistics(stats, field.data_type()),
            None => ColumnStatistics::new_unknown(),
        })
        .collect();
    Statistics {
        num_rows: known(file.rows),
        total_byte_size: Precision::Absent,
        column_statistics: columns,
    }
}

fn column_statistics(stats: &ColumnStats, data_type: &DataType) -> ColumnStatistics {
    let bound = |value: Option<&StatValue>| {
        value
            .and_then(|value| scalar(value, data_type))
            .map_or(Precision::Absent, Precision::Inexact)
    };
    ColumnStatistics {
        null_count: known(stats.nulls),
        min_value: bound(stats.min.as_ref()),
        max_value: bound(stats.max.as_ref()),
        ..ColumnStatistics::new_unknown()
    }
}

fn known(count: Option<u64>) -> Precision<usize> {
    count
        .and_then(|count| usize::try_from(count).ok())
        .map_or(Precision::Absent, Precision::Exact)
}
