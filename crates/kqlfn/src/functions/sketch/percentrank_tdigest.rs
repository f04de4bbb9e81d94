//! `percentrank_tdigest`.

use super::reading::digest;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "percentrank_tdigest",
    aliases: &[],
    signatures: &["(digest:DynamicArray, value:Scalar) -> real"],
    tuple: &[],
    summary: "Which share, in percent, of the values that went into what `tdigest` gave are not above a value.",
    notes: "A value of another type gives null.",
    examples: &[
        (
            "percentrank_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 20)",
            "50.0",
        ),
        (
            "percentrank_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 40)",
            "100.0",
        ),
        ("percentrank_tdigest(dynamic(null), 40)", "real(null)"),
    ],
    kernel: |call| {
        #[expect(clippy::cast_precision_loss, reason = "a share of small numbers")]
        call.reals(|row| {
            let (rank, all) = digest(call, 0, row)?.rank(call.cell(1, row))?;
            Some(rank as f64 * 100.0 / all as f64)
        })
    },
};
