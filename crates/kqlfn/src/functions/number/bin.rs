//! `bin`.

use super::grid::bin;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bin",
    aliases: &["floor"],
    signatures: &[
        "(value:int, roundTo:int) -> long",
        "(value:Number, roundTo:Number) -> Widest",
        "(value:timespan, roundTo:timespan) -> timespan",
        "(value:datetime, roundTo:datetime) -> datetime",
        "(value:datetime, roundTo:timespan) -> datetime",
    ],
    tuple: &[],
    summary: "Rounds a value down to a multiple of a size.",
    notes: "Down is towards minus infinity. Datetimes are counted from the beginning of the year 1, so that weeks begin on Monday. A size that is not positive gives null.",
    examples: &[
        ("bin(4.5, 1)", "4.0"),
        ("bin(time(16d), 7d)", "14d"),
        ("bin(datetime(1970-05-11 13:45:07), 1d)", "datetime(1970-05-11)"),
        ("bin(-5, 2)", "-6"),
        ("bin(10, 0)", "long(null)"),
        ("bin(decimal(5.5), 2)", "decimal(4)"),
    ],
    kernel: bin,
};
