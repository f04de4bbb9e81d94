//! `binary_and`.

use super::bits::binary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_and",
    aliases: &[],
    signatures: &["(value1:Integer, value2:Integer) -> long"],
    tuple: &[],
    summary: "The bits of two whole numbers that are set in both.",
    notes: "",
    examples: &[
        ("binary_and(6, 3)", "2"),
        ("binary_and(-1, 5)", "5"),
        ("binary_and(1, long(null))", "long(null)"),
    ],
    kernel: |call| binary(call, |left, right| Some(left & right)),
};
