//! `tolower`.

use super::casing::recased;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "tolower",
    aliases: &[],
    signatures: &["(value:Scalar) -> string"],
    tuple: &[],
    summary: "A text in small letters.",
    notes: "",
    examples: &[
        ("tolower('Hello')", "'hello'"),
        ("tolower('ÜBER')", "'über'"),
        ("tolower('ＡＢ１')", "'ａｂ１'"),
        ("tolower(true)", "'true'"),
        ("tolower('')", "''"),
    ],
    kernel: |call| {
        recased(
            call,
            |byte| byte.is_ascii() && !byte.is_ascii_uppercase(),
            str::to_ascii_lowercase,
            char::to_lowercase,
        )
    },
};
