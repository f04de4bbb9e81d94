//! `unixtime_seconds_todatetime`.

use super::unixtime::datetimes;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unixtime_seconds_todatetime",
    aliases: &[],
    signatures: &["(number:Number) -> datetime"],
    tuple: &[],
    summary: "The datetime so many seconds after 1970 began in UTC.",
    notes: "What lies outside of the years 1 to 9999 gives null.",
    examples: &[
        ("unixtime_seconds_todatetime(1546300800)", "datetime(2019-01-01)"),
        (
            "unixtime_seconds_todatetime(1546300800.5)",
            "datetime(2019-01-01 00:00:00.5)",
        ),
        ("unixtime_seconds_todatetime(-1)", "datetime(1969-12-31 23:59:59)"),
        ("unixtime_seconds_todatetime(long(null))", "datetime(null)"),
        ("unixtime_seconds_todatetime(1546300800000)", "datetime(null)"),
    ],
    kernel: |call| datetimes(call, 1),
};
