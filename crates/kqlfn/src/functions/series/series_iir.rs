//! `series_iir`.

use super::reading::complete;
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_iir",
    aliases: &[],
    signatures: &["(series:DynamicArray, numerators:DynamicArray, denominators:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "Applies a filter with an infinite impulse response to a series, such as a sum so far.",
    notes: "The numerators weigh the elements, the denominators the results so far. The first denominator must not be 0. \
            The result is a series of reals.",
    examples: &[
        (
            "series_iir(dynamic([1.0, 2.0, 3.0, 4.0]), dynamic([1]), dynamic([1, -1]))",
            "dynamic([1.0, 3.0, 6.0, 10.0])",
        ),
        (
            "series_iir(dynamic([1, 1, 1]), dynamic([1, 1]), dynamic([2]))",
            "dynamic([0.5, 1.0, 1.0])",
        ),
        (
            "series_iir(dynamic([1, 1]), dynamic([1]), dynamic([0, 1]))",
            "dynamic(null)",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let arguments = (
                complete(call, 0, row),
                complete(call, 1, row),
                complete(call, 2, row),
            );
            if let (Some(values), Some(numerators), Some(denominators)) = arguments
                && let Some((first, others)) = denominators.split_first()
                && *first != 0.0
            {
                reals(writer, filtered(&values, &numerators, *first, others));
            }
        })
    },
};

fn filtered(values: &[f64], numerators: &[f64], first: f64, denominators: &[f64]) -> Vec<f64> {
    let mut results: Vec<f64> = Vec::with_capacity(values.len());
    for at in 1..=values.len() {
        let so_far = values.get(..at).unwrap_or_default();
        let taken: f64 = numerators
            .iter()
            .zip(so_far.iter().rev())
            .map(|(weight, value)| weight * value)
            .sum();
        let given: f64 = denominators
            .iter()
            .zip(results.iter().rev())
            .map(|(weight, result)| weight * result)
            .sum();
        results.push((taken - given) / first);
    }
    results
}
