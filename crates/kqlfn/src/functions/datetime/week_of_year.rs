//! `week_of_year`.

use super::clock::{ints, iso_week};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "week_of_year",
    aliases: &["weekofyear"],
    signatures: &["(date:datetime) -> int"],
    tuple: &[],
    summary: "The week of the year of a datetime by ISO 8601, from 1.",
    notes: "Weeks begin on Monday and belong to the year of their Thursday, so that the first days of January may be in week 52 or 53 and the last of December in week 1.",
    examples: &[
        ("week_of_year(datetime(2020-12-31))", "int(53)"),
        ("week_of_year(datetime(2020-06-15))", "int(25)"),
        ("week_of_year(datetime(1970-01-01))", "int(1)"),
        ("week_of_year(datetime(2000-01-01))", "int(52)"),
        ("weekofyear(datetime(2030-12-31))", "int(1)"),
        ("week_of_year(datetime(null))", "int(null)"),
    ],
    kernel: |call| ints(call, iso_week),
};
