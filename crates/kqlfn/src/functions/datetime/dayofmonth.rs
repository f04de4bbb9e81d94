//! `dayofmonth`.

use super::clock::{civil, ints};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "dayofmonth",
    aliases: &[],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The day of the month of a datetime, from 1.",
    notes: "",
    examples: &[
        ("dayofmonth(datetime(2015-12-14))", "int(14)"),
        ("dayofmonth(datetime(2016-02-29 23:59:59.9999999))", "int(29)"),
        ("dayofmonth(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, |ticks| civil(ticks).day),
};
