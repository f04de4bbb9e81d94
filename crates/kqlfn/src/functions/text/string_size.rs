//! `string_size`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "string_size",
    aliases: &[],
    signatures: &["(string:StringOrDynamic) -> long"],
    tuple: &[],
    summary: "How many bytes a text has in UTF-8.",
    notes: "",
    examples: &[
        ("string_size('hello')", "5"),
        ("string_size('café')", "5"),
        ("string_size('⒦⒰⒮⒯⒪')", "15"),
        ("string_size('')", "0"),
        ("string_size(dynamic([1, 2]))", "5"),
    ],
    kernel: |call| call.longs(|row| i64::try_from(call.text(0, row).len()).ok()),
};
