//! Regular expressions that come as arguments.

use std::borrow::Cow;
use std::ops::Range;

use regex::{CaptureLocations, Regex};

use crate::function::{Call, Refusal};
use crate::regular::expression;

/// A regular expression and the room for what its groups match.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) groups: CaptureLocations,
}

/// The regular expression that an argument says: made once where all rows share it, else whenever it changes.
#[derive(Debug)]
pub(super) struct Patterns<'c, 'a> {
    call: &'c Call<'a>,
    argument: usize,
    before: &'static str,
    behind: &'static str,
    held: Option<(String, Option<Pattern>)>,
    is_constant: bool,
}

impl<'c, 'a> Patterns<'c, 'a> {
    /// The patterns of an argument. A constant one that is no regular expression is refused.
    pub(super) fn new(call: &'c Call<'a>, argument: usize) -> Result<Self, Refusal> {
        Self::between(call, argument, "", "")
    }

    /// The patterns of an argument with something before and behind each.
    pub(super) fn between(
        call: &'c Call<'a>,
        argument: usize,
        before: &'static str,
        behind: &'static str,
    ) -> Result<Self, Refusal> {
        let mut patterns = Self {
            call,
            argument,
            before,
            behind,
            held: None,
            is_constant: false,
        };
        if let Some(cell) = call.constant(argument) {
            let text = cell.text().into_owned();
            let pattern = patterns.make(&text).ok_or_else(|| {
                Refusal::new(format!(
                    "argument {} is no regular expression: {text}",
                    argument + 1
                ))
            })?;
            patterns.held = Some((text, Some(pattern)));
            patterns.is_constant = true;
        }
        Ok(patterns)
    }

    fn make(&self, text: &str) -> Option<Pattern> {
        // What the argument says must hold by itself: brackets that it leaves open are not ours to close.
        let mut regex = expression(text)?;
        if !(self.before.is_empty() && self.behind.is_empty()) {
            let (before, behind) = (self.before, self.behind);
            regex = expression(&format!("{before}(?:{text}){behind}"))
                // With the flag `x` a comment runs to the end of its line.
                .or_else(|| expression(&format!("{before}(?:{text}\n){behind}")))?;
        }
        let groups = regex.capture_locations();
        Some(Pattern { regex, groups })
    }

    /// The pattern for a row; none if the row's argument is no regular expression.
    pub(super) fn of(&mut self, row: usize) -> Option<&mut Pattern> {
        if !self.is_constant {
            let text = self.call.text(self.argument, row);
            if self.held.as_ref().is_none_or(|(held, _)| *held != *text) {
                let pattern = self.make(&text);
                self.held = Some((text.into_owned(), pattern));
            }
        }
        self.held.as_mut()?.1.as_mut()
    }
}

/// A part of a text, without a copy where the text is borrowed.
pub(super) fn part(text: Cow<'_, str>, range: Range<usize>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
    }
}
