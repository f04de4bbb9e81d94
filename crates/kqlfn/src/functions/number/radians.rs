//! `radians`.

use std::f64::consts::PI;

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "radians",
    aliases: &[],
    signatures: &["(degrees:Number) -> real"],
    tuple: &[],
    summary: "An angle in radians, of one in degrees.",
    notes: "",
    examples: &[
        ("radians(90)", "1.5707963267948966"),
        ("radians(180)", "3.141592653589793"),
        ("radians(360)", "6.283185307179586"),
    ],
    kernel: |call| unary(call, |degrees| degrees * PI / 180.0),
};
