//! `datetime_part`.

use super::part::component;
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_part",
    aliases: &["datepart"],
    signatures: &["(part:string, date:datetime) -> long"],
    tuple: &[],
    summary: "A part of a datetime: its year, quarter, month, week_of_year, day, dayOfYear, hour, minute, second, millisecond, microsecond or nanosecond.",
    notes: "Milliseconds and what is finer are those of the whole fraction of the second.",
    examples: &[
        (
            "datetime_part('year', datetime(2017-10-30 01:02:03.7654321))",
            "2017",
        ),
        (
            "datetime_part('quarter', datetime(2017-10-30 01:02:03.7654321))",
            "4",
        ),
        (
            "datetime_part('week_of_year', datetime(2017-10-30 01:02:03.7654321))",
            "44",
        ),
        (
            "datetime_part('dayOfYear', datetime(2017-10-30 01:02:03.7654321))",
            "303",
        ),
        (
            "datetime_part('nanosecond', datetime(2017-10-30 01:02:03.7654321))",
            "765432100",
        ),
        ("datepart('Day', datetime(null))", "long(null)"),
    ],
    kernel: |call| {
        let part = Prepared::new(call, 0, component)?;
        call.longs(|row| {
            let ticks = call.ticks(1, row)?;
            part.with(row, |part| Some(part.of(ticks)))?
        })
    },
};
