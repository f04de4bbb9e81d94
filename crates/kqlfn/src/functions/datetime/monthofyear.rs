//! `monthofyear`.

use super::clock::{civil, ints};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "monthofyear",
    aliases: &["getmonth"],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The month of the year of a datetime, from 1.",
    notes: "",
    examples: &[
        ("monthofyear(datetime(2015-12-14))", "int(12)"),
        ("getmonth(datetime(2015-10-15))", "int(10)"),
        ("monthofyear(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, |ticks| civil(ticks).month),
};
