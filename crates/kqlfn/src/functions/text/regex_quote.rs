//! `regex_quote`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "regex_quote",
    aliases: &[],
    signatures: &["(string:Scalar) -> string"],
    tuple: &[],
    summary: "A regular expression that matches just this text.",
    notes: "",
    examples: &[
        ("regex_quote('(so$me.Te^xt)')", "@'\\(so\\$me\\.Te\\^xt\\)'"),
        ("regex_quote('abc 1')", "'abc 1'"),
        ("regex_quote('')", "''"),
    ],
    kernel: |call| call.strings(|row| regex::escape(&call.text(0, row))),
};
