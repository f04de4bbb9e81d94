//! `series_multiply`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_multiply",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The products of the elements of two series.",
    notes: "Two series of whole numbers give one. A number stands for a series of it. Where one series is \
            longer, and where an element is no number, the result is null.",
    examples: &[
        (
            "series_multiply(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([4, 4, 4])",
        ),
        (
            "series_multiply(dynamic([1.5, 2]), dynamic([2, 2]))",
            "dynamic([3.0, 4.0])",
        ),
        (
            "series_multiply(10, dynamic([0, 1, -1]))",
            "dynamic([0, 10, -10])",
        ),
    ],
    kernel: |call| elementwise::pairwise_kept(call, i64::wrapping_mul, |x, y| x * y),
};
