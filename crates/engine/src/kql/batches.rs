//! Batches of a plan as rows in memory.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, new_empty_array};
use kql::bound::Column;
use kqleval::{Failure, Table};
use kqlfn::{Column as KqlColumn, arrow_type};

/// One table of all batches.
pub(super) fn rows_of(columns: &[Column], batches: &[RecordBatch]) -> kqleval::Result<Table> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut held = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let wanted = arrow_type(column.kind);
        let arrays: Vec<ArrayRef> = batches
            .iter()
            .filter_map(|batch| batch.columns().get(at))
            .map(|array| arrow_cast::cast(array, &wanted))
            .collect::<Result<_, _>>()
            .map_err(broken)?;
        let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        let array = match parts.as_slice() {
            [] => new_empty_array(&wanted),
            [_] => arrays
                .first()
                .map(Arc::clone)
                .unwrap_or_else(|| new_empty_array(&wanted)),
            parts => arrow_select::concat::concat(parts).map_err(broken)?,
        };
        held.push(KqlColumn::new(column.kind, array));
    }
    Ok(Table::new(columns.to_vec(), held, rows))
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("rows cannot be put together: {error}"))
}
