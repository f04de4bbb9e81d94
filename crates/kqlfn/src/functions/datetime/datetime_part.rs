//! `datetime_part`.

use super::part::component;
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_part",
    aliases: &["datepart"],
    signatures: &["(part:string, date:datetime) -> int"],
    tuple: &[],
    summary: "A part of a datetime: its year, quarter, month, week_of_year, day, dayOfYear, hour, minute, second, millisecond, microsecond or nanosecond.",
    notes: "Milliseconds and what is finer are those of the whole fraction of the second.",
    examples: &[
        (
            "datetime_part('year', datetime(2017-10-30 01:02:03.7654321))",
            "int(2017)",
        ),
        (
            "datetime_part('quarter', datetime(2017-10-30 01:02:03.7654321))",
            "int(4)",
        ),
        (
            "datetime_part('week_of_year', datetime(2017-10-30 01:02:03.7654321))",
            "int(44)",
        ),
        (
            "datetime_part('dayOfYear', datetime(2017-10-30 01:02:03.7654321))",
            "int(303)",
        ),
        (
            "datetime_part('nanosecond', datetime(2017-10-30 01:02:03.7654321))",
            "int(765432100)",
        ),
        ("datepart('Day', datetime(null))", "int(null)"),
    ],
    kernel: |call| {
        let part = Prepared::new(call, 0, component)?;
        call.ints(|row| {
            let ticks = call.ticks(1, row)?;
            part.with(row, |part| i32::try_from(part.of(ticks)).ok())?
        })
    },
};
