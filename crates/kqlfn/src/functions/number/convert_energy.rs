//! `convert_energy`.

use super::conversion::convert;
use super::units::ENERGY;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_energy",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts an energy from one unit to another.",
    notes: "Units are named in the singular, as `Joule`; capitals count. An unknown unit gives null.",
    examples: &[
        (
            "convert_energy(1.2, 'Joule', 'BritishThermalUnit')",
            "0.0011373805443759806",
        ),
        ("convert_energy(1, 'KilowattHour', 'Megajoule')", "3.6"),
        ("convert_energy(1, 'Joule', 'joule')", "real(null)"),
    ],
    kernel: |call| convert(call, ENERGY),
};
