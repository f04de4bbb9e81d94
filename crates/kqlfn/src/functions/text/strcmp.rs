//! `strcmp`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "strcmp",
    aliases: &[],
    signatures: &["(s1:Scalar, s2:Scalar) -> long"],
    tuple: &[],
    summary: "Which of two texts comes first: -1, 0 or 1.",
    notes: "Large letters come before small ones.",
    examples: &[
        ("strcmp('ABC', 'ABC')", "0"),
        ("strcmp('abc', 'ABC')", "1"),
        ("strcmp('ABC', 'abc')", "-1"),
        ("strcmp('abcde', 'abc')", "1"),
        ("strcmp('', 'a')", "-1"),
    ],
    kernel: |call| call.longs(|row| Some(i64::from(call.text(0, row).cmp(&call.text(1, row)) as i8))),
};
