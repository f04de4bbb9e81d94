//! `isascii`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isascii",
    aliases: &[],
    signatures: &["(value:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a text holds characters of ASCII only.",
    notes: "",
    examples: &[
        ("isascii('some string')", "true"),
        ("isascii('café')", "false"),
        ("isascii('')", "true"),
        ("isascii(1.5)", "true"),
    ],
    kernel: |call| call.bools(|row| Some(call.text(0, row).is_ascii())),
};
