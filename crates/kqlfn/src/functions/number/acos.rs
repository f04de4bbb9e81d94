//! `acos`.

use super::unary::unary_or_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "acos",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The angle in radians whose cosine a number is.",
    notes: "A number below -1 or above 1 gives null.",
    examples: &[
        ("acos(1)", "0.0"),
        ("acos(-0.5)", "2.0943951023931957"),
        ("acos(1.1)", "real(null)"),
    ],
    kernel: |call| {
        unary_or_null(call, |number| {
            (number.abs() <= 1.0 || number.is_nan()).then(|| number.acos())
        })
    },
};
