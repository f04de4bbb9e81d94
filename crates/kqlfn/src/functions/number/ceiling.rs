//! `ceiling`.

use kql::ScalarType;

use super::exact::decimal;
use super::unary::unary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ceiling",
    aliases: &[],
    signatures: &["(number:Number) -> Parameter0"],
    tuple: &[],
    summary: "The smallest whole number that is not below a number.",
    notes: "The result has the type of the number.",
    examples: &[
        ("ceiling(1.1)", "2.0"),
        ("ceiling(-1.5)", "-1.0"),
        ("ceiling(7)", "7"),
        ("ceiling(decimal(1.1))", "decimal(2)"),
        ("ceiling(real(null))", "real(null)"),
    ],
    kernel: |call| match call.gives {
        ScalarType::Real => unary(call, f64::ceil),
        ScalarType::Decimal => call.decimals(|row| Some(decimal(call.cell(0, row))?.ceiling()?.to_string())),
        _ => call.cells(|row| call.cell(0, row)),
    },
};
