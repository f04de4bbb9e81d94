//! `set_intersect`.

use super::arguments::array;
use super::sets::{Sets, write_distinct};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "set_intersect",
    aliases: &[],
    signatures: &["(first:DynamicArray, set:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "The distinct elements that are in every one of the arrays.",
    notes: "They come in the order of the first array. If one of them is no array, the result is null.",
    examples: &[
        (
            "set_intersect(dynamic([1, 2, 1, 4]), dynamic([2, 1]), dynamic([8, 1]))",
            "dynamic([1])",
        ),
        (
            "set_intersect(dynamic([3, 2, 1]), dynamic([1, 2]))",
            "dynamic([2, 1])",
        ),
        ("set_intersect(dynamic([1]), dynamic(['1']))", "dynamic([])"),
        ("set_intersect(dynamic([1]), dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        let sets = Sets::of(call);
        call.dynamics(|row, writer| {
            let (Some(first), Some(others)) =
                (array(call, 0, row), sets.others(row).collect::<Option<Vec<_>>>())
            else {
                return;
            };
            write_distinct(writer, first.raw(), |element| {
                others.iter().all(|other| other.contains(element))
            });
        })
    },
};
