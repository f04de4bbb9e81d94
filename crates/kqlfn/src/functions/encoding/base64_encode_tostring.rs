//! `base64_encode_tostring`.

use super::base64_text::encode;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_encode_tostring",
    aliases: &["base64_encodestring"],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "A text in base64.",
    notes: "",
    examples: &[
        ("base64_encode_tostring('Kusto')", "'S3VzdG8='"),
        ("base64_encode_tostring('')", "''"),
        ("base64_encode_tostring('é')", "'w6k='"),
    ],
    kernel: |call| call.strings(|row| encode(&*call.text(0, row))),
};
