//! `gzip_decompress_from_base64_string`.

use super::compression::from_gzip;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "gzip_decompress_from_base64_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "The text that a text in base64 says, compressed with gzip.",
    notes: "What is not compressed so, no UTF-8, or longer than 1 MiB gives the empty text.",
    examples: &[
        (
            "gzip_decompress_from_base64_string('H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==')",
            "'1234567890qwertyuiop'",
        ),
        (
            "gzip_decompress_from_base64_string('eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==')",
            "''",
        ),
        ("gzip_decompress_from_base64_string('x')", "''"),
    ],
    kernel: |call| call.strings(|row| from_gzip(&call.text(0, row)).unwrap_or_default()),
};
