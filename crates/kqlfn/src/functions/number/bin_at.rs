//! `bin_at`.

use super::grid::bin_at;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bin_at",
    aliases: &[],
    signatures: &[
        "(value:int, bin_size:int, fixed_point:int) -> long",
        "(value:Number, bin_size:Number, fixed_point:Number) -> Widest",
        "(value:timespan, bin_size:Number, fixed_point:timespan) -> timespan",
        "(value:timespan, bin_size:timespan, fixed_point:timespan) -> timespan",
        "(value:datetime, bin_size:Summable, fixed_point:datetime) -> datetime",
    ],
    tuple: &[],
    summary: "Rounds a value down to a multiple of a size, counted from a point.",
    notes: "The point may lie on either side of the value. A size without a unit is of ticks of 100 ns where a time is rounded.",
    examples: &[
        ("bin_at(6.5, 2.5, 7)", "4.5"),
        ("bin_at(time(1h), 1d, 12h)", "-12h"),
        (
            "bin_at(datetime(2017-05-15 10:20:00.0), 1d, datetime(1970-01-01 12:00:00.0))",
            "datetime(2017-05-14 12:00)",
        ),
        (
            "bin_at(datetime(2017-05-17 10:20:00.0), 7d, datetime(2017-06-04 00:00:00.0))",
            "datetime(2017-05-14)",
        ),
        ("bin_at(5, -1, 0)", "long(null)"),
    ],
    kernel: bin_at,
};
