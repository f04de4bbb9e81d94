//! `series_floor`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_floor",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "Each element of a series, rounded down to a whole number.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_floor(dynamic([-1.5, 1, 2.5]))",
            "dynamic([-2.0, 1.0, 2.0])",
        ),
        ("series_floor(dynamic([null, 0.9]))", "dynamic([null, 0.0])"),
        ("series_floor(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::floor),
};
