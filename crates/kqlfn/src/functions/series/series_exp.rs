//! `series_exp`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_exp",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The exponential of each element of a series, to the base e.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_exp(dynamic([0, 1, -1]))",
            "dynamic([1.0, 2.718281828459045, 0.36787944117144233])",
        ),
        ("series_exp(dynamic(['a', 0]))", "dynamic([null, 1.0])"),
        ("series_exp(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::exp),
};
