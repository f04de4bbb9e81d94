//! `unixtime_milliseconds_todatetime`.

use super::unixtime::datetimes;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unixtime_milliseconds_todatetime",
    aliases: &[],
    signatures: &["(number:Number) -> datetime"],
    tuple: &[],
    summary: "The datetime so many milliseconds after 1970 began in UTC.",
    notes: "What lies outside of the years 1 to 9999 gives null.",
    examples: &[
        (
            "unixtime_milliseconds_todatetime(1546300800000)",
            "datetime(2019-01-01)",
        ),
        (
            "unixtime_milliseconds_todatetime(-1)",
            "datetime(1969-12-31 23:59:59.999)",
        ),
        (
            "unixtime_milliseconds_todatetime(1.5)",
            "datetime(1970-01-01 00:00:00.0015)",
        ),
        ("unixtime_milliseconds_todatetime(long(null))", "datetime(null)"),
    ],
    kernel: |call| datetimes(call, 1_000),
};
