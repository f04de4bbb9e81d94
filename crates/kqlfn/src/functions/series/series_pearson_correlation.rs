//! `series_pearson_correlation`.

use super::reading::complete;
use super::statistics::{average, squares};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_pearson_correlation",
    aliases: &[],
    signatures: &["(series1:DynamicArray, series2:DynamicArray) -> real"],
    tuple: &[],
    summary: "How far two series rise and fall together: their correlation coefficient by Pearson.",
    notes: "Series of different lengths, and elements that are no numbers, give null.",
    examples: &[
        (
            "series_pearson_correlation(dynamic([1, 2, 3, 4, 5]), dynamic([2, 4, 6, 8, 10]))",
            "1.0",
        ),
        (
            "series_pearson_correlation(dynamic([1, 2]), dynamic([2.5, 1]))",
            "-1.0",
        ),
        (
            "series_pearson_correlation(dynamic([1, 2]), dynamic([2]))",
            "real(null)",
        ),
        (
            "series_pearson_correlation(dynamic([1, null]), dynamic([2, 1]))",
            "real(null)",
        ),
    ],
    kernel: |call| {
        call.reals(|row| {
            let left = complete(call, 0, row)?;
            let right = complete(call, 1, row).filter(|right| right.len() == left.len())?;
            let (left_average, right_average) = (average(&left), average(&right));
            let together: f64 = left
                .iter()
                .zip(&right)
                .map(|(left, right)| (left - left_average) * (right - right_average))
                .sum();
            let left = squares(left.iter().map(|left| left - left_average));
            let right = squares(right.iter().map(|right| right - right_average));
            Some(together / (left * right).sqrt())
        })
    },
};
