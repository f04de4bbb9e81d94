//! `sign`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "sign",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "1 for a positive number, -1 for a negative one, else 0.",
    notes: "",
    examples: &[
        ("sign(-42)", "-1.0"),
        ("sign(0)", "0.0"),
        ("sign(11.2)", "1.0"),
        ("sign(real(nan))", "0.0"),
    ],
    kernel: |call| {
        unary(call, |number| {
            if number > 0.0 {
                1.0
            } else if number < 0.0 {
                -1.0
            } else {
                0.0
            }
        })
    },
};
