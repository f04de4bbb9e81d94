//! `series_pow`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_pow",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The elements of a series, each raised to the power of the element of another.",
    notes: "The result is a series of reals. A number stands for a series of it. Where one series is longer, \
            and where an element is no number, the result is null.",
    examples: &[
        (
            "series_pow(dynamic([1, 2, 3, 4]), dynamic([1, 2, 3, 0.5]))",
            "dynamic([1.0, 4.0, 27.0, 2.0])",
        ),
        (
            "series_pow(dynamic([2, 3]), dynamic([2]))",
            "dynamic([4.0, null])",
        ),
        ("series_pow(dynamic([1, 2]), 2)", "dynamic([1.0, 4.0])"),
    ],
    kernel: |call| elementwise::pairwise(call, f64::powf),
};
