//! `series_acos`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_acos",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The arc cosine of each element of a series.",
    notes: "What is no number gives null.",
    examples: &[
        (
            "series_acos(dynamic([-1, 0, 1]))",
            "dynamic([3.141592653589793, 1.5707963267948966, 0.0])",
        ),
        ("series_acos(dynamic([2, null]))", "dynamic([real(nan), null])"),
        ("series_acos(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each(call, f64::acos),
};
