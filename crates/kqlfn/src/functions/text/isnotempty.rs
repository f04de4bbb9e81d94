//! `isnotempty`.

use super::isempty::is_empty;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isnotempty",
    aliases: &["notempty"],
    signatures: &["(value:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a value is neither null nor an empty text.",
    notes: "",
    examples: &[
        ("isnotempty('')", "false"),
        ("isnotempty('x')", "true"),
        ("isnotempty(long(null))", "false"),
        ("isnotempty(dynamic({}))", "true"),
    ],
    kernel: |call| call.bools(|row| Some(!is_empty(call.cell(0, row)))),
};
