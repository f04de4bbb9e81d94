//! `dcount_hll`.

use super::reading::distinct;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "dcount_hll",
    aliases: &[],
    signatures: &["(hll:DynamicArray) -> long"],
    tuple: &[],
    summary: "How many different values went into what `hll` or `hll_merge` gave.",
    notes: "Up to 8,192 values are counted exactly; above, the number is an estimate with the error that the accuracy \
            of `hll` says. Null is given for what is no result of `hll`.",
    examples: &[
        ("dcount_hll(dynamic([[8192, 14], ['1', '2', '-3'], []]))", "3"),
        ("dcount_hll(dynamic([[1024, 14], [], []]))", "0"),
        ("dcount_hll(dynamic([1, 2]))", "long(null)"),
        ("dcount_hll(dynamic(null))", "long(null)"),
    ],
    kernel: |call| call.longs(|row| Some(distinct(call, 0, row)?.count())),
};
