//! `series_magnitude`.

use super::reading::{array, reals};
use super::statistics::squares;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_magnitude",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> real"],
    tuple: &[],
    summary: "The length of a series as a vector: the square root of the sum of its squares.",
    notes: "What is no number is left out. An empty series gives null.",
    examples: &[
        ("series_magnitude(dynamic([1, 2, 3, 4]))", "5.477225575051661"),
        ("series_magnitude(dynamic([3, null, 4]))", "5.0"),
        ("series_magnitude(dynamic([]))", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let series = array(call, 0, row).filter(|series| !series.is_empty())?;
            Some(squares(reals(series).flatten()).sqrt())
        })
    },
};
