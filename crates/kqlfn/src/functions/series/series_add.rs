//! `series_add`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_add",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The sums of the elements of two series.",
    notes: "Two series of whole numbers give one. A number stands for a series of it. Where one series is \
            longer, and where an element is no number, the result is null.",
    examples: &[
        (
            "series_add(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([5, 4, 5])",
        ),
        (
            "series_add(dynamic([1.5, 2]), dynamic([1, 2]))",
            "dynamic([2.5, 4.0])",
        ),
        (
            "series_add(dynamic([1, 2, null]), dynamic([1]))",
            "dynamic([2, null, null])",
        ),
        ("series_add(10, dynamic([1, 2]))", "dynamic([11, 12])"),
    ],
    kernel: |call| elementwise::pairwise_kept(call, i64::wrapping_add, |x, y| x + y),
};
