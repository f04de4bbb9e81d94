//! `convert_angle`.

use super::conversion::convert;
use super::units::ANGLE;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_angle",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts an angle from one unit to another.",
    notes: "Units are named in the singular, as `Degree`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_angle(1.2, 'Degree', 'Arcminute')", "72.0"),
        ("convert_angle(180, 'Degree', 'Radian')", "3.141592653589793"),
        ("convert_angle(1, 'Revolution', 'Millidegree')", "360000.0"),
        ("convert_angle(30, 'Degree', 'Tilt')", "0.49999999999999994"),
        ("convert_angle(1, 'Degree', 'Meter')", "real(null)"),
    ],
    kernel: |call| convert(call, ANGLE),
};
