//! `toupper`.

use super::casing::recased;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "toupper",
    aliases: &[],
    signatures: &["(value:Scalar) -> string"],
    tuple: &[],
    summary: "A text in large letters.",
    notes: "",
    examples: &[
        ("toupper('Hello')", "'HELLO'"),
        ("toupper('naïve')", "'NAÏVE'"),
        ("toupper('straße')", "'STRAßE'"),
        ("toupper(1d)", "'1.00:00:00'"),
    ],
    kernel: |call| {
        recased(
            call,
            |byte| byte.is_ascii() && !byte.is_ascii_lowercase(),
            str::to_ascii_uppercase,
            char::to_uppercase,
        )
    },
};
