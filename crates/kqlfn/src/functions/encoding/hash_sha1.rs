//! `hash_sha1`.

use sha1::{Digest, Sha1};

use super::digesting::digested;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hash_sha1",
    aliases: &[],
    signatures: &["(source:NotDynamic) -> string"],
    tuple: &[],
    summary: "The SHA-1 digest of a value, in hexadecimal digits.",
    notes: "A value that is no text is hashed as `tostring` writes it. Null gives the empty text.",
    examples: &[
        ("hash_sha1('World')", "'70c07ec18ef89c5309bbb0937f3a6342411e1fdd'"),
        (
            "hash_sha1(datetime(2020-01-01))",
            "'e903e533f4d636b4fc0dcf3cf81e7b7f330de776'",
        ),
        ("hash_sha1('')", "'da39a3ee5e6b4b0d3255bfef95601890afd80709'"),
    ],
    kernel: |call| digested(call, |bytes| Sha1::digest(bytes)),
};
