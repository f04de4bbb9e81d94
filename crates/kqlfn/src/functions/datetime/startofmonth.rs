//! `startofmonth`.

use super::boundary::{Period, start_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "startofmonth",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The first tick of the month of a datetime, or of a month so many months away.",
    notes: "",
    examples: &[
        (
            "startofmonth(datetime(2017-01-31 10:10:17))",
            "datetime(2017-01-01)",
        ),
        (
            "startofmonth(datetime(2017-01-01 10:10:17), -1)",
            "datetime(2016-12-01)",
        ),
        ("startofmonth(datetime(2017-11-30), 14)", "datetime(2019-01-01)"),
        ("startofmonth(datetime(null), 1)", "datetime(null)"),
    ],
    kernel: |call| start_of(call, Period::Month),
};
