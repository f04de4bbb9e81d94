//! `trim_end`.

use super::trimming::trimmed;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "trim_end",
    aliases: &[],
    signatures: &["(regex:string, source:string) -> string"],
    tuple: &[],
    summary: "Takes away what a regular expression matches at the end of a text.",
    notes: "What is taken away is one match of the expression, not as many as there are: write `[ ]+` for all blanks.",
    examples: &[
        ("trim_end('.com', 'bing.com')", "'bing'"),
        ("trim_end(@'[^\\w]+', '-  Te st1// $')", "'-  Te st1'"),
        ("trim_end(' ', '  both  ')", "'  both '"),
        ("trim_end('$', 'a')", "'a'"),
    ],
    kernel: |call| trimmed(call, false, true),
};
