//! `tobool`.

use super::reading;
use crate::column::Cell;
use crate::decimal::Decimal;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "tobool",
    aliases: &["toboolean"],
    signatures: &["(value:Scalar) -> bool"],
    tuple: &[],
    summary: "A value as a bool.",
    notes: "Of texts, `true`, `false` and whole numbers count; `yes` gives null.",
    examples: &[
        ("tobool('tRuE')", "true"),
        ("tobool('-1')", "true"),
        ("tobool(0)", "false"),
        ("tobool('1.0')", "bool(null)"),
        ("tobool(' true')", "bool(null)"),
        ("tobool('')", "bool(null)"),
    ],
    kernel: |call| reading::unless_held(call, || call.bools(|row| truth(call.cell(0, row)))),
};

fn truth(cell: Cell<'_>) -> Option<bool> {
    match cell.plain() {
        Cell::Bool(value) => Some(value),
        Cell::Real(value) => Some(value != 0.0),
        Cell::Decimal(digits) => Decimal::parse(digits).map(|number| !number.is_zero()),
        Cell::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Cell::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        cell => reading::long(cell).map(|number| number != 0),
    }
}
