//! `exp`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "exp",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The number e to the power of a number.",
    notes: "",
    examples: &[
        ("exp(2)", "7.38905609893065"),
        ("exp(0)", "1.0"),
        ("exp(1000.0)", "real(+inf)"),
    ],
    kernel: |call| unary(call, f64::exp),
};
