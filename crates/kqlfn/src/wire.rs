//! Cells as the Kusto REST API writes them: JSON, with datetimes, timespans, guids and decimals as text, and dynamics as
//! the JSON that they are.

use std::fmt::Write as _;

use kql::values::{datetime_to_wire, guid_to_text, timespan_to_text};

use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::real::real_to_json;

/// Writes a cell. Strings have no null: an empty one is written as it is.
pub fn write_cell(cell: Cell<'_>, out: &mut String) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        // Writing to a string does not fail.
        Cell::Int(value) => _ = write!(out, "{value}"),
        Cell::Long(value) => _ = write!(out, "{value}"),
        Cell::Real(value) => out.push_str(&real_to_json(value)),
        Cell::Decimal(text) | Cell::String(text) => write_string(text, out),
        Cell::Datetime(ticks) => write_string(&datetime_to_wire(ticks), out),
        Cell::Timespan(ticks) => write_string(&timespan_to_text(ticks), out),
        Cell::Guid(guid) => write_string(&guid_to_text(&guid), out),
        Cell::Dynamic(value) => out.push_str(&value.to_json()),
    }
}

/// Writes a text as a JSON string.
pub fn write_string(text: &str, out: &mut String) {
    out.push_str(&Dynamic::String(text).to_json());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: Cell<'_>, expected: &str) {
        let mut out = String::new();
        write_cell(cell, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn each_type() {
        check(Cell::Null, "null");
        check(Cell::Bool(true), "true");
        check(Cell::Int(-1), "-1");
        check(Cell::Long(i64::MAX), "9223372036854775807");
        check(Cell::Real(0.1), "0.1");
        check(Cell::Real(1e20), "1E+20");
        check(Cell::Real(f64::NAN), "\"NaN\"");
        check(Cell::Real(f64::NEG_INFINITY), "\"-Infinity\"");
        check(Cell::Decimal("1.50"), "\"1.50\"");
        check(Cell::String("a\"b\\\n\u{1}"), "\"a\\\"b\\\\\\n\\u0001\"");
        check(Cell::Datetime(0), "\"0001-01-01T00:00:00Z\"");
        check(Cell::Timespan(36_000_000_001), "\"01:00:00.0000001\"");
        check(Cell::Dynamic(Dynamic::String("x")), "\"x\"");
        check(Cell::Dynamic(Dynamic::Null), "null");
    }
}
