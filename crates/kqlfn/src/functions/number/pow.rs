//! `pow`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "pow",
    aliases: &[],
    signatures: &["(base:Number, exponent:Number) -> real"],
    tuple: &[],
    summary: "A number to the power of another.",
    notes: "The result is a real, also of whole numbers.",
    examples: &[
        ("pow(2, 3)", "8.0"),
        ("pow(2, 63)", "9223372036854775808.0"),
        ("pow(-8, 0.5)", "real(nan)"),
        ("pow(2, int(null))", "real(null)"),
    ],
    kernel: |call| call.reals(|row| Some(call.real(0, row)?.powf(call.real(1, row)?))),
};
