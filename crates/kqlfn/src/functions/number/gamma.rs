//! `gamma`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "gamma",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The gamma function of a number.",
    notes: "Of a whole number it is the factorial of the one below.",
    examples: &[
        ("gamma(5)", "24.0"),
        ("round(gamma(0.5), 12)", "1.772453850906"),
        ("gamma(-1)", "real(nan)"),
    ],
    kernel: |call| unary(call, libm::tgamma),
};
