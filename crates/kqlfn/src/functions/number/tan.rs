//! `tan`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "tan",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The tangent of an angle in radians.",
    notes: "",
    examples: &[("tan(1)", "1.5574077246549023"), ("tan(0)", "0.0")],
    kernel: |call| unary(call, f64::tan),
};
