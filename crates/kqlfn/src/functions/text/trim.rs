//! `trim`.

use super::trimming::trimmed;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "trim",
    aliases: &[],
    signatures: &["(regex:string, source:string) -> string"],
    tuple: &[],
    summary: "Takes away what a regular expression matches at the beginning and at the end of a text.",
    notes: "What is taken away is one match of the expression, not as many as there are: write `[ ]+` for all blanks.",
    examples: &[
        ("trim('--', '--https://bing.com--')", "'https://bing.com'"),
        ("trim(@'[^\\w]+', '-  Te st1// $')", "'Te st1'"),
        ("trim('x', 'xxabcxx')", "'xabcx'"),
        ("trim('1', '1')", "''"),
        ("trim('', ' a ')", "' a '"),
    ],
    kernel: |call| trimmed(call, true, true),
};
