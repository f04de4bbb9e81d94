//! `atan2`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "atan2",
    aliases: &[],
    signatures: &["(y:Number, x:Number) -> real"],
    tuple: &[],
    summary: "The angle in radians between the positive x axis and the ray to a point.",
    notes: "The first argument is y.",
    examples: &[
        ("atan2(1, 1)", "0.7853981633974483"),
        ("atan2(0, -1)", "3.141592653589793"),
        ("atan2(-1, 0)", "-1.5707963267948966"),
    ],
    kernel: |call| call.reals(|row| Some(call.real(0, row)?.atan2(call.real(1, row)?))),
};
