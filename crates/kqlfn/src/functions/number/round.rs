//! `round`.

use kql::ScalarType;

use super::exact::decimal;
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "round",
    aliases: &[],
    signatures: &["(number:Number, ?precision:long) -> Parameter0"],
    tuple: &[],
    summary: "A number rounded to so many digits behind the point, or before it if negative.",
    notes: "Halves are rounded away from zero. The result has the type of the number.",
    examples: &[
        ("round(2.98765, 3)", "2.988"),
        ("round(2.15, 1)", "2.2"),
        ("round(2.15)", "2.0"),
        ("round(-50.55, -2)", "-100.0"),
        ("round(-2.5)", "-3.0"),
        ("round(21, -1)", "20"),
    ],
    kernel: |call| match call.gives {
        ScalarType::Real => call.reals(|row| Some(round_real(call.real(0, row)?, precision(call, row)?))),
        ScalarType::Decimal => call.decimals(|row| {
            let rounded = decimal(call.cell(0, row))?.round(precision(call, row)?)?;
            Some(rounded.to_string())
        }),
        ScalarType::Int => call.ints(|row| {
            let rounded = round_whole(call.long(0, row)?, precision(call, row)?)?;
            i32::try_from(rounded).ok()
        }),
        _ => call.longs(|row| round_whole(call.long(0, row)?, precision(call, row)?)),
    },
};

/// No real has a digit further away from the point.
const PRECISION_MAX: i32 = 350;

fn precision(call: &Call<'_>, row: usize) -> Option<i64> {
    if call.has(1) { call.long(1, row) } else { Some(0) }
}

fn round_real(number: f64, precision: i64) -> f64 {
    let places = i32::try_from(precision.unsigned_abs())
        .unwrap_or(PRECISION_MAX)
        .min(PRECISION_MAX);
    let power = 10.0_f64.powi(places);
    if precision < 0 {
        // A power that is infinite is larger than twice any number.
        return if power.is_infinite() {
            0.0 * number
        } else {
            (number / power).round() * power
        };
    }
    let scaled = number * power;
    if scaled.is_finite() {
        scaled.round() / power
    } else {
        number
    }
}

fn round_whole(number: i64, precision: i64) -> Option<i64> {
    let Ok(places) = u32::try_from(precision.saturating_neg()) else {
        return Some(number);
    };
    let Some(power) = 10_i128.checked_pow(places) else {
        return Some(0);
    };
    let half = i128::from(number.signum()) * power / 2;
    i64::try_from((i128::from(number) + half) / power * power).ok()
}
