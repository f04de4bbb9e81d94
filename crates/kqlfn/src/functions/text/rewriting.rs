//! Replacing what a regular expression matches.

use std::borrow::Cow;

use regex::{Captures, Replacer};

use super::pattern::Patterns;
use crate::function::{Call, Computed};

/// A piece of a replacement.
#[derive(Debug)]
enum Piece {
    Text(String),
    Group(usize),
}

/// A replacement as `regex` wants it.
#[derive(Debug)]
struct Rewrite<'p>(&'p [Piece]);

impl Replacer for Rewrite<'_> {
    fn replace_append(&mut self, captures: &Captures<'_>, target: &mut String) {
        for piece in self.0 {
            match piece {
                Piece::Text(text) => target.push_str(text),
                Piece::Group(group) => {
                    target.push_str(captures.get(*group).map_or("", |held| held.as_str()));
                }
            }
        }
    }

    fn no_expansion(&mut self) -> Option<Cow<'_, str>> {
        match self.0 {
            [] => Some(Cow::Borrowed("")),
            [Piece::Text(only)] => Some(Cow::Borrowed(only)),
            _ => None,
        }
    }
}

/// Reads a replacement: `\1` is a group, `\\` a backslash, and all else itself.
fn pieces(rewrite: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut characters = rewrite.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some(digit @ '0'..='9') => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Group(digit as usize - '0' as usize));
            }
            Some('\\') | None => text.push('\\'),
            Some(other) => text.extend(['\\', other]),
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// A column of texts in which all matches are replaced. The arguments are given by their places.
pub(super) fn rewritten(call: &Call<'_>, source: usize, regex: usize, rewrite: usize) -> Computed {
    let mut patterns = Patterns::new(call, regex)?;
    let prepared = call.constant(rewrite).map(|cell| pieces(&cell.text()));
    call.strings(|row| {
        let text = call.text(source, row);
        let Some(pattern) = patterns.of(row) else {
            return Cow::Borrowed("");
        };
        let own;
        let pieces = match &prepared {
            Some(prepared) => prepared,
            None => {
                own = pieces(&call.text(rewrite, row));
                &own
            }
        };
        let replaced = match pattern.regex.replace_all(&text, Rewrite(pieces)) {
            Cow::Borrowed(_) => None,
            Cow::Owned(replaced) => Some(replaced),
        };
        replaced.map_or(text, Cow::Owned)
    })
}
