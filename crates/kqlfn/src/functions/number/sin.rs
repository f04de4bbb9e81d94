//! `sin`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "sin",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The sine of an angle in radians.",
    notes: "",
    examples: &[("sin(1)", "0.8414709848078965"), ("sin(0)", "0.0")],
    kernel: |call| unary(call, f64::sin),
};
