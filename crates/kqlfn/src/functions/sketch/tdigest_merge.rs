//! `tdigest_merge` of values.

use super::reading::digest;
use crate::function::{Function, Refusal};
use crate::sketch::Digest;

pub(super) const FUNCTION: Function = Function {
    name: "tdigest_merge",
    aliases: &["merge_tdigest"],
    signatures: &["(tdigest:DynamicArray*) -> dynamic"],
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
        let mut differ = false;
        let merged = call.dynamics(|row, writer| {
            let mut merged: Option<Digest> = None;
            for one in (0..call.arguments.len()).filter_map(|argument| digest(call, argument, row)) {
                match &mut merged {
                    Some(merged) => differ |= !merged.merge(&one),
                    None => merged = Some(one),
                }
            }
            if let Some(mut merged) = merged {
                merged.settle();
                merged.write(writer);
            }
        });
        if differ {
            return Err(Refusal::new(
                "results of `tdigest` of different types cannot be merged",
            ));
        }
        merged
    },
};
