//! `startofyear`.

use super::boundary::{Period, start_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "startofyear",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The first tick of the year of a datetime, or of a year so many years away.",
    notes: "",
    examples: &[
        (
            "startofyear(datetime(2017-06-15 10:10:17))",
            "datetime(2017-01-01)",
        ),
        (
            "startofyear(datetime(2017-01-01 10:10:17), -1)",
            "datetime(2016-01-01)",
        ),
        ("startofyear(datetime(2017-01-01), -2017)", "datetime(null)"),
        ("startofyear(datetime(2017-01-01), long(null))", "datetime(null)"),
    ],
    kernel: |call| start_of(call, Period::Year),
};
