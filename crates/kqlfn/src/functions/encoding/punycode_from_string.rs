//! `punycode_from_string`.

use crate::function::Function;
use idna::punycode::encode_str;

pub(super) const FUNCTION: Function = Function {
    name: "punycode_from_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "A text in Punycode.",
    notes: "A text of more than 1000 characters gives the empty text.",
    examples: &[
        (
            "punycode_from_string('académie-française')",
            "'acadmie-franaise-npb1a'",
        ),
        ("punycode_from_string('abc')", "'abc-'"),
        ("punycode_from_string('')", "''"),
    ],
    kernel: |call| call.strings(|row| encode_str(&call.text(0, row)).unwrap_or_default()),
};
