//! Taking away the ends of texts.

use std::borrow::Cow;

use super::pattern::{Patterns, part};
use crate::function::{Call, Computed};

/// A column of texts without what the expression matches at the beginning, at the end, or at both.
pub(super) fn trimmed(call: &Call<'_>, at_start: bool, at_end: bool) -> Computed {
    let mut starts = Patterns::between(call, 0, r"\A", "")?;
    let mut ends = Patterns::between(call, 0, "", r"\z")?;
    call.strings(|row| {
        let mut text = call.text(1, row);
        let (Some(start), Some(end)) = (starts.of(row), ends.of(row)) else {
            return Cow::Borrowed("");
        };
        if at_start && let Some(found) = start.regex.find(&text) {
            let range = found.end()..text.len();
            text = part(text, range);
        }
        if at_end && let Some(found) = end.regex.find(&text) {
            let range = 0..found.start();
            text = part(text, range);
        }
        text
    })
}
