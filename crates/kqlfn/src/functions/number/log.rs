//! `log`.

use super::unary::unary_or_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "log",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The natural logarithm of a number.",
    notes: "That of zero is negative infinity, that of a negative number null.",
    examples: &[
        ("log(5)", "1.6094379124341003"),
        ("log(0.0)", "real(-inf)"),
        ("log(-1.0)", "real(null)"),
        ("log(1)", "0.0"),
    ],
    kernel: |call| {
        unary_or_null(call, |number| {
            (number >= 0.0 || number.is_nan()).then(|| number.ln())
        })
    },
};
