//! `set_difference`.

use super::arguments::array;
use super::sets::{Sets, write_distinct};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "set_difference",
    aliases: &[],
    signatures: &["(first:DynamicArray, set:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "The distinct elements of the first array that are in none of the others.",
    notes: "They come in the order of the first array. If it is no array, the result is null; others that are none are \
            passed over.",
    examples: &[
        (
            "set_difference(dynamic([1, 2, 1, 4]), dynamic([1, 2]), dynamic([8]))",
            "dynamic([4])",
        ),
        (
            "set_difference(dynamic([1, 2, 3]), dynamic([3, 2, 1]))",
            "dynamic([])",
        ),
        (
            "set_difference(dynamic(['a', 'A']), dynamic(['a']))",
            "dynamic(['A'])",
        ),
        ("set_difference(dynamic([1, 1]), dynamic(null))", "dynamic([1])"),
        ("set_difference(dynamic(null), dynamic([1]))", "dynamic(null)"),
    ],
    kernel: |call| {
        let sets = Sets::of(call);
        call.dynamics(|row, writer| {
            let Some(first) = array(call, 0, row) else {
                return;
            };
            let others: Vec<_> = sets.others(row).flatten().collect();
            write_distinct(writer, first.raw(), |element| {
                others.iter().all(|other| !other.contains(element))
            });
        })
    },
};
