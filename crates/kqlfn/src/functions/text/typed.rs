//! Texts as the type that a `typeof` asks for.

use std::borrow::Cow;

use kql::ScalarType;
use kql::values::{parse_datetime, parse_guid, parse_timespan};

use crate::dynamic::from_text;
use crate::function::{Call, Computed};
use crate::real::parse_real;

/// A column of the type that the call gives, read from texts. What cannot be read is null.
pub(super) fn typed<'t>(call: &Call<'_>, mut value: impl FnMut(usize) -> Option<Cow<'t, str>>) -> Computed {
    match call.gives {
        ScalarType::String => call.strings(|row| value(row).unwrap_or_default()),
        ScalarType::Bool => call.bools(|row| bool_of(value(row)?.trim())),
        ScalarType::Int => call.ints(|row| i32::try_from(long_of(value(row)?.trim())?).ok()),
        ScalarType::Long => call.longs(|row| long_of(value(row)?.trim())),
        ScalarType::Real => call.reals(|row| parse_real(&value(row)?)),
        ScalarType::Decimal => call.decimals(|row| decimal_of(value(row)?.trim())),
        ScalarType::Datetime => call.longs(|row| parse_datetime(&value(row)?)),
        ScalarType::Timespan => call.longs(|row| parse_timespan(&value(row)?)),
        ScalarType::Guid => call.guids(|row| parse_guid(&value(row)?)),
        ScalarType::Dynamic => call.dynamics(|row, writer| match value(row) {
            Some(text) if !text.is_empty() => writer.raw(&from_text(&text)),
            _ => writer.null(),
        }),
    }
}

fn bool_of(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        long_of(text).map(|number| number != 0)
    }
}

fn long_of(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with(['+', '-']) => i64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

fn decimal_of(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_decimal = whole.len() + fraction.len() > 0
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
    is_decimal.then(|| text.strip_prefix('+').unwrap_or(text).to_owned())
}
