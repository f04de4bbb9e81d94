//! `set_equals`.

use super::sets::Sets;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "set_equals",
    aliases: &[],
    signatures: &["(set1:DynamicArray, set2:DynamicArray) -> bool"],
    tuple: &[],
    summary: "True if two arrays have the same distinct elements.",
    notes: "Neither their order matters nor how often they are there. If one of them is no array, the result is null.",
    examples: &[
        ("set_equals(dynamic([1, 2, 2]), dynamic([2, 1]))", "true"),
        ("set_equals(dynamic([1, 2]), dynamic([1, 2, 3]))", "false"),
        ("set_equals(dynamic([1]), dynamic(['1']))", "false"),
        ("set_equals(dynamic([]), dynamic([]))", "true"),
        ("set_equals(dynamic([]), dynamic(null))", "bool(null)"),
    ],
    kernel: |call| {
        let sets = Sets::of(call);
        call.bools(|row| Some(sets.get(0, row)? == sets.get(1, row)?))
    },
};
