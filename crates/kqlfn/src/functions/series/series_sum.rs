//! `series_sum`.

use super::reading::{array, reals};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_sum",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> real"],
    tuple: &[],
    summary: "The sum of the elements of a series.",
    notes: "What is no number is left out. An empty series gives null.",
    examples: &[
        ("series_sum(dynamic([1, 2, 3, 4]))", "10.0"),
        ("series_sum(dynamic([1.5, null, 2]))", "3.5"),
        ("series_sum(dynamic([true]))", "0.0"),
        ("series_sum(dynamic([]))", "real(null)"),
        ("series_sum(dynamic(null))", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let series = array(call, 0, row).filter(|series| !series.is_empty())?;
            Some(reals(series).flatten().fold(0.0, |sum, value| sum + value))
        })
    },
};
