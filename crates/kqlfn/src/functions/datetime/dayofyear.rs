//! `dayofyear`.

use super::clock::{day_of_year, days, ints};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "dayofyear",
    aliases: &[],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The day of the year of a datetime, from 1.",
    notes: "",
    examples: &[
        ("dayofyear(datetime(2015-12-14))", "int(348)"),
        ("dayofyear(datetime(2020-12-31))", "int(366)"),
        ("dayofyear(datetime(0001-01-01))", "int(1)"),
        ("dayofyear(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, |ticks| day_of_year(days(ticks))),
};
