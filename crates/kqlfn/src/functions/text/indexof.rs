//! `indexof`.

use super::searching::{Search, place_of};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "indexof",
    aliases: &[],
    signatures: &[
        "(string:Scalar, match:Scalar, ?start:Integer, ?length:Integer, ?occurrence:Integer) -> long",
    ],
    tuple: &[],
    summary: "The place where a text holds another, counted in characters from 0; -1 if it does not.",
    notes: "The case of letters matters. A negative start counts from the end. A start before the text, a length below -1 and an empty text to look for give null. The length holds anew from behind each match.",
    examples: &[
        ("indexof('abcdefg', 'cde')", "2"),
        ("indexof('abcdefg', 'cde', 1, 2)", "-1"),
        ("indexof('abcdefg', 'cde', -5)", "2"),
        ("indexof(1234567, 5, 1, 4)", "4"),
        ("indexof('abcdefgabcdefg', 'cde', 1, 10, 2)", "9"),
        ("indexof('abc', '')", "long(null)"),
    ],
    kernel: |call| {
        call.longs(|row| {
            let (text, lookup) = (call.text(0, row), call.text(1, row));
            if lookup.is_empty() {
                return None;
            }
            if call.arguments.len() == 2 && text.is_ascii() {
                return Some(
                    text.find(&*lookup)
                        .map_or(-1, |at| i64::try_from(at).unwrap_or(-1)),
                );
            }
            let number = |argument, otherwise| {
                if call.has(argument) {
                    call.long(argument, row)
                } else {
                    Some(otherwise)
                }
            };
            let mut start = number(2, 0)?;
            if start < 0 {
                let characters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                start = start.saturating_add(characters);
            }
            let search = Search {
                start,
                length: number(3, -1)?,
                occurrence: number(4, 1)?,
                may_overlap: true,
            };
            place_of(&text, search, |part| {
                part.find(&*lookup).map(|at| (at, at + lookup.len()))
            })
        })
    },
};
