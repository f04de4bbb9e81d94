//! `series_sign`.

use super::elementwise;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_sign",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The sign of each element of a series: -1, 0 or 1.",
    notes: "A series of whole numbers stays one. What is no number gives null.",
    examples: &[
        ("series_sign(dynamic([-6, 0, 8]))", "dynamic([-1, 0, 1])"),
        (
            "series_sign(dynamic([-6.5, 0, null, 8.2]))",
            "dynamic([-1.0, 0.0, null, 1.0])",
        ),
    ],
    kernel: |call| elementwise::each_kept(call, i64::signum, |x| if x == 0.0 { 0.0 } else { x.signum() }),
};
