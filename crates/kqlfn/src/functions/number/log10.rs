//! `log10`.

use super::unary::unary_or_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "log10",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The decimal logarithm of a number.",
    notes: "That of zero is negative infinity, that of a negative number null.",
    examples: &[
        ("log10(5)", "0.6989700043360189"),
        ("log10(1000)", "3.0"),
        ("log10(-1)", "real(null)"),
    ],
    kernel: |call| {
        unary_or_null(call, |number| {
            (number >= 0.0 || number.is_nan()).then(|| number.log10())
        })
    },
};
