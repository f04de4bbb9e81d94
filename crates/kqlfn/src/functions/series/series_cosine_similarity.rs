//! `series_cosine_similarity`.

use super::elementwise::common_pairs;
use super::statistics::squares;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_cosine_similarity",
    aliases: &[],
    signatures: &[
        "(series1:DynamicArray, series2:DynamicArray, ?series1_magnitude:real, ?series2_magnitude:real) -> \
         real",
    ],
    tuple: &[],
    summary: "How near the directions of two series are as vectors: the cosine of the angle between them.",
    notes: "The longer series is cut, what is no number is left out, an empty series gives null. A magnitude \
            that is given is taken as it is.",
    examples: &[
        (
            "series_cosine_similarity(dynamic([0.1, 0.2, 0.1, 0.2]), dynamic([1, 2, 3, 4]))",
            "0.9237604307034012",
        ),
        (
            "series_cosine_similarity(dynamic([3, 4]), dynamic([3, 4]))",
            "1.0",
        ),
        (
            "series_cosine_similarity(dynamic([3, 4]), dynamic([3, 4]), 10, 5)",
            "0.5",
        ),
        (
            "series_cosine_similarity(dynamic([]), dynamic([1]))",
            "real(null)",
        ),
    ],
    kernel: |call| {
        call.reals(|row| {
            let pairs = common_pairs(call, row)?;
            let product: f64 = pairs.iter().map(|(left, right)| left * right).sum();
            let left = call
                .real(2, row)
                .unwrap_or_else(|| squares(pairs.iter().map(|(left, _)| *left)).sqrt());
            let right = call
                .real(3, row)
                .unwrap_or_else(|| squares(pairs.iter().map(|(_, right)| *right)).sqrt());
            Some(product / (left * right))
        })
    },
};
