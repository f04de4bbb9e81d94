//! `atan`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "atan",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The angle in radians whose tangent a number is.",
    notes: "",
    examples: &[
        ("atan(1)", "0.7853981633974483"),
        ("atan(real(-inf))", "-1.5707963267948966"),
    ],
    kernel: |call| unary(call, f64::atan),
};
