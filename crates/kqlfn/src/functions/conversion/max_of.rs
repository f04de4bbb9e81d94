//! `max_of`.

use std::cmp::Ordering;

use super::outermost::outermost;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "max_of",
    aliases: &[],
    signatures: &["(first:CommonOrderable, arg:CommonOrderable*) -> Common"],
    tuple: &[],
    summary: "The largest of some values.",
    notes: "Nulls are passed over. A real that is no number is the result wherever it stands.",
    examples: &[
        ("max_of(10, 1, -3, 17)", "17"),
        ("max_of(int(null), int(2))", "int(2)"),
        ("max_of(int(null), int(null))", "int(null)"),
        ("max_of(1, 2.5)", "2.5"),
        ("max_of(real(nan), 1.0)", "real(nan)"),
        ("max_of('a', 'b', 'B')", "'b'"),
    ],
    kernel: |call| outermost(call, Ordering::Greater),
};
