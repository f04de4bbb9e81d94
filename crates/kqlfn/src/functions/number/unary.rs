//! Functions of one real, over whole arrays where they can be had.

use std::sync::Arc;

use arrow_array::types::Float64Type;

use crate::column::Column;
use crate::function::{Call, Computed};

/// The function's value for each number; null for null.
pub(super) fn unary(call: &Call<'_>, function: impl Fn(f64) -> f64) -> Computed {
    let rows = call.column(0).filter(|column| !column.is_constant);
    match rows.and_then(Column::reals) {
        Some(array) => Ok(Arc::new(array.unary::<_, Float64Type>(function))),
        None => call.reals(|row| call.real(0, row).map(&function)),
    }
}

/// The same for a function that has no value for some numbers.
pub(super) fn unary_or_null(call: &Call<'_>, function: impl Fn(f64) -> Option<f64>) -> Computed {
    call.reals(|row| call.real(0, row).and_then(&function))
}
