//! Texts in other letters. Each character becomes one character, so that `ß` stays itself.

use std::borrow::Cow;

use crate::function::{Call, Computed};

/// A column of texts with each character as its counterpart. `to_ascii` does the same for texts of ASCII.
pub(super) fn recased<I: Iterator<Item = char>>(
    call: &Call<'_>,
    is_kept: fn(&u8) -> bool,
    to_ascii: fn(&str) -> String,
    counterpart: fn(char) -> I,
) -> Computed {
    call.strings(|row| {
        let text = call.text(0, row);
        if text.bytes().all(|byte| is_kept(&byte)) {
            return text;
        }
        if text.is_ascii() {
            return Cow::Owned(to_ascii(&text));
        }
        let single = |character| {
            let mut counterparts = counterpart(character);
            match (counterparts.next(), counterparts.next()) {
                (Some(only), None) => only,
                _ => character,
            }
        };
        Cow::Owned(text.chars().map(single).collect())
    })
}
