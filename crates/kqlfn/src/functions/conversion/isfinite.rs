//! `isfinite`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isfinite",
    aliases: &[],
    signatures: &["(number:real) -> bool"],
    tuple: &[],
    summary: "True if a real is a number and not infinite.",
    notes: "",
    examples: &[
        ("isfinite(0.0)", "true"),
        ("isfinite(real(+inf))", "false"),
        ("isfinite(real(nan))", "false"),
        ("isfinite(real(null))", "bool(null)"),
    ],
    kernel: |call| call.bools(|row| call.real(0, row).map(f64::is_finite)),
};
