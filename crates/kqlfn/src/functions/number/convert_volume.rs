//! `convert_volume`.

use super::conversion::convert;
use super::units::VOLUME;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_volume",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a volume from one unit to another.",
    notes: "Units are named in the singular, as `CubicMeter`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_volume(1.2, 'CubicMeter', 'AcreFoot')", "0.0009728568"),
        ("convert_volume(1, 'Hectoliter', 'Liter')", "100.0"),
        ("convert_volume(1, 'Liter', 'Gallon')", "real(null)"),
    ],
    kernel: |call| convert(call, VOLUME),
};
