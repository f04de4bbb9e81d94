//! `array_shift_right`.

use super::moving::{Way, shift};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_shift_right",
    aliases: &[],
    signatures: &["(array:DynamicArray, shift_count:Integer, ?default_value:Scalar) -> Parameter0"],
    tuple: &[],
    summary: "Moves elements to the right; a value comes in at the beginning for those that leave.",
    notes: "A negative number shifts the other way. Without a value, null comes in; the empty text in an array of texts.",
    examples: &[
        (
            "array_shift_right(dynamic([10, 20, 30]), 1)",
            "dynamic([null, 10, 20])",
        ),
        (
            "array_shift_right(dynamic([1, 2, 3, 4, 5]), 2, -1)",
            "dynamic([-1, -1, 1, 2, 3])",
        ),
        (
            "array_shift_right(dynamic([1, 2, 3, 4, 5]), -2, -1)",
            "dynamic([3, 4, 5, -1, -1])",
        ),
        ("array_shift_right(dynamic(null), 1)", "dynamic(null)"),
    ],
    kernel: |call| shift(call, Way::Right),
};
