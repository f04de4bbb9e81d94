//! `endofday`.

use super::boundary::{Period, end_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "endofday",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The last tick of the day of a datetime, or of a day so many days away.",
    notes: "",
    examples: &[
        (
            "endofday(datetime(2017-01-01 10:10:17))",
            "datetime(2017-01-01 23:59:59.9999999)",
        ),
        (
            "endofday(datetime(2017-01-01 10:10:17), -1)",
            "datetime(2016-12-31 23:59:59.9999999)",
        ),
        (
            "endofday(datetime(9999-12-31))",
            "datetime(9999-12-31 23:59:59.9999999)",
        ),
        ("endofday(datetime(null))", "datetime(null)"),
    ],
    kernel: |call| end_of(call, Period::Day),
};
