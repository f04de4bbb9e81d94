//! `series_less_equals`.

use std::cmp::Ordering;

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_less_equals",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> dynamic",
        "(series1:DynamicArray, series2:Number) -> dynamic",
        "(series1:Number, series2:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "Which elements of a series are at most those of another.",
    notes: "A number stands for a series of it. Where one series is longer, and where an element is no number, \
            the result is null.",
    examples: &[
        (
            "series_less_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "dynamic([true, true, false])",
        ),
        (
            "series_less_equals(dynamic([1, 2, 'a']), 2)",
            "dynamic([true, true, null])",
        ),
        (
            "series_less_equals(dynamic([1]), dynamic([1.0, 2]))",
            "dynamic([true, null])",
        ),
    ],
    kernel: |call| {
        elementwise::comparison(call, |order| {
            matches!(order, Some(Ordering::Less | Ordering::Equal))
        })
    },
};
