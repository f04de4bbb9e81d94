//! `toint`.

use super::reading;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "toint",
    aliases: &[],
    signatures: &["(value:Scalar) -> int"],
    tuple: &[],
    summary: "A value as a whole number of 32 bits.",
    notes: "Reals are cut towards zero, but text that holds a fraction or an exponent gives null. Of longs, datetimes and timespans the lower 32 bits are taken.",
    examples: &[
        ("toint('123')", "int(123)"),
        ("toint(' 0x1F ')", "int(31)"),
        ("toint(-2.9)", "int(-2)"),
        ("toint('12.5')", "int(null)"),
        ("toint(true)", "int(1)"),
        ("toint('2147483648')", "int(null)"),
    ],
    kernel: |call| reading::unless_held(call, || call.ints(|row| reading::int(call.cell(0, row)))),
};
