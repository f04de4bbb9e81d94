//! `series_tan`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_tan",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The tangent of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_tan(dynamic([-1, 0, 1]))",
            "dynamic([-1.5574077246549023, 0.0, 1.5574077246549023])",
        ),
        ("series_tan(dynamic([null]))", "dynamic([null])"),
        ("series_tan(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::tan),
};
