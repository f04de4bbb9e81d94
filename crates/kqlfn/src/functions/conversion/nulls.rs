//! Where a column has values and where not.

use std::sync::Arc;

use arrow_array::BooleanArray;
use arrow_buffer::BooleanBuffer;
use kql::ScalarType;

use crate::function::{Call, Computed};

/// For each row what is asked for if it holds null, else the opposite.
pub(super) fn is_null(call: &Call<'_>, if_null: bool) -> Computed {
    match call.column(0) {
        // Texts are never null, and a dynamic may hold its null inside.
        Some(column)
            if !column.is_constant && !matches!(column.kind, ScalarType::String | ScalarType::Dynamic) =>
        {
            let valid = column.array.nulls().map_or_else(
                || BooleanBuffer::new_set(call.rows),
                |nulls| nulls.inner().clone(),
            );
            let asked = if if_null { !&valid } else { valid };
            Ok(Arc::new(BooleanArray::new(asked, None)))
        }
        _ => call.bools(|row| Some(call.cell(0, row).is_null() == if_null)),
    }
}
