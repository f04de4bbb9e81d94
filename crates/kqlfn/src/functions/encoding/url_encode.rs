//! `url_encode`.

use super::percent::encoded;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "url_encode",
    aliases: &[],
    signatures: &["(url:string) -> string"],
    tuple: &[],
    summary: "A text as it may stand in a URL.",
    notes: "A blank becomes `+`. Digits are written small.",
    examples: &[
        (
            "url_encode('https://www.bing.com/hello world')",
            "'https%3a%2f%2fwww.bing.com%2fhello+world'",
        ),
        ("url_encode('é')", "'%c3%a9'"),
        ("url_encode('a-b_c.d')", "'a-b_c.d'"),
    ],
    kernel: |call| call.strings(|row| encoded(call.text(0, row), "+")),
};
