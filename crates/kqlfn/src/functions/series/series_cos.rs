//! `series_cos`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_cos",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The cosine of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_cos(dynamic([-1, 0, 1]))",
            "dynamic([0.5403023058681398, 1.0, 0.5403023058681398])",
        ),
        ("series_cos(dynamic([null]))", "dynamic([null])"),
        ("series_cos(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::cos),
};
