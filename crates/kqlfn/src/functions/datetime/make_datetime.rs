//! `make_datetime`.

use kql::values::{TICKS_PER_DAY, days_from_civil, days_in_month, parse_datetime};

use super::clock::in_range;
use super::made::{clock_ticks, converted, whole};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "make_datetime",
    aliases: &[],
    signatures: &[
        "(year:Number, month:Number, day:Number, ?hour:Number, ?minute:Number, ?second:Number) -> datetime",
        "(value:Scalar) -> datetime",
    ],
    tuple: &[],
    summary: "A datetime of its year, month, day, hour, minute and second, or of one value as `todatetime` reads it.",
    notes: "What is outside of the calendar or the clock, such as month 13, gives null. A single number is one of ticks.",
    examples: &[
        ("make_datetime(2017, 10, 1)", "datetime(2017-10-01)"),
        ("make_datetime(2017, 10, 1, 12, 10)", "datetime(2017-10-01 12:10)"),
        (
            "make_datetime(2017, 10, 1, 12, 11, 0.1234567)",
            "datetime(2017-10-01 12:11:00.1234567)",
        ),
        ("make_datetime(2017, 2, 29)", "datetime(null)"),
        ("make_datetime(2017, 1, 1, 24)", "datetime(null)"),
        ("make_datetime('2017-10-01 12:11')", "datetime(2017-10-01 12:11)"),
    ],
    kernel: |call| {
        if !call.has(1) {
            return call.longs(|row| in_range(converted(call.cell(0, row), parse_datetime)?));
        }
        call.longs(|row| {
            let year = whole(call, 0, row, 1, 9_999)?;
            let month = whole(call, 1, row, 1, 12)?;
            let day = whole(call, 2, row, 1, days_in_month(year, month))?;
            in_range(days_from_civil(year, month, day) * TICKS_PER_DAY + clock_ticks(call, 3, row)?)
        })
    },
};
