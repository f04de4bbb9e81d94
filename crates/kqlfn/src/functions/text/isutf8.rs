//! `isutf8`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isutf8",
    aliases: &[],
    signatures: &["(value:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a text is sound UTF-8.",
    notes: "Texts are sound UTF-8 here from the start, so that it is always true.",
    examples: &[
        ("isutf8('some string')", "true"),
        ("isutf8('⒦⒰⒮⒯⒪')", "true"),
        ("isutf8('')", "true"),
    ],
    kernel: |call| call.bools(|_| Some(true)),
};
