//! `url_encode_component`.

use super::percent::encoded;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "url_encode_component",
    aliases: &[],
    signatures: &["(url:string) -> string"],
    tuple: &[],
    summary: "A text as it may stand in a part of a URL.",
    notes: "A blank becomes `%20`. Digits are written small.",
    examples: &[
        (
            "url_encode_component('https://www.bing.com/hello world')",
            "'https%3a%2f%2fwww.bing.com%2fhello%20world'",
        ),
        ("url_encode_component('a&b=c')", "'a%26b%3dc'"),
        ("url_encode_component('')", "''"),
    ],
    kernel: |call| call.strings(|row| encoded(call.text(0, row), "%20")),
};
