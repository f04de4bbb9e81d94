//! `series_subtract`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_subtract",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The differences of the elements of two series.",
    notes: "Two series of whole numbers give one. A number stands for a series of it. Where one series is \
            longer, and where an element is no number, the result is null.",
    examples: &[
        (
            "series_subtract(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([-3, 0, 3])",
        ),
        ("series_subtract(dynamic([1.5]), dynamic([1]))", "dynamic([0.5])"),
        (
            "series_subtract(10, dynamic([1, 2, null]))",
            "dynamic([9, 8, null])",
        ),
    ],
    kernel: |call| elementwise::pairwise_kept(call, i64::wrapping_sub, |x, y| x - y),
};
