//! `endofyear`.

use super::boundary::{Period, end_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "endofyear",
    aliases: &[],
    signatures: &["(date:datetime, ?offset:long) -> datetime"],
    tuple: &[],
    summary: "The last tick of the year of a datetime, or of a year so many years away.",
    notes: "",
    examples: &[
        (
            "endofyear(datetime(2017-01-01 10:10:17))",
            "datetime(2017-12-31 23:59:59.9999999)",
        ),
        (
            "endofyear(datetime(2017-01-01 10:10:17), 1)",
            "datetime(2018-12-31 23:59:59.9999999)",
        ),
        (
            "endofyear(datetime(9999-06-15))",
            "datetime(9999-12-31 23:59:59.9999999)",
        ),
        ("endofyear(datetime(9999-06-15), 1)", "datetime(null)"),
    ],
    kernel: |call| end_of(call, Period::Year),
};
