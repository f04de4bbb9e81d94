//! `toreal`.

use super::reading;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "toreal",
    aliases: &["todouble"],
    signatures: &["(value:Scalar) -> real"],
    tuple: &[],
    summary: "A value as a real.",
    notes: "Datetimes and timespans give their ticks of 100 ns.",
    examples: &[
        ("toreal('1.5e3')", "1500.0"),
        ("toreal(' 3.14 ')", "3.14"),
        ("toreal('Infinity')", "real(+inf)"),
        ("toreal('0x1F')", "real(null)"),
        ("toreal(1h)", "36000000000.0"),
        ("toreal(dynamic('1.5'))", "1.5"),
    ],
    kernel: |call| reading::unless_held(call, || call.reals(|row| reading::real(call.cell(0, row)))),
};
