//! `datetime_list_timezones`.

use super::zone::names;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "datetime_list_timezones",
    aliases: &[],
    signatures: &["() -> dynamic"],
    tuple: &[],
    summary: "The names of all time zones, in alphabetical order.",
    notes: "",
    examples: &[
        (
            "substring(datetime_list_timezones(), 0, 32)",
            "'[\"Africa/Abidjan\",\"Africa/Accra\"'",
        ),
        ("substring(datetime_list_timezones(), -7)", "'\"Zulu\"]'"),
    ],
    kernel: |call| {
        let names = names();
        call.dynamics(|_, writer| {
            writer.array(|elements| {
                for name in &names {
                    elements.push(|writer| writer.string(name));
                }
            });
        })
    },
};
