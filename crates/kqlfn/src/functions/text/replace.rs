//! `replace`.

use super::rewriting::rewritten;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "replace",
    aliases: &[],
    signatures: &["(regex:string, rewrite:string, source:string) -> string"],
    tuple: &[],
    summary: "Replaces all matches of a regular expression: the old form of `replace_regex`, with the text at the end.",
    notes: "`\\1` to `\\9` in the replacement stand for what the groups matched, `\\0` for the whole match. A result of more than 1 MiB that is longer than the text was is the empty text.",
    examples: &[
        (
            "replace(@'is (\\d+)', @'was: \\1', 'Number is 1')",
            "'Number was: 1'",
        ),
        ("replace('b', '', 'abc')", "'ac'"),
        ("replace('x', 'y', '')", "''"),
    ],
    kernel: |call| rewritten(call, 2, 0, 1),
};
