//! `monthofyear`.

use super::clock::{civil, longs};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "monthofyear",
    aliases: &["getmonth"],
    signatures: &["(date:datetime) -> long"],
    tuple: &[],
    summary: "The month of the year of a datetime, from 1.",
    notes: "",
    examples: &[
        ("monthofyear(datetime(2015-12-14))", "12"),
        ("getmonth(datetime(2015-10-15))", "10"),
        ("monthofyear(datetime(null))", "long(null)"),
    ],
    kernel: |call| longs(call, |ticks| civil(ticks).month),
};
