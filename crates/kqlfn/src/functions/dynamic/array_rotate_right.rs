//! `array_rotate_right`.

use super::moving::{Way, rotate};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_rotate_right",
    aliases: &[],
    signatures: &["(array:DynamicArray, rotate_count:Integer) -> Parameter0"],
    tuple: &[],
    summary: "Moves elements to the right; those that leave come in at the beginning.",
    notes: "A negative number rotates the other way, and more than a whole turn is fine.",
    examples: &[
        (
            "array_rotate_right(dynamic([1, 2, 3, 4, 5]), 2)",
            "dynamic([4, 5, 1, 2, 3])",
        ),
        (
            "array_rotate_right(dynamic([1, 2, 3, 4, 5]), -2)",
            "dynamic([3, 4, 5, 1, 2])",
        ),
        ("array_rotate_right(dynamic([1, 2, 3]), 3)", "dynamic([1, 2, 3])"),
        ("array_rotate_right(dynamic(null), 1)", "dynamic(null)"),
    ],
    kernel: |call| rotate(call, Way::Right),
};
