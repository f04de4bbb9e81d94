//! `totimespan`.

use kql::values::parse_timespan;

use super::reading;
use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "totimespan",
    aliases: &["totime"],
    signatures: &["(value:Scalar) -> timespan"],
    tuple: &[],
    summary: "A value as a timespan.",
    notes: "Numbers are ticks of 100 ns, but a number in a text is of days.",
    examples: &[
        ("totimespan('0.00:01:00')", "1m"),
        ("totimespan('1.02:03:04.5')", "time(1.02:03:04.5)"),
        ("totimespan('-00:30:00')", "-30m"),
        ("totimespan('1d')", "1d"),
        ("totimespan(864000000000)", "1d"),
        ("totimespan('abc')", "timespan(null)"),
    ],
    kernel: |call| reading::unless_held(call, || call.longs(|row| timespan(call.cell(0, row)))),
};

fn timespan(cell: Cell<'_>) -> Option<i64> {
    match cell.plain() {
        Cell::Timespan(ticks) => Some(ticks),
        Cell::String(text) => parse_timespan(text),
        cell @ (Cell::Int(_) | Cell::Long(_) | Cell::Real(_) | Cell::Decimal(_)) => reading::long(cell),
        _ => None,
    }
}
