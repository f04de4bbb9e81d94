//! `log2`.

use super::unary::unary_or_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "log2",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The binary logarithm of a number.",
    notes: "That of zero is negative infinity, that of a negative number null.",
    examples: &[
        ("log2(5)", "2.321928094887362"),
        ("log2(8)", "3.0"),
        ("log2(-1)", "real(null)"),
    ],
    kernel: |call| {
        unary_or_null(call, |number| {
            (number >= 0.0 || number.is_nan()).then(|| number.log2())
        })
    },
};
