//! Times in words.

use chrono::{DateTime, SecondsFormat};
use serde::Serializer;

/// `2026-03-04 09:14:03 UTC`.
pub(crate) fn words(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).map_or_else(
        || micros.to_string(),
        |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// `2026-03-04T09:14:03.000Z`, as JSON has it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
pub(crate) fn iso<S: Serializer>(micros: &i64, to: S) -> Result<S::Ok, S::Error> {
    match DateTime::from_timestamp_micros(*micros) {
        Some(time) => to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
        None => to.serialize_none(),
    }
}

/// The same of what need not be.
#[expect(clippy::ref_option, reason = "as serde asks for it")]
pub(crate) fn iso_or_none<S: Serializer>(micros: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
    match micros {
        Some(micros) => iso(micros, to),
        None => to.serialize_none(),
    }
}
