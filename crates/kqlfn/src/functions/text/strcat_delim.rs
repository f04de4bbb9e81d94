//! `strcat_delim`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "strcat_delim",
    aliases: &[],
    signatures: &["(delimiter:Scalar, first:Scalar, arg:Scalar*) -> string"],
    tuple: &[],
    summary: "Joins values, each as `tostring` writes it, with a text between them.",
    notes: "",
    examples: &[
        ("strcat_delim('-', 1, '2', 'A', 1s)", "'1-2-A-00:00:01'"),
        ("strcat_delim('', 'a', 'b')", "'ab'"),
        ("strcat_delim(', ', 'a', '', int(null), 'b')", "'a, , , b'"),
        ("strcat_delim(0, true, 5)", "'True05'"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let delimiter = call.text(0, row);
            let mut joined = String::new();
            for argument in 1..call.arguments.len() {
                if argument > 1 {
                    joined.push_str(&delimiter);
                }
                joined.push_str(&call.text(argument, row));
            }
            joined
        })
    },
};
