//! `format_bytes`.

use crate::function::{Function, Refusal};

const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

/// A real has no more digits that say anything.
const MOST_DIGITS: f64 = 15.0;

pub(super) const FUNCTION: Function = Function {
    name: "format_bytes",
    aliases: &[],
    signatures: &["(size:Number, ?precision:Number, ?format:string) -> string"],
    tuple: &[],
    summary: "A number of bytes as text, in the unit that suits it or in a given one.",
    notes: "Units are powers of 1024. Zeros at the end of the fraction are not written.",
    examples: &[
        ("format_bytes(564)", "'564 Bytes'"),
        ("format_bytes(10332, 1)", "'10.1 KB'"),
        ("format_bytes(20010332)", "'19 MB'"),
        ("format_bytes(20010332, 2)", "'19.08 MB'"),
        ("format_bytes(20010332, 0, 'KB')", "'19541 KB'"),
        ("format_bytes(long(null))", "''"),
    ],
    kernel: |call| {
        if let Some(unit) = call.constant(2).map(|cell| cell.text())
            && !unit.is_empty()
            && place_of(&unit).is_none()
        {
            return Err(Refusal::new(format!("`format_bytes` knows no unit `{unit}`")));
        }
        call.strings(|row| {
            let Some(size) = call.real(0, row).filter(|size| size.is_finite()) else {
                return String::new();
            };
            let unit = call.text(2, row);
            let power = if unit.is_empty() {
                power_for(size)
            } else {
                place_of(&unit)
            };
            let Some(power) = power else {
                return String::new();
            };
            let name = UNITS.get(power).copied().unwrap_or_default();
            let digits = call.real(1, row).unwrap_or(0.0).clamp(0.0, MOST_DIGITS);
            format!(
                "{} {name}",
                rounded(size / 1024_f64.powi(power_of(power)), digits)
            )
        })
    },
};

fn place_of(unit: &str) -> Option<usize> {
    UNITS.iter().position(|held| held.eq_ignore_ascii_case(unit))
}

fn power_of(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(0)
}

/// The largest unit of which there is at least one.
fn power_for(size: f64) -> Option<usize> {
    let fits = |power: &usize| size.abs() >= 1024_f64.powi(power_of(*power));
    Some((1..UNITS.len()).rev().find(fits).unwrap_or(0))
}

/// Halves go away from zero.
#[expect(clippy::cast_possible_truncation, reason = "digits are 0 to 15")]
fn rounded(number: f64, digits: f64) -> f64 {
    let scale = 10_f64.powi(digits as i32);
    let scaled = number * scale;
    if scaled.is_finite() {
        // There is no negative zero.
        scaled.round() / scale + 0.0
    } else {
        number
    }
}
