//! `replace_regex`.

use super::rewriting::rewritten;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "replace_regex",
    aliases: &[],
    signatures: &["(source:string, lookup_regex:string, rewrite_pattern:string) -> string"],
    tuple: &[],
    summary: "Replaces all matches of a regular expression.",
    notes: "Matches do not overlap. `\\1` to `\\9` in the replacement stand for what the groups matched, `\\0` for the whole match, `\\\\` for a backslash. A result of more than 1 MiB that is longer than the text was is the empty text.",
    examples: &[
        (
            "replace_regex('Number is 1', @'is (\\d+)', @'was: \\1')",
            "'Number was: 1'",
        ),
        ("replace_regex('one two', @'(\\w+)', @'[\\0]')", "'[one] [two]'"),
        ("replace_regex('abcABCabc', '(?i)abc', '#')", "'###'"),
        ("replace_regex('a', 'a', @'$0 \\\\ \\9')", "@'$0 \\ '"),
        ("replace_regex('abc', 'x*', '-')", "'-a-b-c-'"),
        ("replace_regex(strrep('a', 1024), 'a', strrep('ab', 1024))", "''"),
    ],
    kernel: |call| rewritten(call, 0, 1, 2),
};
