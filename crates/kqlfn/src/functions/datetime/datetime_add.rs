//! `datetime_add`.

use super::part::length;
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_add",
    aliases: &[],
    signatures: &["(part:string, value:Integer, datetime:datetime) -> datetime"],
    tuple: &[],
    summary: "A datetime so many years, quarters, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds or nanoseconds later.",
    notes: "A day that the month does not have becomes its last.",
    examples: &[
        (
            "datetime_add('year', -5, datetime(2017-01-01))",
            "datetime(2012-01-01)",
        ),
        (
            "datetime_add('quarter', 12, datetime(2017-01-01))",
            "datetime(2020-01-01)",
        ),
        (
            "datetime_add('Month', 1, datetime(2020-01-31 10:00))",
            "datetime(2020-02-29 10:00)",
        ),
        (
            "datetime_add('week', 100, datetime(2017-01-01))",
            "datetime(2018-12-02)",
        ),
        (
            "datetime_add('nanosecond', 250, datetime(2017-01-01))",
            "datetime(2017-01-01 00:00:00.0000002)",
        ),
        ("datetime_add('day', 1, datetime(9999-12-31))", "datetime(null)"),
    ],
    kernel: |call| {
        let part = Prepared::new(call, 0, length)?;
        call.longs(|row| {
            let (value, ticks) = (call.long(1, row)?, call.ticks(2, row)?);
            part.with(row, |part| part.add(value, ticks))?
        })
    },
};
