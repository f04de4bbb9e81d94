//! `not`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "not",
    aliases: &[],
    signatures: &["(expression:bool) -> bool"],
    tuple: &[],
    summary: "True if false, and false if true.",
    notes: "",
    examples: &[
        ("not(false)", "true"),
        ("not(true)", "false"),
        ("not(bool(null))", "bool(null)"),
    ],
    kernel: |call| call.bools(|row| call.bool(0, row).map(|value| !value)),
};
