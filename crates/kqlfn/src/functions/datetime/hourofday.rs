//! `hourofday`.

use kql::values::TICKS_PER_HOUR;

use super::clock::{longs, since_midnight};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "hourofday",
    aliases: &[],
    signatures: &["(date:datetime) -> long"],
    tuple: &[],
    summary: "The hour of the day of a datetime, 0 to 23.",
    notes: "",
    examples: &[
        ("hourofday(datetime(2015-12-14 18:54))", "18"),
        ("hourofday(datetime(2015-12-14))", "0"),
        ("hourofday(datetime(null))", "long(null)"),
    ],
    kernel: |call| longs(call, |ticks| since_midnight(ticks, TICKS_PER_HOUR)),
};
