//! `base64_decode_tostring`.

use super::base64_text::decode;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_decode_tostring",
    aliases: &["base64_decodestring"],
    signatures: &["(base64_string:string) -> string"],
    tuple: &[],
    summary: "The text that a text in base64 says.",
    notes: "What is no base64, or no UTF-8 behind it, gives the empty text.",
    examples: &[
        ("base64_decode_tostring('S3VzdG8=')", "'Kusto'"),
        ("base64_decode_tostring('U3RyaW5n0KHR0tGA0L7Rh9C60LA=')", "''"),
        ("base64_decode_tostring('')", "''"),
        ("base64_decode_tostring('S3VzdG8')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let bytes = decode(&call.text(0, row)).unwrap_or_default();
            String::from_utf8(bytes).unwrap_or_default()
        })
    },
};
