//! Taking away the ends of texts.

use super::pattern::{Patterns, part};
use crate::function::{Call, Computed};

/// A column of texts without what the expression matches at the beginning, at the end, or at both.
pub(super) fn trimmed(call: &Call<'_>, at_start: bool, at_end: bool) -> Computed {
    let mut starts = Patterns::between(call, 0, r"\A", "")?;
    let mut ends = Patterns::between(call, 0, "", r"\z")?;
    call.strings(|row| {
        let mut text = call.text(1, row);
        if at_start && let Some(found) = starts.of(row).and_then(|pattern| pattern.regex.find(&text)) {
            let range = found.end()..text.len();
            text = part(text, range);
        }
        if at_end && let Some(found) = ends.of(row).and_then(|pattern| pattern.regex.find(&text)) {
            let range = 0..found.start();
            text = part(text, range);
        }
        text
    })
}
