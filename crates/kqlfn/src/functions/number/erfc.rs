//! `erfc`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "erfc",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "One less the error function of a number.",
    notes: "",
    examples: &[
        ("erfc(1)", "0.15729920705028513"),
        ("erfc(0)", "1.0"),
        ("erfc(3)", "2.2090496998585438e-05"),
    ],
    kernel: |call| unary(call, libm::erfc),
};
