//! `series_dot_product`.

use super::elementwise::common_pairs;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_dot_product",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray) -> real",
        "(series1:DynamicArray, series2:Number) -> real",
        "(series1:Number, series2:DynamicArray) -> real",
    ],
    tuple: &[],
    summary: "The sum of the products of the elements of two series.",
    notes: "A number stands for a series of it. The longer series is cut, what is no number is left out, an \
            empty series gives null.",
    examples: &[
        (
            "series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
            "12.0",
        ),
        ("series_dot_product(dynamic([3, 6, 12]), 3)", "63.0"),
        (
            "series_dot_product(dynamic([1, 2, 3]), dynamic([4, null]))",
            "4.0",
        ),
        ("series_dot_product(dynamic([]), dynamic([1]))", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let pairs = common_pairs(call, row)?;
            Some(pairs.iter().map(|(left, right)| left * right).sum())
        })
    },
};
