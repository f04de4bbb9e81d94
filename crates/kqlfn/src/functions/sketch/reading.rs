//! Sketches as arguments.

use crate::function::Call;
use crate::sketch::{Digest, Distinct};

/// An argument as what is kept for `dcount_hll`, if it is that.
pub(super) fn distinct(call: &Call<'_>, argument: usize, row: usize) -> Option<Distinct> {
    Distinct::read(call.cell(argument, row).dynamic()?)
}

/// An argument as what is kept for percentiles, if it is that.
pub(super) fn digest(call: &Call<'_>, argument: usize, row: usize) -> Option<Digest> {
    Digest::read(call.cell(argument, row).dynamic()?)
}
