//! `endofweek`.

use super::boundary::{Period, end_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "endofweek",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The last tick of the week of a datetime, or of a week so many weeks away.",
    notes: "Weeks end on Saturday.",
    examples: &[
        (
            "endofweek(datetime(2017-01-01 10:10:17))",
            "datetime(2017-01-07 23:59:59.9999999)",
        ),
        (
            "endofweek(datetime(2017-01-01 10:10:17), -1)",
            "datetime(2016-12-31 23:59:59.9999999)",
        ),
        (
            "endofweek(datetime(2017-01-07))",
            "datetime(2017-01-07 23:59:59.9999999)",
        ),
        ("endofweek(datetime(9999-12-31))", "datetime(null)"),
    ],
    kernel: |call| end_of(call, Period::Week),
};
