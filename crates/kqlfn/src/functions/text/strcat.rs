//! `strcat`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "strcat",
    aliases: &[],
    signatures: &["(value:Scalar*) -> string"],
    tuple: &[],
    summary: "Joins values, each as `tostring` writes it.",
    notes: "",
    examples: &[
        ("strcat('a', 1, true)", "'a1True'"),
        ("strcat('', 1.0, int(null))", "'1.0'"),
        ("strcat(dynamic({\"a\": 1}), ' ', 1d)", "'{\"a\":1} 1.00:00:00'"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let mut joined = String::new();
            for argument in 0..call.arguments.len() {
                joined.push_str(&call.text(argument, row));
            }
            joined
        })
    },
};
