//! `hash_md5`.

use md5::{Digest, Md5};

use super::digesting::digested;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hash_md5",
    aliases: &[],
    signatures: &["(source:NotDynamic) -> string"],
    tuple: &[],
    summary: "The MD5 digest of a value, in hexadecimal digits.",
    notes: "A value that is no text is hashed as `tostring` writes it. Null gives the empty text.",
    examples: &[
        ("hash_md5('World')", "'f5a7924e621e84c9280a9a27e1bcb7f6'"),
        (
            "hash_md5(datetime(2020-01-01))",
            "'786c530672d1f8db31fee25ea8a9390b'",
        ),
        ("hash_md5('')", "'d41d8cd98f00b204e9800998ecf8427e'"),
        ("hash_md5(int(null))", "''"),
    ],
    kernel: |call| digested(call, |bytes| Md5::digest(bytes)),
};
