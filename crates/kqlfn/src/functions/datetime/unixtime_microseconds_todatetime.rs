//! `unixtime_microseconds_todatetime`.

use super::unixtime::datetimes;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unixtime_microseconds_todatetime",
    aliases: &[],
    signatures: &["(number:Number) -> datetime"],
    tuple: &[],
    summary: "The datetime so many microseconds after 1970 began in UTC.",
    notes: "What lies outside of the years 1 to 9999 gives null.",
    examples: &[
        (
            "unixtime_microseconds_todatetime(1546300800000000)",
            "datetime(2019-01-01)",
        ),
        (
            "unixtime_microseconds_todatetime(1)",
            "datetime(1970-01-01 00:00:00.000001)",
        ),
        ("unixtime_microseconds_todatetime(long(null))", "datetime(null)"),
    ],
    kernel: |call| datetimes(call, 1_000_000),
};
