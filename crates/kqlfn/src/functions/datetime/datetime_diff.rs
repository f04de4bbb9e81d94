//! `datetime_diff`.

use super::part::length;
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_diff",
    aliases: &[],
    signatures: &["(part:string, datetime1:datetime, datetime2:datetime) -> long"],
    tuple: &[],
    summary: "How many boundaries of years, quarters, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds or nanoseconds lie between two datetimes.",
    notes: "Boundaries are counted, not lengths: there is a year between the last second of December and the first of January. The later datetime comes first.",
    examples: &[
        (
            "datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31))",
            "17",
        ),
        (
            "datetime_diff('quarter', datetime(2017-07-01), datetime(2017-03-30))",
            "2",
        ),
        (
            "datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))",
            "5",
        ),
        (
            "datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))",
            "2",
        ),
        (
            "datetime_diff('nanosecond', datetime(2017-10-30 23:00:00.0000000), datetime(2017-10-30 23:00:00.0000007))",
            "-700",
        ),
        (
            "datetime_diff('day', datetime(2017-01-01), datetime(null))",
            "long(null)",
        ),
    ],
    kernel: |call| {
        let part = Prepared::new(call, 0, length)?;
        call.longs(|row| {
            let (later, earlier) = (call.ticks(1, row)?, call.ticks(2, row)?);
            part.with(row, |part| part.difference(later, earlier))?
        })
    },
};
