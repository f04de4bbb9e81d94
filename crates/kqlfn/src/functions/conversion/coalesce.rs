//! `coalesce`.

use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "coalesce",
    aliases: &[],
    signatures: &["(first:CommonScalar, arg:CommonScalar*) -> Common"],
    tuple: &[],
    summary: "The first value that is not null; of texts, the first that is not empty.",
    notes: "",
    examples: &[
        ("coalesce(tolong('not a number'), tolong('42'), 33)", "42"),
        ("coalesce('', 'fb')", "'fb'"),
        ("coalesce(int(null), int(null))", "int(null)"),
        ("coalesce(int(null), 5)", "5"),
        ("coalesce(dynamic(null), dynamic([1]))", "dynamic([1])"),
    ],
    kernel: |call| {
        call.cells(|row| {
            (0..call.arguments.len())
                .map(|argument| call.cell(argument, row))
                .find(|cell| !matches!(cell, Cell::Null | Cell::String("")))
                .unwrap_or(Cell::Null)
        })
    },
};
