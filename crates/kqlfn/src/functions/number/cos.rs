//! `cos`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "cos",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The cosine of an angle in radians.",
    notes: "",
    examples: &[("cos(1)", "0.5403023058681398"), ("cos(0)", "1.0")],
    kernel: |call| unary(call, f64::cos),
};
