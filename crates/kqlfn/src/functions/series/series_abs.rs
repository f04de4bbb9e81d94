//! `series_abs`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_abs",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> Parameter0"],
    tuple: &[],
    summary: "The absolute value of each element of a series.",
    notes: "A series of whole numbers stays one. What is no number gives null.",
    examples: &[
        ("series_abs(dynamic([-6.5, 0, 8.2]))", "dynamic([6.5, 0.0, 8.2])"),
        ("series_abs(dynamic([-6, 0, null]))", "dynamic([6, 0, null])"),
        ("series_abs(dynamic({\"a\": 1}))", "dynamic(null)"),
    ],
    kernel: |call| elementwise::each_kept(call, i64::wrapping_abs, f64::abs),
};
