//! `convert_mass`.

use super::conversion::convert;
use super::units::MASS;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_mass",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a mass from one unit to another.",
    notes: "Units are named in the singular, as `Kilogram`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_mass(1.2, 'Kilogram', 'Pound')", "2.6455471462185308"),
        ("convert_mass(1, 'Tonne', 'Kilogram')", "1000.0"),
        ("convert_mass(real(null), 'Gram', 'Gram')", "real(null)"),
    ],
    kernel: |call| convert(call, MASS),
};
