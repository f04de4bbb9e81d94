//! `isinf`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isinf",
    aliases: &[],
    signatures: &["(number:real) -> bool"],
    tuple: &[],
    summary: "True if a real is infinite.",
    notes: "",
    examples: &[
        ("isinf(real(-inf))", "true"),
        ("isinf(1.5)", "false"),
        ("isinf(real(nan))", "false"),
        ("isinf(real(null))", "bool(null)"),
    ],
    kernel: |call| call.bools(|row| call.real(0, row).map(f64::is_infinite)),
};
