//! Regular expressions as KQL writes them: those of the crate `regex`, and octal escapes (`\101`).

use regex::{Regex, RegexBuilder};

/// How a regular expression begins, before a caller sets its flags.
#[must_use]
pub fn builder(text: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(text);
    builder.octal(true);
    builder
}

/// A regular expression; none if the text is none.
#[must_use]
pub fn expression(text: &str) -> Option<Regex> {
    builder(text).build().ok()
}
