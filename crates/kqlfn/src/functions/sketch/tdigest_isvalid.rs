//! `tdigest_isvalid`.

use super::reading::digest;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "tdigest_isvalid",
    aliases: &[],
    signatures: &["(digest:DynamicArray, ?value:Scalar) -> bool"],
    tuple: &[],
    summary: "True for a value that `tdigest` or `tdigest_merge` gave.",
    notes: "Only the form is looked at.",
    examples: &[
        ("tdigest_isvalid(dynamic([[7], [1, 5], [1, 2]]))", "true"),
        ("tdigest_isvalid(dynamic([[7], [1, 5], [1]]))", "false"),
        ("tdigest_isvalid(dynamic(null))", "false"),
    ],
    kernel: |call| call.bools(|row| Some(digest(call, 0, row).is_some())),
};
