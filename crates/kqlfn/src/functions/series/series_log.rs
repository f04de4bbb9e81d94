//! `series_log`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_log",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The natural logarithm of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_log(dynamic([1, 2, 3]))",
            "dynamic([0.0, 0.6931471805599453, 1.0986122886681098])",
        ),
        ("series_log(dynamic([0, -1]))", "dynamic([real(-inf), real(nan)])"),
        ("series_log(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::ln),
};
