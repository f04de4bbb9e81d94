//! `sqrt`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "sqrt",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The square root of a number.",
    notes: "That of a negative number is NaN and not null.",
    examples: &[
        ("sqrt(16)", "4.0"),
        ("sqrt(2)", "1.4142135623730951"),
        ("sqrt(-1.0)", "real(nan)"),
        ("sqrt(real(null))", "real(null)"),
    ],
    kernel: |call| unary(call, f64::sqrt),
};
