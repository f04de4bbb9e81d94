//! `todatetime`.

use kql::values::{DATETIME_MAX, DATETIME_MIN, parse_datetime};

use super::reading;
use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "todatetime",
    aliases: &[],
    signatures: &["(value:Scalar) -> datetime"],
    tuple: &[],
    summary: "A value as a datetime.",
    notes: "Numbers and timespans are ticks of 100 ns since the beginning of the year 1. For seconds since 1970 there is `unixtime_seconds_todatetime`.",
    examples: &[
        (
            "todatetime('2015-12-31 23:59:59.9')",
            "datetime(2015-12-31 23:59:59.9)",
        ),
        (
            "todatetime('2014-05-25T08:20:00+02:00')",
            "datetime(2014-05-25 06:20)",
        ),
        ("todatetime('2020-02-30')", "datetime(null)"),
        ("todatetime(637134336000000000)", "datetime(2020-01-01)"),
        (
            "todatetime(ceiling(datetime(2020-01-01 00:30) / 1h) * 1h)",
            "datetime(2020-01-01 01:00)",
        ),
        ("todatetime(-1h)", "datetime(null)"),
        ("todatetime('')", "datetime(null)"),
    ],
    kernel: |call| reading::unless_held(call, || call.longs(|row| datetime(call.cell(0, row)))),
};

fn datetime(cell: Cell<'_>) -> Option<i64> {
    match cell.plain() {
        Cell::Datetime(ticks) => Some(ticks),
        Cell::String(text) => parse_datetime(text),
        cell @ (Cell::Int(_) | Cell::Long(_) | Cell::Real(_) | Cell::Decimal(_) | Cell::Timespan(_)) => {
            reading::long(cell).filter(|ticks| (DATETIME_MIN..=DATETIME_MAX).contains(ticks))
        }
        _ => None,
    }
}
