//! Statistics of a file for the log: bounds and null counts per column, exact.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use model::TableDef;

use crate::snapshot::{ColumnStats, StatValue};

/// Statistics being gathered over the runs of one file.
pub(super) struct FileStats {
    rows: u64,
    columns: BTreeMap<String, ColumnStats>,
}

impl FileStats {
    pub(super) fn new(table: &TableDef) -> Self {
        let columns = table
            .stored_columns()
            .filter(|column| column.name != table.partition)
            .map(|column| {
                (
                    column.name.to_owned(),
                    ColumnStats {
                        nulls: Some(0),
                        ..ColumnStats::default()
                    },
                )
            })
            .collect();
        Self { rows: 0, columns }
    }

    pub(super) fn add(&mut self, run: &RecordBatch) {
        self.rows += run.num_rows() as u64;
        for (field, array) in run.schema().fields().iter().zip(run.columns()) {
            let Some(stats) = self.columns.get_mut(field.name()) else {
                continue;
            };
            stats.nulls = stats.nulls.map(|nulls| nulls + array.null_count() as u64);
            if let Some((min, max)) = bounds(array.as_ref()) {
                if stats.min.as_ref().is_none_or(|known| min < *known) {
                    stats.min = Some(min);
                }
                if stats.max.as_ref().is_none_or(|known| max > *known) {
                    stats.max = Some(max);
                }
            }
        }
    }

    pub(super) fn finish(self) -> (u64, BTreeMap<String, ColumnStats>) {
        (self.rows, self.columns)
    }
}

fn bounds(array: &dyn Array) -> Option<(StatValue, StatValue)> {
    fn of<T: Ord + Copy>(
        values: impl Iterator<Item = T>,
        wrap: impl Fn(T) -> StatValue,
    ) -> Option<(StatValue, StatValue)> {
        let (min, max) = values.fold(None, |bounds: Option<(T, T)>, value| {
            Some(bounds.map_or((value, value), |(min, max)| (min.min(value), max.max(value))))
        })?;
        Some((wrap(min), wrap(max)))
    }
    let text = |value: &str| StatValue::Text(value.to_owned());
    match array.data_type() {
        DataType::Int32 => of(array.as_primitive::<Int32Type>().iter().flatten(), StatValue::Int),
        DataType::Int64 => of(
            array.as_primitive::<Int64Type>().iter().flatten(),
            StatValue::Long,
        ),
        DataType::Date32 => of(
            array.as_primitive::<Date32Type>().iter().flatten(),
            StatValue::Day,
        ),
        DataType::Timestamp(..) => of(
            array.as_primitive::<TimestampMicrosecondType>().iter().flatten(),
            StatValue::Instant,
        ),
        DataType::Utf8 => of(array.as_string::<i32>().iter().flatten(), text),
        DataType::Dictionary(_, values) if **values == DataType::Utf8 => {
            let dictionary = array.as_dictionary::<Int32Type>();
            let values = dictionary.values().as_string::<i32>();
            // Only the values that rows use: the dictionary may hold those of other columns or runs.
            let mut used = vec![false; values.len()];
            for key in dictionary.keys().iter().flatten() {
                if let Some(flag) = usize::try_from(key).ok().and_then(|key| used.get_mut(key)) {
                    *flag = true;
                }
            }
            of(
                values
                    .iter()
                    .zip(used)
                    .filter(|(_, used)| *used)
                    .filter_map(|(value, _)| value),
                text,
            )
        }
        _ => None,
    }
}
