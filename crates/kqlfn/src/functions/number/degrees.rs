//! `degrees`.

use std::f64::consts::PI;

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "degrees",
    aliases: &[],
    signatures: &["(radians:Number) -> real"],
    tuple: &[],
    summary: "An angle in degrees, of one in radians.",
    notes: "",
    examples: &[
        ("degrees(pi())", "180.0"),
        ("degrees(1)", "57.29577951308232"),
        ("degrees(0)", "0.0"),
    ],
    kernel: |call| unary(call, |radians| radians * 180.0 / PI),
};
