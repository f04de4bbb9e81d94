//! `erf`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "erf",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The error function of a number.",
    notes: "",
    examples: &[
        ("erf(1)", "0.8427007929497149"),
        ("erf(0)", "0.0"),
        ("erf(-3)", "-0.9999779095030014"),
    ],
    kernel: |call| unary(call, libm::erf),
};
