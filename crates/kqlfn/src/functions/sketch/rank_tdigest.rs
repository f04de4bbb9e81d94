//! `rank_tdigest`.

use super::reading::digest;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "rank_tdigest",
    aliases: &[],
    signatures: &["(digest:DynamicArray, value:Scalar) -> real"],
    tuple: &[],
    summary: "How many of the values that went into what `tdigest` gave are not above a value.",
    notes: "A value of another type gives null.",
    examples: &[
        ("rank_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 20)", "2.0"),
        ("rank_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 5)", "0.0"),
        (
            "rank_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 1d)",
            "real(null)",
        ),
        ("rank_tdigest(dynamic(null), 5)", "real(null)"),
    ],
    kernel: |call| {
        #[expect(clippy::cast_precision_loss, reason = "a rank is told as a real")]
        call.reals(|row| Some(digest(call, 0, row)?.rank(call.cell(1, row))?.0 as f64))
    },
};
