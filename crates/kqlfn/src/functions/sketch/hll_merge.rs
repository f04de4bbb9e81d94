//! `hll_merge` of values.

use super::merging::{Merging, merged};
use super::reading::distinct;
use crate::function::Function;
use crate::sketch::Distinct;

pub(super) const FUNCTION: Function = Function {
    name: "hll_merge",
    aliases: &[],
    signatures: &["(hll:DynamicArray, more:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "Results of `hll` as one.",
    notes: "All must have the same accuracy. What is no result of `hll` is passed over.",
    examples: &[
        (
            "dcount_hll(hll_merge(dynamic([[8192, 14], ['1', '2'], []]), dynamic([[8192, 14], ['2', '3'], []])))",
            "3",
        ),
        (
            "dcount_hll(hll_merge(dynamic([[8192, 14], ['1'], []]), dynamic(null)))",
            "1",
        ),
        ("hll_merge(dynamic(null), dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        merged(
            call,
            &Merging {
                read: distinct,
                merge: Distinct::merge,
                write: |sketch, writer| sketch.write(writer),
                refusal: "results of `hll` of different accuracies cannot be merged",
            },
        )
    },
};
