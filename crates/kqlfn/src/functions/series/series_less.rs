//! `series_less`.

use std::cmp::Ordering;

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_less",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "Which elements of a series are less than those of another.",
    notes: "A number stands for a series of it. Where one series is longer, and where an element is no number, \
            the result is null.",
    examples: &[
        (
            "series_less(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([true, false, false])",
        ),
        (
            "series_less(dynamic([1, 2, 'a']), 2)",
            "dynamic([true, false, null])",
        ),
        (
            "series_less(dynamic([1]), dynamic([1.0, 2]))",
            "dynamic([false, null])",
        ),
    ],
    kernel: |call| elementwise::comparison(call, |order| order == Some(Ordering::Less)),
};
