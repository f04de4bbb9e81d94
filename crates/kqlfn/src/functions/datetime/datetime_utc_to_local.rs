//! `datetime_utc_to_local`.

use super::zone::{find, to_local};
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_utc_to_local",
    aliases: &[],
    signatures: &["(from:datetime, timezone:string) -> datetime"],
    tuple: &[],
    summary: "What the clocks of a time zone show at a moment in UTC.",
    notes: "",
    examples: &[
        (
            "datetime_utc_to_local(datetime(2022-07-11 22:18:48.4678620), 'US/Pacific')",
            "datetime(2022-07-11 15:18:48.4678620)",
        ),
        (
            "datetime_utc_to_local(datetime(2022-07-11 22:18:48.4678620), 'Australia/Canberra')",
            "datetime(2022-07-12 08:18:48.4678620)",
        ),
        (
            "datetime_utc_to_local(datetime(2022-03-27 01:00), 'Europe/Brussels')",
            "datetime(2022-03-27 03:00)",
        ),
        (
            "datetime_utc_to_local(datetime(9999-12-31 23:59:59), 'Europe/Paris')",
            "datetime(null)",
        ),
    ],
    kernel: |call| {
        let zone = Prepared::new(call, 1, find)?;
        call.longs(|row| {
            let ticks = call.ticks(0, row)?;
            zone.with(row, |zone| to_local(*zone, ticks))?
        })
    },
};
