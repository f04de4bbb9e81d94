//! `isempty`.

use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "isempty",
    aliases: &[],
    signatures: &["(value:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a value is null or an empty text.",
    notes: "",
    examples: &[
        ("isempty('')", "true"),
        ("isempty('x')", "false"),
        ("isempty(int(null))", "true"),
        ("isempty(0)", "false"),
        ("isempty(dynamic(null))", "true"),
        ("isempty(dynamic([]))", "false"),
    ],
    kernel: |call| call.bools(|row| Some(is_empty(call.cell(0, row)))),
};

/// True if there is no value, or a text without characters.
pub(super) const fn is_empty(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Null => true,
        Cell::String(text) | Cell::Dynamic(Dynamic::String(text)) => text.is_empty(),
        _ => false,
    }
}
