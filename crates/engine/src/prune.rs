//! Which files a query must read, decided from the log alone, before any file is opened.
//!
//! First by day: conditions on the partition column are evaluated on each file's day, and the time
//! that the day is taken from must lie in the day, so a range of time narrows the days by itself.
//! Then by what the log knows of each column. A file is left out only if no row of it can pass.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow_schema::{Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, DFSchema, Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use model::TableDef;
use table::snapshot::{DataFile, StatValue};

use crate::file_stats::scalar;

const DAY_MICROS: i64 = 86_400_000_000;

/// What is left, and how many files each step left.
pub(crate) struct Kept<'a> {
    pub(crate) files: Vec<&'a DataFile>,
    pub(crate) after_days: usize,
}

/// The column whose UTC day the partition column is. A row with another day cannot be in the file:
/// `table` derives the partition from this column and from nothing else.
fn time_of_partition(table: &TableDef) -> Option<&'static str> {
    match table.partition {
        "FlowDate" => Some("TimeGenerated"),
        "IngestDate" => Some("IngestTime"),
        _ => None,
    }
}

/// True if the condition can be decided from a file's day alone and always the same way: then it is
/// evaluated here for each file, and need not be evaluated for rows.
pub(crate) fn decided_by_day(condition: &Expr, table: &TableDef) -> bool {
    let columns = condition.column_refs();
    if columns.is_empty() || columns.iter().any(|column| column.name != table.partition) {
        return false;
    }
    let open = condition.exists(|part| {
        Ok(matches!(
            part,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
                | Expr::ScalarVariable(..)
        ))
    });
    !condition.is_volatile() && matches!(open, Ok(false))
}

/// Leaves out the files that cannot hold a row that passes every condition.
pub(crate) fn prune<'a>(
    state: &dyn Session,
    table: &'static TableDef,
    schema: &SchemaRef,
    files: &'a [DataFile],
    conditions: &[Expr],
) -> Result<Kept<'a>> {
    let (of_day, others): (Vec<Expr>, Vec<Expr>) = conditions
        .iter()
        .cloned()
        .partition(|condition| decided_by_day(condition, table));
    let mut kept: Vec<&DataFile> = files.iter().collect();
    if let Some(condition) = conjunction(of_day) {
        kept = keep(kept, &evaluate_days(state, table, schema, files, condition)?);
    }
    let pruning = match conjunction(others) {
        Some(condition) => {
            let names = DFSchema::try_from(Arc::clone(schema))?;
            let condition = state.create_physical_expr(condition, &names)?;
            PruningPredicateBuilder::new()
                .with_file_schema(Arc::clone(schema))
                .build(condition)
        }
        None => None,
    };
    let mut after_days = kept.len();
    let Some(pruning) = pruning else {
        return Ok(Kept {
            files: kept,
            after_days,
        });
    };
    for days_only in [true, false] {
        if kept.is_empty() {
            break;
        }
        let mask = pruning.prune(&Known {
            table,
            schema,
            files: &kept,
            days_only,
        })?;
        kept = keep(kept, &mask);
        if days_only {
            after_days = kept.len();
        }
    }
    Ok(Kept {
        files: kept,
        after_days,
    })
}

fn keep<'a>(files: Vec<&'a DataFile>, mask: &[bool]) -> Vec<&'a DataFile> {
    files
        .into_iter()
        .zip(mask)
        .filter_map(|(file, &held)| held.then_some(file))
        .collect()
}

/// The condition's value on each file's day. Null is not true: such a row would not pass either.
fn evaluate_days(
    state: &dyn Session,
    table: &TableDef,
    schema: &SchemaRef,
    files: &[DataFile],
    condition: Expr,
) -> Result<Vec<bool>> {
    let field = schema.field_with_name(table.partition)?.clone();
    let day_schema = Arc::new(Schema::new(vec![field]));
    let names = DFSchema::try_from(Arc::clone(&day_schema))?;
    let condition = state.create_physical_expr(condition, &names)?;
    let days: ArrayRef = Arc::new(Date32Array::from_iter_values(files.iter().map(|file| file.day)));
    let options = RecordBatchOptions::new().with_row_count(Some(files.len()));
    let batch = RecordBatch::try_new_with_options(day_schema, vec![days], &options)?;
    let value = condition.evaluate(&batch)?.into_array(files.len())?;
    let value: &BooleanArray = value
        .as_boolean_opt()
        .ok_or_else(|| exec_datafusion_err!("a condition is neither true nor false"))?;
    Ok(value.iter().map(|held| held == Some(true)).collect())
}

/// What is known of each file, as the pruning rules of the query library ask for it.
struct Known<'a> {
    table: &'static TableDef,
    schema: &'a SchemaRef,
    files: &'a [&'a DataFile],
    /// Only what follows from the partition.
    days_only: bool,
}

#[derive(Clone, Copy)]
enum End {
    Min,
    Max,
}

impl Known<'_> {
    fn bound(&self, file: &DataFile, column: &str, end: End) -> Option<StatValue> {
        if column == self.table.partition {
            return Some(StatValue::Day(file.day));
        }
        let listed = match (self.days_only, file.columns.get(column)) {
            (false, Some(known)) => match end {
                End::Min => known.min.clone(),
                End::Max => known.max.clone(),
            },
            _ => None,
        };
        if time_of_partition(self.table) != Some(column) {
            return listed;
        }
        let start = i64::from(file.day).saturating_mul(DAY_MICROS);
        let implied = match end {
            End::Min => start,
            End::Max => start.saturating_add(DAY_MICROS - 1),
        };
        let narrowest = match (listed, end) {
            (Some(StatValue::Instant(listed)), End::Min) => listed.max(implied),
            (Some(StatValue::Instant(listed)), End::Max) => listed.min(implied),
            _ => implied,
        };
        Some(StatValue::Instant(narrowest))
    }

    fn bounds(&self, column: &Column, end: End) -> Option<ArrayRef> {
        let data_type = self.schema.field_with_name(&column.name).ok()?.data_type();
        let null = ScalarValue::try_from(data_type).ok()?;
        let mut any = false;
        let values: Vec<ScalarValue> = self
            .files
            .iter()
            .map(|file| {
                let value = self
                    .bound(file, &column.name, end)
                    .and_then(|value| scalar(&value, data_type));
                any |= value.is_some();
                value.unwrap_or_else(|| null.clone())
            })
            .collect();
        if any {
            ScalarValue::iter_to_array(values).ok()
        } else {
            None
        }
    }
}

impl PruningStatistics for Known<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, End::Min)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, End::Max)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        if column.name == self.table.partition {
            return Some(Arc::new(UInt64Array::from(vec![0; self.files.len()])));
        }
        if self.days_only {
            return None;
        }
        let counts: UInt64Array = self
            .files
            .iter()
            .map(|file| file.columns.get(&column.name).and_then(|known| known.nulls))
            .collect();
        if counts.null_count() == counts.len() {
            None
        } else {
            Some(Arc::new(counts))
        }
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts: UInt64Array = self.files.iter().map(|file| file.rows).collect();
        (counts.null_count() < counts.len()).then(|| Arc::new(counts) as ArrayRef)
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
