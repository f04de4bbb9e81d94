//! `substring`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "substring",
    aliases: &[],
    signatures: &["(text:Scalar, start:Integer, ?length:Integer) -> string"],
    tuple: &[],
    summary: "The characters of a text from a place on, counted from 0, to its end or of a length.",
    notes: "A negative start counts from the end. A start outside of the text gives the empty text.",
    examples: &[
        ("substring('123456', 1)", "'23456'"),
        ("substring('123456', 2, 2)", "'34'"),
        ("substring('ABCD', 0, 2)", "'AB'"),
        ("substring('123456', -2, 2)", "'56'"),
        ("substring('abc', 5)", "''"),
        ("substring('abc', -5, 3)", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            let (Some(start), length) = (call.long(1, row), call.long(2, row)) else {
                return String::new();
            };
            let from = if start < 0 {
                let characters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                start.saturating_add(characters)
            } else {
                start
            };
            if from < 0 {
                return String::new();
            }
            let characters = text.chars().skip(usize::try_from(from).unwrap_or(usize::MAX));
            match length {
                Some(length) => characters.take(usize::try_from(length).unwrap_or(0)).collect(),
                None => characters.collect(),
            }
        })
    },
};
