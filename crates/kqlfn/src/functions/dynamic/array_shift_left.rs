//! `array_shift_left`.

use super::moving::{Way, shift};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_shift_left",
    aliases: &[],
    signatures: &["(array:DynamicArray, shift_count:Integer, ?default_value:Scalar) -> Parameter0"],
    tuple: &[],
    summary: "Moves elements to the left; a value comes in at the end for those that leave.",
    notes: "A negative number shifts the other way. Without a value, null comes in; the empty text in an array of texts.",
    examples: &[
        (
            "array_shift_left(dynamic([1, 2, 3, 4, 5]), 2)",
            "dynamic([3, 4, 5, null, null])",
        ),
        (
            "array_shift_left(dynamic([1, 2, 3, 4, 5]), 2, -1)",
            "dynamic([3, 4, 5, -1, -1])",
        ),
        (
            "array_shift_left(dynamic([1, 2, 3, 4, 5]), -2, -1)",
            "dynamic([-1, -1, 1, 2, 3])",
        ),
        (
            "array_shift_left(dynamic([\"a\", \"b\"]), 1)",
            "dynamic([\"b\", \"\"])",
        ),
        ("array_shift_left(dynamic([1, 2]), 9)", "dynamic([null, null])"),
    ],
    kernel: |call| shift(call, Way::Left),
};
