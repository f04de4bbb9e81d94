//! `isnan`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isnan",
    aliases: &[],
    signatures: &["(number:real) -> bool"],
    tuple: &[],
    summary: "True if a real is no number.",
    notes: "",
    examples: &[
        ("isnan(real(nan))", "true"),
        ("isnan(1)", "false"),
        ("isnan(real(+inf))", "false"),
        ("isnan(real(null))", "bool(null)"),
    ],
    kernel: |call| call.bools(|row| call.real(0, row).map(f64::is_nan)),
};
