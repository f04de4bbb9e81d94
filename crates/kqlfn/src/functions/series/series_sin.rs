//! `series_sin`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_sin",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The sine of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_sin(dynamic([-1, 0, 1]))",
            "dynamic([-0.8414709848078965, 0.0, 0.8414709848078965])",
        ),
        ("series_sin(dynamic([true, 0]))", "dynamic([null, 0.0])"),
        ("series_sin(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::sin),
};
