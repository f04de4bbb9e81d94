//! `convert_length`.

use super::conversion::convert;
use super::units::LENGTH;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_length",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a length from one unit to another.",
    notes: "Units are named in the singular, as `Meter`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_length(1.2, 'Meter', 'Foot')", "3.9370078740157477"),
        ("convert_length(1, 'Kilometer', 'Meter')", "1000.0"),
        ("convert_length(1, 'Inch', 'Centimeter')", "2.54"),
        ("convert_length(1, 'Meter', 'Gram')", "real(null)"),
    ],
    kernel: |call| convert(call, LENGTH),
};
