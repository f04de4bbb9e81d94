//! `hll_isvalid`.

use super::reading::distinct;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hll_isvalid",
    aliases: &[],
    signatures: &["(hll:DynamicArray, ?value:Scalar) -> bool"],
    tuple: &[],
    summary: "True for a value that `hll` or `hll_merge` gave.",
    notes: "Only the form is looked at.",
    examples: &[
        ("hll_isvalid(dynamic([[8192, 14], ['1', '2'], []]))", "true"),
        ("hll_isvalid(dynamic([[8192, 15], ['1', '2'], []]))", "false"),
        ("hll_isvalid(dynamic(null))", "false"),
    ],
    kernel: |call| call.bools(|row| Some(distinct(call, 0, row).is_some())),
};
