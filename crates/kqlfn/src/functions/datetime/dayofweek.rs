//! `dayofweek`.

use kql::values::TICKS_PER_DAY;

use super::clock::{days, weekday};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "dayofweek",
    aliases: &[],
    signatures: &["(date:datetime) -> timespan"],
    tuple: &[],
    summary: "The time since the Sunday before a datetime, in whole days.",
    notes: "The result is a timespan: 0 for Sunday, one day for Monday. Divide by `1d` for a number.",
    examples: &[
        ("dayofweek(datetime(1947-11-30 10:00:05))", "time(0)"),
        ("dayofweek(datetime(1970-05-11))", "1d"),
        ("dayofweek(datetime(2020-02-29 23:59))", "6d"),
        ("dayofweek(datetime(null))", "timespan(null)"),
    ],
    kernel: |call| call.longs(|row| Some(weekday(days(call.ticks(0, row)?)) * TICKS_PER_DAY)),
};
