//! `series_product`.

use super::reading::{array, reals};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_product",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> real"],
    tuple: &[],
    summary: "The product of the elements of a series.",
    notes: "What is no number is left out. An empty series gives null.",
    examples: &[
        ("series_product(dynamic([1, 2, 3, 4]))", "24.0"),
        ("series_product(dynamic([1.5, null, 2]))", "3.0"),
        ("series_product(dynamic([]))", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let series = array(call, 0, row).filter(|series| !series.is_empty())?;
            Some(reals(series).flatten().product())
        })
    },
};
