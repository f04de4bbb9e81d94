//! `unixtime_nanoseconds_todatetime`.

use super::unixtime::datetimes;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unixtime_nanoseconds_todatetime",
    aliases: &[],
    signatures: &["(number:Number) -> datetime"],
    tuple: &[],
    summary: "The datetime so many nanoseconds after 1970 began in UTC.",
    notes: "What is finer than 100 nanoseconds is cut off.",
    examples: &[
        (
            "unixtime_nanoseconds_todatetime(1546300800000000000)",
            "datetime(2019-01-01)",
        ),
        (
            "unixtime_nanoseconds_todatetime(250)",
            "datetime(1970-01-01 00:00:00.0000002)",
        ),
        ("unixtime_nanoseconds_todatetime(long(null))", "datetime(null)"),
    ],
    kernel: |call| datetimes(call, 1_000_000_000),
};
