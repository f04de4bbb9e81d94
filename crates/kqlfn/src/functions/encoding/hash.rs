//! `hash`.

use super::xxhash::xxhash64;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hash",
    aliases: &[],
    signatures: &["(source:NotDynamic, ?mod:Integer) -> long"],
    tuple: &[],
    summary: "A number of 64 bits that stands for a value, at present by xxHash64.",
    notes: "With a modulo it is 0 up to one less than that, and null if the modulo is not positive. Decimals cannot be hashed here.",
    examples: &[
        ("hash('World')", "1846988464401551951"),
        ("hash('World', 100)", "51"),
        ("hash(datetime(2015-01-01))", "1380966698541616202"),
        ("hash('Hello')", "753694413698530628"),
        ("hash(long(null))", "long(null)"),
    ],
    kernel: xxhash64,
};
