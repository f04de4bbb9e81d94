//! `tolong`.

use super::reading;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "tolong",
    aliases: &[],
    signatures: &["(value:Scalar) -> long"],
    tuple: &[],
    summary: "A value as a whole number of 64 bits.",
    notes: "Reals are cut towards zero, but text that holds a fraction or an exponent gives null. Datetimes and timespans give their ticks of 100 ns.",
    examples: &[
        ("tolong('42')", "42"),
        ("tolong('0xFFFFFFFFFFFFFFFF')", "-1"),
        ("tolong(2147483648.9)", "2147483648"),
        ("tolong('9223372036854775808')", "long(null)"),
        ("tolong(1d)", "864000000000"),
        ("tolong('-0x10')", "long(null)"),
    ],
    kernel: |call| reading::unless_held(call, || call.longs(|row| reading::long(call.cell(0, row)))),
};
