//! `strlen`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "strlen",
    aliases: &[],
    signatures: &["(text:StringOrDynamic) -> long"],
    tuple: &[],
    summary: "How many characters a text has, counted as code points of Unicode.",
    notes: "",
    examples: &[
        ("strlen('hello')", "5"),
        ("strlen('⒦⒰⒮⒯⒪')", "5"),
        ("strlen('')", "0"),
        ("strlen(dynamic([1, 2]))", "5"),
    ],
    kernel: |call| call.longs(|row| i64::try_from(call.text(0, row).chars().count()).ok()),
};
