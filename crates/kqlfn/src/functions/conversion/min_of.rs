//! `min_of`.

use std::cmp::Ordering;

use super::outermost::outermost;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "min_of",
    aliases: &[],
    signatures: &["(first:CommonOrderable, arg:CommonOrderable*) -> Common"],
    tuple: &[],
    summary: "The smallest of some values.",
    notes: "Nulls are passed over. A real that is no number is the result wherever it stands.",
    examples: &[
        ("min_of(10, 1, -3, 17)", "-3"),
        ("min_of(int(null), int(2))", "int(2)"),
        ("min_of(real(null), real(null))", "real(null)"),
        ("min_of(3, 2.5)", "2.5"),
        ("min_of(real(nan), 1.0)", "real(nan)"),
        (
            "min_of(datetime(2020-01-02), datetime(2020-01-01))",
            "datetime(2020-01-01)",
        ),
    ],
    kernel: |call| outermost(call, Ordering::Less),
};
