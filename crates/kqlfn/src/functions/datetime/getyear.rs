//! `getyear`.

use super::clock::{civil, ints};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "getyear",
    aliases: &[],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The year of a datetime.",
    notes: "",
    examples: &[
        ("getyear(datetime(2015-10-12))", "int(2015)"),
        ("getyear(datetime(9999-12-31 23:59:59.9999999))", "int(9999)"),
        ("getyear(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, |ticks| civil(ticks).year),
};
