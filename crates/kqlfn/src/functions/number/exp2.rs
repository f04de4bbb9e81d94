//! `exp2`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "exp2",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "Two to the power of a number.",
    notes: "",
    examples: &[("exp2(3)", "8.0"), ("exp2(-1)", "0.5")],
    kernel: |call| unary(call, f64::exp2),
};
