//! `punycode_to_string`.

use crate::function::Function;
use idna::punycode::decode_to_string;

pub(super) const FUNCTION: Function = Function {
    name: "punycode_to_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "The text that a text in Punycode says.",
    notes: "",
    examples: &[
        (
            "punycode_to_string('acadmie-franaise-npb1a')",
            "'académie-française'",
        ),
        ("punycode_to_string('abc-')", "'abc'"),
        ("punycode_to_string('é')", "''"),
    ],
    kernel: |call| call.strings(|row| decode_to_string(&call.text(0, row)).unwrap_or_default()),
};
