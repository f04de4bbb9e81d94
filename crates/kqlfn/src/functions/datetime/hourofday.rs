//! `hourofday`.

use kql::values::TICKS_PER_HOUR;

use super::clock::{ints, since_midnight};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hourofday",
    aliases: &[],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The hour of the day of a datetime, 0 to 23.",
    notes: "",
    examples: &[
        ("hourofday(datetime(2015-12-14 18:54))", "int(18)"),
        ("hourofday(datetime(2015-12-14))", "int(0)"),
        ("hourofday(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, |ticks| since_midnight(ticks, TICKS_PER_HOUR)),
};
