//! Functions that do a step of the evaluator over the rows of a batch.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use datafusion::common::config::{ConfigExtension, ConfigOptions};
use datafusion::common::{DataFusionError, Result, extensions_options};
use datafusion::logical_expr::ScalarFunctionArgs;
use kql::ScalarType;
use kql::bound::{Column, Rows, Source, Step, StepKind};
use kqleval::{Evaluator, Failure, FailureKind, Table, Tables};
use kqlfn::Column as KqlColumn;

use super::aggregates::field_name;

extensions_options! {
    /// What functions over the rows of a batch keep to.
    pub(crate) struct BatchLimits {
        /// So many bytes may be made of one batch.
        pub memory_bytes: usize, default = 1 << 30
    }
}

impl ConfigExtension for BatchLimits {
    const PREFIX: &'static str = "batch_limits";
}

/// Nothing is read here but the rows of the batch.
struct NoTables {
    memory_bytes: usize,
}

impl Tables for NoTables {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }

    fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

/// A step over rows of such values, and behind them the number of each row.
pub(super) fn step(values: &[ScalarType], kind: StepKind, gives: &[ScalarType]) -> Rows {
    let mut rows = Rows::new(
        Source::Outer,
        columns(values.iter().copied().chain([ScalarType::Long])),
    );
    rows.steps.push(Step {
        kind,
        columns: columns(gives.iter().copied()),
        span: kql::Span::default(),
    });
    rows
}

fn columns(kinds: impl Iterator<Item = ScalarType>) -> Vec<Column> {
    let kinds = kinds.enumerate();
    kinds
        .map(|(at, kind)| Column::new(field_name(at), kind))
        .collect()
}

/// What such a step makes of a batch.
pub(super) fn done(step: &Rows, args: ScalarFunctionArgs) -> Result<Table> {
    let rows = args.number_rows;
    let limits = of_batch(&args.config_options);
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0_i64..).take(rows)));
    let arrays = args.args.into_iter().map(|value| value.into_array(rows));
    let arrays = arrays.chain([Ok(numbers)]);
    let columns = step.source_columns.iter().zip(arrays);
    let columns = columns.map(|(column, array)| Ok(KqlColumn::new(column.kind, array?)));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let table = Table::new(step.source_columns.clone(), columns, rows);
    let done = Evaluator::new(&limits, 1).rows(step, Some(&table));
    done.map_err(|failure| match failure.kind {
        FailureKind::Memory => DataFusionError::ResourcesExhausted(failure.message),
        _ => DataFusionError::Execution(failure.message),
    })
}

fn of_batch(options: &ConfigOptions) -> NoTables {
    let limits = options.extensions.get::<BatchLimits>().cloned();
    NoTables {
        memory_bytes: limits.unwrap_or_default().memory_bytes,
    }
}
