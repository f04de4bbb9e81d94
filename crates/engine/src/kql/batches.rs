//! Batches of a plan as rows in memory.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, new_empty_array};
use kql::bound::Column;
use kqleval::{Failure, Table, in_few_buffers};
use kqlfn::{Column as KqlColumn, arrow_type};

/// One table of all batches. Column by column what has been put together goes away.
pub(super) fn rows_of(columns: &[Column], batches: Vec<RecordBatch>) -> kqleval::Result<Table> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut left: Vec<_> = batches
        .into_iter()
        .map(|batch| batch.columns().to_vec().into_iter())
        .collect();
    let mut held = Vec::with_capacity(columns.len());
    for column in columns {
        let wanted = arrow_type(column.kind);
        let arrays: Vec<ArrayRef> = left
            .iter_mut()
            .filter_map(Iterator::next)
            .map(|array| arrow_cast::cast(&array, &wanted))
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::putting_together(&error))?;
        let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        let array = match parts.as_slice() {
            [] => new_empty_array(&wanted),
            [_] => arrays
                .first()
                .map(Arc::clone)
                .unwrap_or_else(|| new_empty_array(&wanted)),
            parts => {
                arrow_select::concat::concat(parts).map_err(|error| Failure::putting_together(&error))?
            }
        };
        held.push(KqlColumn::new(column.kind, in_few_buffers(array)));
    }
    Ok(Table::new(columns.to_vec(), held, rows))
}
