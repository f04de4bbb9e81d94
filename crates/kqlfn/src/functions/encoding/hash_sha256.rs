//! `hash_sha256`.

use sha2::{Digest, Sha256};

use super::digesting::digested;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hash_sha256",
    aliases: &[],
    signatures: &["(source:NotDynamic) -> string"],
    tuple: &[],
    summary: "The SHA-256 digest of a value, in hexadecimal digits.",
    notes: "A value that is no text is hashed as `tostring` writes it. Null gives the empty text.",
    examples: &[
        (
            "hash_sha256('World')",
            "'78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524'",
        ),
        (
            "hash_sha256(datetime(2020-01-01))",
            "'ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d'",
        ),
        (
            "hash_sha256(1)",
            "'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'",
        ),
    ],
    kernel: |call| digested(call, |bytes| Sha256::digest(bytes)),
};
