//! `binary_xor`.

use super::bits::binary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_xor",
    aliases: &[],
    signatures: &["(value1:Integer, value2:Integer) -> long"],
    tuple: &[],
    summary: "The bits of two whole numbers that are set in one only.",
    notes: "",
    examples: &[
        ("binary_xor(6, 3)", "5"),
        ("binary_xor(1, 1)", "0"),
        ("binary_xor(int(null), 1)", "long(null)"),
    ],
    kernel: |call| binary(call, |left, right| Some(left ^ right)),
};
