//! `abs`.

use kql::ScalarType;

use super::exact::{decimal, whole};
use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "abs",
    aliases: &[],
    signatures: &[
        "(number:Integer) -> long",
        "(number:Number) -> Parameter0",
        "(number:timespan) -> timespan",
    ],
    tuple: &[],
    summary: "The size of a number or timespan, without its sign.",
    notes: "",
    examples: &[
        ("abs(-5)", "5"),
        ("abs(int(-5))", "5"),
        ("abs(-2.5)", "2.5"),
        ("abs(-1h)", "1h"),
        ("abs(decimal(-1.50))", "decimal(1.50)"),
        ("abs(real(-inf))", "real(+inf)"),
    ],
    kernel: |call| match call.gives {
        ScalarType::Real => unary(call, f64::abs),
        ScalarType::Decimal => call.decimals(|row| Some(decimal(call.cell(0, row))?.abs().to_string())),
        // The smallest long has no positive counterpart and stays, as sums of longs wrap around.
        _ => call.longs(|row| whole(call.cell(0, row)).map(i64::wrapping_abs)),
    },
};
