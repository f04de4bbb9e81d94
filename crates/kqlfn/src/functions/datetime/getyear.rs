//! `getyear`.

use super::clock::{civil, longs};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "getyear",
    aliases: &[],
    signatures: &["(date:datetime) -> long"],
    tuple: &[],
    summary: "The year of a datetime.",
    notes: "",
    examples: &[
        ("getyear(datetime(2015-10-12))", "2015"),
        ("getyear(datetime(9999-12-31 23:59:59.9999999))", "9999"),
        ("getyear(datetime(null))", "long(null)"),
    ],
    kernel: |call| longs(call, |ticks| civil(ticks).year),
};
