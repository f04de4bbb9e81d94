//! `binary_not`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_not",
    aliases: &[],
    signatures: &["(value:Integer) -> long"],
    tuple: &[],
    summary: "A whole number with all its bits turned.",
    notes: "",
    examples: &[
        ("binary_not(1)", "-2"),
        ("binary_not(100)", "-101"),
        ("binary_not(int(null))", "long(null)"),
    ],
    kernel: |call| call.longs(|row| call.long(0, row).map(|value| !value)),
};
