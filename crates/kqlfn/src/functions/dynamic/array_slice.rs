//! `array_slice`.

use super::arguments::{array, part, write_array};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_slice",
    aliases: &[],
    signatures: &["(array:DynamicArray, start:Integer, end:Integer) -> Parameter0"],
    tuple: &[],
    summary: "The elements of an array from one place to another, both included.",
    notes: "Negative places count from the end: -1 is the last element. What lies outside of the array is left out.",
    examples: &[
        ("array_slice(dynamic([1, 2, 3]), 1, 2)", "dynamic([2, 3])"),
        (
            "array_slice(dynamic([1, 2, 3, 4, 5]), 2, -1)",
            "dynamic([3, 4, 5])",
        ),
        ("array_slice(dynamic([1, 2, 3, 4, 5]), -3, -2)", "dynamic([3, 4])"),
        ("array_slice(dynamic([1, 2, 3]), -9, 9)", "dynamic([1, 2, 3])"),
        ("array_slice(dynamic([1, 2, 3]), 2, 1)", "dynamic([])"),
        ("array_slice(dynamic({'a': 1}), 0, 1)", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let (Some(array), Some(start), Some(last)) =
                (array(call, 0, row), call.long(1, row), call.long(2, row))
            else {
                return;
            };
            // Behind the last element is the end, not the beginning counted from the end.
            let end = if last == -1 {
                i64::MAX
            } else {
                last.saturating_add(1)
            };
            let (skipped, length) = part(array.len(), start, end);
            write_array(writer, array.raw().skip(skipped).take(length));
        })
    },
};
