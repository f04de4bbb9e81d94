//! `case`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "case",
    aliases: &[],
    signatures: &["(predicate:bool*, then:CommonScalarOrDynamic*, else:CommonScalarOrDynamic) -> Common"],
    tuple: &[],
    summary: "The value behind the first condition that is true, else the last value.",
    notes: "A condition that is null counts as false.",
    examples: &[
        ("case(false, 'a', true, 'b', 'c')", "'b'"),
        ("case(bool(null), 'c1', true, 'c2', 'def')", "'c2'"),
        ("case(false, 1, 2)", "2"),
        ("case(true, int(null), int(3))", "int(null)"),
    ],
    kernel: |call| {
        let last = call.arguments.len().saturating_sub(1);
        call.cells(|row| {
            let met = (0..last).step_by(2).find(|&at| call.bool(at, row) == Some(true));
            call.cell(met.map_or(last, |at| at + 1), row)
        })
    },
};
