//! `welch_test`.

use super::distribution::share_below;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "welch_test",
    aliases: &[],
    signatures: &[
        "(mean1:Number, variance1:Number, count1:Number, mean2:Number, variance2:Number, count2:Number) -> real",
    ],
    tuple: &[],
    summary: "The probability that two samples differ as much as they do by chance, though their means are equal (Welch's t-test, two-sided).",
    notes: "",
    examples: &[
        (
            "round(welch_test(20.82, 7.867429, 15, 22.986667, 3.812667, 15), 3)",
            "0.021",
        ),
        ("welch_test(1, 2, 10, 1, 3, 20)", "1.0"),
        ("welch_test(1, 2, 10, real(null), 3, 20)", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let sample = |at| {
                Some((
                    call.real(at, row)?,
                    call.real(at + 1, row)?,
                    call.real(at + 2, row)?,
                ))
            };
            Some(probability(sample(0)?, sample(3)?))
        })
    },
};

/// Of samples given by their mean, variance and number of values.
fn probability(first: (f64, f64, f64), second: (f64, f64, f64)) -> f64 {
    let (first_mean, first_variance, first_count) = first;
    let (second_mean, second_variance, second_count) = second;
    let (left, right) = (first_variance / first_count, second_variance / second_count);
    let square = (first_mean - second_mean).powi(2) / (left + right);
    let freedom =
        (left + right).powi(2) / (left.powi(2) / (first_count - 1.0) + right.powi(2) / (second_count - 1.0));
    share_below(freedom / (freedom + square), freedom / 2.0, 0.5)
}
