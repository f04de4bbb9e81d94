//! `series_divide`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_divide",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The quotients of the elements of two series.",
    notes: "The result is a series of reals. A number stands for a series of it. Where one series is longer, \
            and where an element is no number, the result is null.",
    examples: &[
        (
            "series_divide(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([0.25, 1.0, 4.0])",
        ),
        (
            "series_divide(dynamic([1, 0, null]), dynamic([0, 0, 1]))",
            "dynamic([real(+inf), real(nan), null])",
        ),
        ("series_divide(dynamic([1, 2]), 2)", "dynamic([0.5, 1.0])"),
    ],
    kernel: |call| elementwise::pairwise(call, |x, y| x / y),
};
