//! `convert_force`.

use super::conversion::convert;
use super::units::FORCE;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "convert_force",
    aliases: &[],
    signatures: &["(value:real, from:string, to:string) -> real"],
    tuple: &[],
    summary: "Converts a force from one unit to another.",
    notes: "Units are named in the singular, as `Newton`; capitals count. An unknown unit gives null.",
    examples: &[
        ("convert_force(1.2, 'Newton', 'Decanewton')", "0.12"),
        ("convert_force(1, 'Kilonewton', 'Newton')", "1000.0"),
        ("convert_force(1, 'Newton', '')", "real(null)"),
    ],
    kernel: |call| convert(call, FORCE),
};
