//! `series_ceiling`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_ceiling",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> Parameter0"],
    tuple: &[],
    summary: "Each element of a series, rounded up to a whole number.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_ceiling(dynamic([-1.5, 1, 2.5]))",
            "dynamic([-1.0, 1.0, 3.0])",
        ),
        ("series_ceiling(dynamic([null, 0.1]))", "dynamic([null, 1.0])"),
        ("series_ceiling(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::ceil),
};
