//! `base64_encode_fromarray`.

use super::base64_text::encode;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_encode_fromarray",
    aliases: &[],
    signatures: &["(base64_string_decoded_as_array:DynamicArray) -> string"],
    tuple: &[],
    summary: "An array of bytes in base64.",
    notes: "An array that holds anything but bytes gives the empty text.",
    examples: &[
        (
            "base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))",
            "'S3VzdG8='",
        ),
        (
            "base64_encode_fromarray(base64_decode_toarray('U3RyaW5n0KHR0tGA0L7Rh9C60LA'))",
            "''",
        ),
        ("base64_encode_fromarray(dynamic([]))", "''"),
        ("base64_encode_fromarray(dynamic([256]))", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let array = call.cell(0, row).dynamic().and_then(Dynamic::array);
            let byte = |element| match element {
                Dynamic::Long(number) => u8::try_from(number).ok(),
                Dynamic::Int(number) => u8::try_from(number).ok(),
                _ => None,
            };
            let bytes: Option<Vec<u8>> = array.and_then(|array| array.iter().map(byte).collect());
            bytes.map(encode).unwrap_or_default()
        })
    },
};
