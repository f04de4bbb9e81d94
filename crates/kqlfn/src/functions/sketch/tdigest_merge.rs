//! `tdigest_merge` of values.

use super::merging::{Merging, merged};
use super::reading::digest;
use crate::function::Function;
use crate::sketch::Digest;

pub(super) const FUNCTION: Function = Function {
    name: "tdigest_merge",
    aliases: &["merge_tdigest"],
    signatures: &["(tdigest:DynamicArray, more:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "Results of `tdigest` as one.",
    notes: "All must be of one type. What is no result of `tdigest` is passed over.",
    examples: &[
        (
            "tdigest_merge(dynamic([[7], [1, 5], [1, 2]]), dynamic([[7], [3, 5], [1, 1]]))",
            "dynamic([[7], [1, 3, 5], [1, 1, 3]])",
        ),
        (
            "tdigest_merge(dynamic([[7], [1], [1]]), dynamic(null))",
            "dynamic([[7], [1], [1]])",
        ),
        ("merge_tdigest(dynamic(null), dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        merged(
            call,
            &Merging {
                read: digest,
                merge: Digest::merge,
                write: |mut sketch, writer| {
                    sketch.settle();
                    sketch.write(writer);
                },
                refusal: "results of `tdigest` of different types cannot be merged",
            },
        )
    },
};
