//! `base64_encode_fromguid`.

use super::base64_text::encode;
use super::guid_bytes::reordered;
use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_encode_fromguid",
    aliases: &[],
    signatures: &["(guid:guid) -> string"],
    tuple: &[],
    summary: "A guid in base64.",
    notes: "",
    examples: &[
        (
            "base64_encode_fromguid(guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb))",
            "'8jMxriJurkmwahbmqbIS6w=='",
        ),
        ("base64_encode_fromguid(guid(null))", "''"),
    ],
    kernel: |call| {
        call.strings(|row| match call.cell(0, row) {
            Cell::Guid(guid) => encode(reordered(guid)),
            _ => String::new(),
        })
    },
};
