//! `series_asin`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_asin",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The arc sine of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_asin(dynamic([-1, 0, 1]))",
            "dynamic([-1.5707963267948966, 0.0, 1.5707963267948966])",
        ),
        ("series_asin(dynamic([]))", "dynamic([])"),
        ("series_asin(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::asin),
};
