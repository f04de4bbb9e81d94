//! `series_atan`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_atan",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The arc tangent of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_atan(dynamic([-1, 0, 1]))",
            "dynamic([-0.7853981633974483, 0.0, 0.7853981633974483])",
        ),
        ("series_atan(dynamic(['a', 0]))", "dynamic([null, 0.0])"),
        ("series_atan(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::atan),
};
