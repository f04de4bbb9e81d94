//! `hash_xxhash64`.

use super::xxhash::xxhash64;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hash_xxhash64",
    aliases: &[],
    signatures: &["(source:NotDynamic, ?mod:Integer) -> long"],
    tuple: &[],
    summary: "A number of 64 bits that stands for a value, by xxHash64.",
    notes: "With a modulo it is 0 up to one less than that, and null if the modulo is not positive. Decimals cannot be hashed here.",
    examples: &[
        ("hash_xxhash64('World')", "1846988464401551951"),
        ("hash_xxhash64('World', 100)", "51"),
        ("hash_xxhash64(datetime(2015-01-01))", "1380966698541616202"),
        ("hash_xxhash64('World', 0)", "long(null)"),
    ],
    kernel: xxhash64,
};
