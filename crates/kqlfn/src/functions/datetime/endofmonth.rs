//! `endofmonth`.

use super::boundary::{Period, end_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "endofmonth",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The last tick of the month of a datetime, or of a month so many months away.",
    notes: "",
    examples: &[
        (
            "endofmonth(datetime(2017-01-01 10:10:17))",
            "datetime(2017-01-31 23:59:59.9999999)",
        ),
        (
            "endofmonth(datetime(2020-01-31), 1)",
            "datetime(2020-02-29 23:59:59.9999999)",
        ),
        (
            "endofmonth(datetime(2017-01-01), -1)",
            "datetime(2016-12-31 23:59:59.9999999)",
        ),
        (
            "endofmonth(datetime(9999-12-01))",
            "datetime(9999-12-31 23:59:59.9999999)",
        ),
    ],
    kernel: |call| end_of(call, Period::Month),
};
