//! `convert_temperature`.

use super::conversion::convert;
use super::units::TEMPERATURE;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_temperature",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a temperature from one unit to another.",
    notes: "Units are named in the singular, as `Kelvin`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_temperature(1.2, 'Kelvin', 'DegreeCelsius')", "-271.95"),
        ("convert_temperature(0, 'DegreeCelsius', 'Kelvin')", "273.15"),
        (
            "round(convert_temperature(100, 'DegreeCelsius', 'DegreeFahrenheit'), 9)",
            "212.0",
        ),
        ("convert_temperature(1, 'Kelvin', 'Celsius')", "real(null)"),
    ],
    kernel: |call| convert(call, TEMPERATURE),
};
