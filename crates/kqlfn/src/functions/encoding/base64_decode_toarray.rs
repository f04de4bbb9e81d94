//! `base64_decode_toarray`.

use super::base64_text::decode;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_decode_toarray",
    aliases: &[],
    signatures: &["(base64_string:string) -> dynamic"],
    tuple: &[],
    summary: "The bytes that a text in base64 says, as an array of numbers.",
    notes: "A text without its padding is no base64 and gives null.",
    examples: &[
        (
            "base64_decode_toarray('S3VzdG8=')",
            "dynamic([75, 117, 115, 116, 111])",
        ),
        ("base64_decode_toarray('S3VzdG8')", "dynamic(null)"),
        ("base64_decode_toarray('/w==')", "dynamic([255])"),
        ("base64_decode_toarray('%')", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(bytes) = decode(&call.text(0, row)) {
                writer.array(|elements| {
                    for byte in bytes {
                        elements.push(|writer| writer.long(i64::from(byte)));
                    }
                });
            }
        })
    },
};
