//! `isnull`.

use super::nulls::is_null;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isnull",
    aliases: &[],
    signatures: &["(expression:Scalar) -> bool"],
    tuple: &[],
    summary: "True if there is no value.",
    notes: "A text is never null; ask with `isempty`.",
    examples: &[
        ("isnull(int(null))", "true"),
        ("isnull('')", "false"),
        ("isnull(parse_json('null'))", "true"),
        ("isnull(real(nan))", "false"),
    ],
    kernel: |call| is_null(call, true),
};
