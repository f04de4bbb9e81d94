//! `convert_speed`.

use super::conversion::convert;
use super::units::SPEED;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_speed",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a speed from one unit to another.",
    notes: "Units are named in the singular, as `MeterPerSecond`; capitals count. An unknown unit gives null.",
    examples: &[
        (
            "convert_speed(1.2, 'MeterPerSecond', 'CentimeterPerHour')",
            "432000.0",
        ),
        ("convert_speed(36, 'KilometerPerHour', 'MeterPerSecond')", "10.0"),
        ("convert_speed(1, 'Knot', 'Lightspeed')", "real(null)"),
    ],
    kernel: |call| convert(call, SPEED),
};
