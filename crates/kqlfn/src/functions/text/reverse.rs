//! `reverse`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "reverse",
    aliases: &[],
    signatures: &["(value:Scalar) -> string"],
    tuple: &[],
    summary: "The characters of a value in reverse order.",
    notes: "",
    examples: &[
        ("reverse('dnuoH')", "'Hound'"),
        ("reverse(12345)", "'54321'"),
        ("reverse(3h)", "'00:00:30'"),
        (
            "reverse(datetime(2017-10-15 12:00))",
            "'Z0000000.00:00:21T51-01-7102'",
        ),
        ("reverse('né')", "'én'"),
        ("reverse(long(null))", "''"),
    ],
    kernel: |call| call.strings(|row| call.text(0, row).chars().rev().collect::<String>()),
};
