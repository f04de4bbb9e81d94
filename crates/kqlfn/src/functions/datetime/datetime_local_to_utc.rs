//! `datetime_local_to_utc`.

use super::zone::{find, to_utc};
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_local_to_utc",
    aliases: &[],
    signatures: &["(from:datetime, timezone:string) -> datetime"],
    tuple: &[],
    summary: "When it is, in UTC, that the clocks of a time zone show a datetime.",
    notes: "Where clocks are put forward, what they leave out is taken to be in summer time already. What they show twice is taken to be the first of both.",
    examples: &[
        (
            "datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'US/Pacific')",
            "datetime(2020-02-03 04:02:20)",
        ),
        (
            "datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'Europe/Paris')",
            "datetime(2020-02-02 19:02:20)",
        ),
        (
            "datetime_local_to_utc(datetime(2022-03-27 02:00), 'Europe/Brussels')",
            "datetime(2022-03-27 00:00)",
        ),
        (
            "datetime_local_to_utc(datetime(2022-03-27 03:00), 'Europe/Brussels')",
            "datetime(2022-03-27 01:00)",
        ),
        ("datetime_local_to_utc(datetime(null), 'UTC')", "datetime(null)"),
    ],
    kernel: |call| {
        let zone = Prepared::new(call, 1, find)?;
        call.longs(|row| {
            let ticks = call.ticks(0, row)?;
            zone.with(row, |zone| to_utc(*zone, ticks))?
        })
    },
};
