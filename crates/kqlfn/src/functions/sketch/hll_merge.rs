//! `hll_merge` of values.

use super::reading::distinct;
use crate::function::{Function, Refusal};
use crate::sketch::Distinct;

pub(super) const FUNCTION: Function = Function {
    name: "hll_merge",
    aliases: &[],
    signatures: &["(hll:DynamicArray*) -> dynamic"],
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
        let mut differ = false;
        let merged = call.dynamics(|row, writer| {
            let mut merged: Option<Distinct> = None;
            for one in (0..call.arguments.len()).filter_map(|argument| distinct(call, argument, row)) {
                match &mut merged {
                    Some(merged) => differ |= !merged.merge(&one),
                    None => merged = Some(one),
                }
            }
            if let Some(merged) = merged {
                merged.write(writer);
            }
        });
        if differ {
            return Err(Refusal::new(
                "results of `hll` of different accuracies cannot be merged",
            ));
        }
        merged
    },
};
