//! `todecimal`.

use super::reading;
use crate::column::Cell;
use crate::decimal::Decimal;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "todecimal",
    aliases: &[],
    signatures: &["(value:Scalar) -> decimal"],
    tuple: &[],
    summary: "A value as a decimal.",
    notes: "A decimal has at most 34 digits; those behind the point that are too many are rounded away, and a number that is too large gives null.",
    examples: &[
        ("todecimal('123.45678')", "decimal(123.45678)"),
        ("todecimal(0.1)", "decimal(0.1)"),
        ("todecimal('1e3')", "decimal(1000)"),
        ("todecimal(5)", "decimal(5)"),
        ("todecimal('abc')", "decimal(null)"),
    ],
    kernel: |call| call.decimals(|row| decimal(call.cell(0, row)).map(|number| number.to_string())),
};

fn decimal(cell: Cell<'_>) -> Option<Decimal> {
    match cell.plain() {
        Cell::String(text) | Cell::Decimal(text) => Decimal::parse(text),
        Cell::Real(value) => Decimal::from_real(value),
        cell => reading::long(cell).map(Decimal::from_long),
    }
}
