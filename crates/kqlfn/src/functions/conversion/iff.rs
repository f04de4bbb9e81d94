//! `iff`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "iff",
    aliases: &["iif"],
    signatures: &["(if:bool, then:CommonScalarOrDynamic, else:CommonScalarOrDynamic) -> Common"],
    tuple: &[],
    summary: "One of two values, as a condition is true or not.",
    notes: "A condition that is null counts as false.",
    examples: &[
        ("iff(true, 'yes', 'no')", "'yes'"),
        ("iff(bool(null), 't', 'f')", "'f'"),
        ("iff(false, 1, 2.5)", "2.5"),
        ("iff(true, long(null), 1)", "long(null)"),
    ],
    kernel: |call| call.cells(|row| call.cell(if call.bool(0, row) == Some(true) { 1 } else { 2 }, row)),
};
