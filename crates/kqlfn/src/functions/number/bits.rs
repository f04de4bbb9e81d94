//! Functions on the bits of whole numbers.

use crate::function::{Call, Computed};

/// A function of two whole numbers; null if either is.
pub(super) fn binary(call: &Call<'_>, function: impl Fn(i64, i64) -> Option<i64>) -> Computed {
    call.longs(|row| function(call.long(0, row)?, call.long(1, row)?))
}
