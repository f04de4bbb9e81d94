//! Replacing what a regular expression matches.

use std::borrow::Cow;
use std::ops::Range;

use regex::{Captures, Regex};

use super::growth::may_become;
use super::pattern::Patterns;
use crate::function::{Call, Computed};

/// A piece of a replacement.
#[derive(Debug)]
enum Piece {
    Text(String),
    Group(usize),
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
        match replaced(&pattern.regex, &text, pieces) {
            Some(replaced) if replaced.is_empty() => Cow::Borrowed(""),
            Some(replaced) => Cow::Owned(replaced),
            None => text,
        }
    })
}

/// The text with all matches replaced; none if there is no match. What becomes too long is empty.
fn replaced(regex: &Regex, text: &str, pieces: &[Piece]) -> Option<String> {
    let mut replaced = String::new();
    let (mut copied, mut is_found) = (0, false);
    let mut put = |matched: Range<usize>, captures: Option<&Captures<'_>>| {
        replaced.push_str(text.get(copied..matched.start).unwrap_or_default());
        (copied, is_found) = (matched.end, true);
        for piece in pieces {
            replaced.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(group) => captures
                    .and_then(|captures| captures.get(*group))
                    .map_or("", |held| held.as_str()),
            });
            if !may_become(replaced.len(), text.len()) {
                return false;
            }
        }
        true
    };
    // Finding groups takes longer than finding matches.
    let fits = if pieces.iter().any(|piece| matches!(piece, Piece::Group(_))) {
        let mut all = regex.captures_iter(text);
        all.all(|captures| {
            captures
                .get(0)
                .is_none_or(|whole| put(whole.range(), Some(&captures)))
        })
    } else {
        regex.find_iter(text).all(|whole| put(whole.range(), None))
    };
    if !is_found {
        return None;
    }
    replaced.push_str(text.get(copied..).unwrap_or_default());
    Some(if fits && may_become(replaced.len(), text.len()) {
        replaced
    } else {
        String::new()
    })
}
