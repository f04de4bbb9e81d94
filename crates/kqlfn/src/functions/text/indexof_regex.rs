//! `indexof_regex`.

use super::pattern::Patterns;
use super::searching::{Search, place_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "indexof_regex",
    aliases: &[],
    signatures: &[
        "(string:Scalar, match:Scalar, ?start:Integer, ?length:Integer, ?occurrence:Integer) -> long",
    ],
    tuple: &[],
    summary: "The place where a regular expression matches in a text, counted in characters from 0; -1 if it does not.",
    notes: "Matches do not overlap. A negative start gives null.",
    examples: &[
        ("indexof_regex('abcabc', 'a.c')", "0"),
        ("indexof_regex('abcabcdefg', 'a.c', 0, 9, 2)", "3"),
        ("indexof_regex('abcabc', 'a.c', 1, -1, 2)", "-1"),
        ("indexof_regex('ababaa', 'a.a', 0, -1, 2)", "-1"),
        ("indexof_regex('abcabc', 'a|ab', -1)", "long(null)"),
        ("indexof_regex('éa', 'a')", "1"),
    ],
    kernel: |call| {
        let mut patterns = Patterns::new(call, 1)?;
        call.longs(|row| {
            let text = call.text(0, row);
            let number = |argument, otherwise| {
                if call.has(argument) {
                    call.long(argument, row)
                } else {
                    Some(otherwise)
                }
            };
            let search = Search {
                start: number(2, 0)?,
                length: number(3, -1)?,
                occurrence: number(4, 1)?,
                may_overlap: false,
            };
            let pattern = patterns.of(row)?;
            if pattern.regex.as_str().is_empty() {
                return None;
            }
            place_of(&text, search, |part| {
                let found = pattern.regex.find(part)?;
                Some((found.start(), found.end()))
            })
        })
    },
};
