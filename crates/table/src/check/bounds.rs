//! What the values of a file are, and whether the log's statistics hold for them.
//!
//! Written apart from the statistics of the writer, so that they do not agree by sharing a mistake.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use model::{TableDef, ValueType};

use crate::log::day_text;
use crate::snapshot::{ColumnStats, DataFile, StatValue};

const DAY_MICROS: i64 = 86_400_000_000;

/// What is known of one column.
#[derive(Default)]
struct Seen {
    nulls: u64,
    least: Option<StatValue>,
    most: Option<StatValue>,
}

/// What is known of a file.
pub(super) struct Bounds {
    table: &'static TableDef,
    rows: u64,
    columns: BTreeMap<&'static str, Seen>,
}

impl Bounds {
    pub(super) fn new(table: &'static TableDef) -> Self {
        Self {
            table,
            rows: 0,
            columns: BTreeMap::new(),
        }
    }

    /// Takes decoded rows in.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        let rows = batch.num_rows() as u64;
        self.rows += rows;
        for column in self.table.stored_columns() {
            if column.name == self.table.partition {
                continue;
            }
            let seen = self.columns.entry(column.name).or_default();
            match batch.column_by_name(column.name) {
                Some(values) => {
                    seen.nulls += values.null_count() as u64;
                    seen.widen(extremes(column.value_type, values));
                }
                // A column that is newer than the file.
                None => seen.nulls += rows,
            }
        }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// What the log says of the columns that is not so, as the ends of sentences.
    pub(super) fn against(&self, file: &DataFile) -> Vec<String> {
        let mut problems = Vec::new();
        for column in self.table.stored_columns() {
            let Some(seen) = self.columns.get(column.name) else {
                continue;
            };
            let name = column.name;
            if !column.nullable && seen.nulls > 0 {
                problems.push(format!("has {} rows without `{name}`", seen.nulls));
            }
            if let Some(claimed) = file.columns.get(name) {
                problems.extend(seen.against(name, claimed));
            }
        }
        problems.extend(self.other_days(file));
        problems
    }

    /// Rows that belong into the partition of another day.
    fn other_days(&self, file: &DataFile) -> Option<String> {
        let time = time_of_partition(self.table)?;
        let seen = self.columns.get(time)?;
        let day = |value: &Option<StatValue>| match value {
            Some(StatValue::Instant(micros)) => i32::try_from(micros.div_euclid(DAY_MICROS)).ok(),
            _ => None,
        };
        let (first, last) = (day(&seen.least)?, day(&seen.most)?);
        let other = [first, last].into_iter().find(|day| *day != file.day)?;
        Some(format!(
            "is of day {}, but has a row with `{time}` on {}",
            day_text(file.day),
            day_text(other)
        ))
    }
}

/// The column whose UTC day the partition is.
fn time_of_partition(table: &TableDef) -> Option<&'static str> {
    match table.partition {
        "FlowDate" => Some("TimeGenerated"),
        "IngestDate" => Some("IngestTime"),
        _ => None,
    }
}

impl Seen {
    fn widen(&mut self, extremes: Option<(StatValue, StatValue)>) {
        let Some((least, most)) = extremes else {
            return;
        };
        if self.least.as_ref().is_none_or(|known| least < *known) {
            self.least = Some(least);
        }
        if self.most.as_ref().is_none_or(|known| most > *known) {
            self.most = Some(most);
        }
    }

    fn against(&self, name: &str, claimed: &ColumnStats) -> Vec<String> {
        let mut problems = Vec::new();
        if claimed.nulls.is_some_and(|nulls| nulls != self.nulls) {
            problems.push(format!(
                "has {} rows without `{name}`, the log says {}",
                self.nulls,
                claimed.nulls.unwrap_or(0)
            ));
        }
        let below = claimed.min.as_ref().zip(self.least.as_ref());
        let above = claimed.max.as_ref().zip(self.most.as_ref());
        if below.is_some_and(|(bound, value)| value < bound) {
            problems.push(format!("has a value of `{name}` below what the log says"));
        }
        if above.is_some_and(|(bound, value)| value > bound) {
            problems.push(format!("has a value of `{name}` above what the log says"));
        }
        problems
    }
}

/// The least and the largest value, unless all are null or the type has no order here.
fn extremes(value_type: ValueType, values: &ArrayRef) -> Option<(StatValue, StatValue)> {
    match value_type {
        ValueType::Int => ends(
            values.as_primitive_opt::<Int32Type>()?.iter().flatten(),
            StatValue::Int,
        ),
        ValueType::Long => ends(
            values.as_primitive_opt::<Int64Type>()?.iter().flatten(),
            StatValue::Long,
        ),
        ValueType::Instant => ends(
            values
                .as_primitive_opt::<TimestampMicrosecondType>()?
                .iter()
                .flatten(),
            StatValue::Instant,
        ),
        ValueType::Text => ends(values.as_string_opt::<i32>()?.iter().flatten(), |text| {
            StatValue::Text(text.to_owned())
        }),
        // The only day of a table is its partition, which lies in no file.
        ValueType::Day | ValueType::Bytes | ValueType::Bool => None,
    }
}

fn ends<T: Ord + Copy>(
    values: impl Iterator<Item = T>,
    wrap: impl Fn(T) -> StatValue,
) -> Option<(StatValue, StatValue)> {
    let (least, most) = values.fold(None, |ends: Option<(T, T)>, value| match ends {
        Some((least, most)) => Some((least.min(value), most.max(value))),
        None => Some((value, value)),
    })?;
    Some((wrap(least), wrap(most)))
}
