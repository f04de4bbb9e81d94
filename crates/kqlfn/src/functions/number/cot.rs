//! `cot`.

use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "cot",
    aliases: &[],
    signatures: &["(number:Number) -> real"],
    tuple: &[],
    summary: "The cotangent of an angle in radians.",
    notes: "",
    examples: &[("cot(1)", "0.6420926159343306"), ("cot(0)", "real(+inf)")],
    kernel: |call| unary(call, |angle| angle.tan().recip()),
};
