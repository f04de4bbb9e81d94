//! `base64_decode_toguid`.

use super::base64_text::decode;
use super::guid_bytes::reordered;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "base64_decode_toguid",
    aliases: &[],
    signatures: &["(base64_string:string) -> guid"],
    tuple: &[],
    summary: "The guid that a text in base64 says.",
    notes: "",
    examples: &[
        (
            "base64_decode_toguid('JpbpECu8dUy7Pv5gbeJXAA==')",
            "guid(10e99626-bc2b-4c75-bb3e-fe606de25700)",
        ),
        (
            "base64_decode_toguid('8jMxriJurkmwahbmqbIS6w==')",
            "guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb)",
        ),
        ("base64_decode_toguid('abcd1231')", "guid(null)"),
    ],
    kernel: |call| {
        call.guids(|row| {
            let stored: [u8; 16] = decode(&call.text(0, row))?.try_into().ok()?;
            Some(reordered(stored))
        })
    },
};
