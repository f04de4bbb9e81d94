//! `make_timespan`.

use kql::values::{TICKS_PER_DAY, parse_timespan};

use super::made::{clock_ticks, converted, whole};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "make_timespan",
    aliases: &[],
    signatures: &[
        "(days:Integer, hours:Integer, minutes:Integer, seconds:Number) -> timespan",
        "(hours:Integer, minutes:Integer, ?seconds:Number) -> timespan",
        "(value:Scalar) -> timespan",
    ],
    tuple: &[],
    summary: "A timespan of its days, hours, minutes and seconds, or of one value as `totimespan` reads it.",
    notes: "Two and three numbers begin with the hours, four with the days. What is outside of the clock, such as 24 hours, and what is negative gives null. A single number is one of ticks.",
    examples: &[
        ("make_timespan(1, 12, 30, 55.123)", "time(1.12:30:55.123)"),
        ("make_timespan(1, 12)", "time(01:12:00)"),
        ("make_timespan(1, 12, 30)", "time(01:12:30)"),
        ("make_timespan(0, 24, 0, 0)", "timespan(null)"),
        ("make_timespan(-1, 2)", "timespan(null)"),
        ("make_timespan('1.12:30:55.123')", "time(1.12:30:55.123)"),
    ],
    kernel: |call| match call.arguments.len() {
        1 => call.longs(|row| converted(call.cell(0, row), parse_timespan)),
        4 => call.longs(|row| {
            let days = whole(call, 0, row, 0, i64::MAX)?.checked_mul(TICKS_PER_DAY)?;
            days.checked_add(clock_ticks(call, 1, row)?)
        }),
        _ => call.longs(|row| clock_ticks(call, 0, row)),
    },
};
