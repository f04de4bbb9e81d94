//! `binary_or`.

use super::bits::binary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_or",
    aliases: &[],
    signatures: &["(value1:Integer, value2:Integer) -> long"],
    tuple: &[],
    summary: "The bits of two whole numbers that are set in at least one.",
    notes: "",
    examples: &[
        ("binary_or(6, 3)", "7"),
        ("binary_or(0, 0)", "0"),
        ("binary_or(int(null), 1)", "long(null)"),
    ],
    kernel: |call| binary(call, |left, right| Some(left | right)),
};
