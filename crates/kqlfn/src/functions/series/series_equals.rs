//! `series_equals`.

use std::cmp::Ordering;

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_equals",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "Which elements of two series are equal.",
    notes: "A number stands for a series of it. Where one series is longer, and where an element is no number, \
            the result is null.",
    examples: &[
        (
            "series_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([false, true, false])",
        ),
        (
            "series_equals(dynamic([1, 2, 'a']), 2)",
            "dynamic([false, true, null])",
        ),
        (
            "series_equals(dynamic([1]), dynamic([1.0, 2]))",
            "dynamic([true, null])",
        ),
    ],
    kernel: |call| elementwise::comparison(call, |order| order == Some(Ordering::Equal)),
};
