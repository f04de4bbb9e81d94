//! `gzip_compress_to_base64_string`.

use super::compression::gzip;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "gzip_compress_to_base64_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "Compresses a text with gzip and writes the bytes in base64.",
    notes: "A text of up to 100 bytes is stored as it is, byte for byte as in Kusto. Longer ones are compressed, and decompress to the same text there.",
    examples: &[
        (
            "gzip_compress_to_base64_string('1234567890qwertyuiop')",
            "'H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA=='",
        ),
        (
            "gzip_decompress_from_base64_string(gzip_compress_to_base64_string(strrep('ab', 1000)))",
            "strrep('ab', 1000)",
        ),
    ],
    kernel: |call| call.strings(|row| gzip(&call.text(0, row))),
};
