//! Functions on what `hll` and `tdigest` give.

mod dcount_hll;
mod hll_isvalid;
mod hll_merge;
mod merging;
mod percentile_tdigest;
mod percentiles_array_tdigest;
mod percentrank_tdigest;
mod rank_tdigest;
mod reading;
mod tdigest_isvalid;
mod tdigest_merge;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &dcount_hll::FUNCTION,
    &hll_isvalid::FUNCTION,
    &hll_merge::FUNCTION,
    &percentile_tdigest::FUNCTION,
    &percentiles_array_tdigest::FUNCTION,
    &percentrank_tdigest::FUNCTION,
    &rank_tdigest::FUNCTION,
    &tdigest_isvalid::FUNCTION,
    &tdigest_merge::FUNCTION,
];
