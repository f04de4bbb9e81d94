//! `trim_start`.

use super::trimming::trimmed;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "trim_start",
    aliases: &[],
    signatures: &["(regex:string, source:string) -> string"],
    tuple: &[],
    summary: "Takes away what a regular expression matches at the beginning of a text.",
    notes: "What is taken away is one match of the expression, not as many as there are: write `[ ]+` for all blanks.",
    examples: &[
        ("trim_start('https://', 'https://bing.com')", "'bing.com'"),
        ("trim_start(@'[^\\w]+', '-  Te st1// $')", "'Te st1// $'"),
        ("trim_start(' ', '  both  ')", "' both  '"),
        ("trim_start('a|ab', 'abc')", "'bc'"),
    ],
    kernel: |call| trimmed(call, true, false),
};
