//! `startofday`.

use super::boundary::{Period, start_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "startofday",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The first tick of the day of a datetime, or of a day so many days away.",
    notes: "",
    examples: &[
        (
            "startofday(datetime(2017-01-01 10:10:17))",
            "datetime(2017-01-01)",
        ),
        (
            "startofday(datetime(2017-01-01 10:10:17), -1)",
            "datetime(2016-12-31)",
        ),
        ("startofday(datetime(null))", "datetime(null)"),
        ("startofday(datetime(9999-12-31), 1)", "datetime(null)"),
    ],
    kernel: |call| start_of(call, Period::Day),
};
