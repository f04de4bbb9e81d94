//! `zlib_compress_to_base64_string`.

use super::compression::zlib;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "zlib_compress_to_base64_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "Compresses a text with zlib and writes the bytes in base64.",
    notes: "A text of up to 100 bytes is stored as it is, byte for byte as in Kusto. Longer ones are compressed, and decompress to the same text there.",
    examples: &[
        (
            "zlib_compress_to_base64_string('1234567890qwertyuiop')",
            "'eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw=='",
        ),
        (
            "zlib_decompress_from_base64_string(zlib_compress_to_base64_string(strrep('ab', 1000)))",
            "strrep('ab', 1000)",
        ),
    ],
    kernel: |call| call.strings(|row| zlib(&call.text(0, row))),
};
