//! `zlib_decompress_from_base64_string`.

use super::compression::from_zlib;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "zlib_decompress_from_base64_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "The text that a text in base64 says, compressed with zlib.",
    notes: "What is not compressed so, no UTF-8, or longer than 1 MiB gives the empty text.",
    examples: &[
        (
            "zlib_decompress_from_base64_string('eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==')",
            "'1234567890qwertyuiop'",
        ),
        (
            "zlib_decompress_from_base64_string('eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=')",
            "'Test string 123'",
        ),
        ("zlib_decompress_from_base64_string('x0x0x0')", "''"),
    ],
    kernel: |call| call.strings(|row| from_zlib(&call.text(0, row)).unwrap_or_default()),
};
