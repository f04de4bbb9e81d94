//! `pi`.

use std::f64::consts::PI;

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "pi",
    aliases: &[],
    signatures: &["() -> real"],
    tuple: &[],
    summary: "The number pi.",
    notes: "",
    examples: &[("pi()", "3.141592653589793")],
    kernel: |call| call.reals(|_| Some(PI)),
};
