//! `bitset_count_ones`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bitset_count_ones",
    aliases: &[],
    signatures: &["(value:Integer) -> long"],
    tuple: &[],
    summary: "How many bits of a whole number are set.",
    notes: "",
    examples: &[
        ("bitset_count_ones(42)", "3"),
        ("bitset_count_ones(0)", "0"),
        ("bitset_count_ones(-1)", "64"),
    ],
    kernel: |call| call.longs(|row| Some(i64::from(call.long(0, row)?.count_ones()))),
};
