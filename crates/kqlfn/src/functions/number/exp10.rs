//! `exp10`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "exp10",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "Ten to the power of a number.",
    notes: "",
    examples: &[("exp10(2)", "100.0"), ("exp10(-1)", "0.1")],
    kernel: |call| unary(call, |number| 10.0_f64.powf(number)),
};
