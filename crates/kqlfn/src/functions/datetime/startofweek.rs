//! `startofweek`.

use super::boundary::{Period, start_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "startofweek",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The first tick of the week of a datetime, or of a week so many weeks away.",
    notes: "Weeks begin on Sunday.",
    examples: &[
        (
            "startofweek(datetime(2017-01-01 10:10:17))",
            "datetime(2017-01-01)",
        ),
        (
            "startofweek(datetime(2017-01-07 23:59:59))",
            "datetime(2017-01-01)",
        ),
        (
            "startofweek(datetime(2017-01-01 10:10:17), 1)",
            "datetime(2017-01-08)",
        ),
        ("startofweek(datetime(0001-01-01))", "datetime(null)"),
    ],
    kernel: |call| start_of(call, Period::Week),
};
