//! `isnotnull`.

use super::nulls::is_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isnotnull",
    aliases: &["notnull"],
    signatures: &["(expression:Scalar) -> bool"],
    tuple: &[],
    summary: "True if there is a value.",
    notes: "A text is never null; ask with `isnotempty`.",
    examples: &[
        ("isnotnull(1)", "true"),
        ("isnotnull('')", "true"),
        ("isnotnull(datetime(null))", "false"),
        ("isnotnull(dynamic(null))", "false"),
    ],
    kernel: |call| is_null(call, false),
};
