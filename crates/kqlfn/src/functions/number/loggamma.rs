//! `loggamma`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "loggamma",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The natural logarithm of the size of the gamma function.",
    notes: "",
    examples: &[
        ("loggamma(5)", "3.1780538303479458"),
        ("loggamma(1)", "0.0"),
        ("loggamma(0)", "real(+inf)"),
    ],
    kernel: |call| unary(call, libm::lgamma),
};
