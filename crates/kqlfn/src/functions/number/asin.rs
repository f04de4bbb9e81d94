//! `asin`.

use super::unary::unary_or_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "asin",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The angle in radians whose sine a number is.",
    notes: "A number below -1 or above 1 gives null.",
    examples: &[
        ("asin(1)", "1.5707963267948966"),
        ("asin(-0.5)", "-0.5235987755982989"),
        ("asin(1.1)", "real(null)"),
    ],
    kernel: |call| {
        unary_or_null(call, |number| {
            (number.abs() <= 1.0 || number.is_nan()).then(|| number.asin())
        })
    },
};
