//! `toguid`.

use kql::values::parse_guid;

use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "toguid",
    aliases: &[],
    signatures: &["(value:StringOrDynamic) -> guid"],
    tuple: &[],
    summary: "A text as a guid.",
    notes: "Where the dashes stand does not matter.",
    examples: &[
        (
            "toguid('70fc66f7-8279-44fc-9092-d364d70fce44')",
            "guid(70fc66f7-8279-44fc-9092-d364d70fce44)",
        ),
        (
            "toguid('0123456789ab-cdef-0123-456789abcdef')",
            "guid(01234567-89ab-cdef-0123-456789abcdef)",
        ),
        (
            "toguid('{0123456789ABCDEF0123456789ABCDEF}')",
            "guid(01234567-89ab-cdef-0123-456789abcdef)",
        ),
        ("toguid('xyz')", "guid(null)"),
    ],
    kernel: |call| call.guids(|row| guid(call.cell(0, row))),
};

fn guid(cell: Cell<'_>) -> Option<[u8; 16]> {
    match cell.plain() {
        Cell::Guid(guid) => Some(guid),
        Cell::String(text) => parse_guid(text).or_else(|| parse_guid(&text.replace('-', ""))),
        _ => None,
    }
}
