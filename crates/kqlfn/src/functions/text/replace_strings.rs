//! `replace_strings`.

use std::borrow::Cow;

use super::growth::may_become;
use crate::column::Cell;
use crate::dynamic::{Array, Dynamic};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "replace_strings",
    aliases: &[],
    signatures: &["(text:string, lookups:DynamicArray, rewrites:DynamicArray) -> string"],
    tuple: &[],
    summary: "Replaces all places where a text holds one of several others, each by its own replacement.",
    notes: "A lookup takes precedence over those behind it. What was replaced is not looked at again. What is no text among the lookups is passed over; what is none among the replacements leaves its places as they are. A result of more than 1 MiB that is longer than the text was is the empty text.",
    examples: &[
        (
            "replace_strings('A magic trick can turn a cat into a dog', dynamic(['cat', 'dog']), dynamic(['dog', 'pigeon']))",
            "'A magic trick can turn a dog into a pigeon'",
        ),
        (
            "replace_strings('This is an example', dynamic(['This', 'is']), dynamic(['This', 'was']))",
            "'This was an example'",
        ),
        (
            "replace_strings('This is an example', dynamic(['is', 'This']), dynamic(['was', 'This']))",
            "'Thwas was an example'",
        ),
        (
            "replace_strings('This is an example', dynamic(['This', 'is']), dynamic([12345, 'was']))",
            "'This was an example'",
        ),
        (
            "replace_strings('turn into a dog', dynamic(['turn', ' into a dog']), dynamic(['disappear', '']))",
            "'disappear'",
        ),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            let arrays = (array(call.cell(1, row)), array(call.cell(2, row)));
            let (Some(lookups), Some(rewrites)) = arrays else {
                return text;
            };
            let is_found = |lookup| match lookup {
                Dynamic::String(lookup) => !lookup.is_empty() && text.contains(lookup),
                _ => false,
            };
            if !lookups.iter().any(is_found) {
                return text;
            }
            let mut pieces = vec![Piece::Open(&text)];
            for (at, lookup) in lookups.iter().enumerate() {
                if let Dynamic::String(lookup) = lookup
                    && !lookup.is_empty()
                {
                    // What has no text to take its place stays, and is not looked at again.
                    let rewrite = match rewrites.get(at) {
                        Some(Dynamic::String(rewrite)) => rewrite,
                        _ => lookup,
                    };
                    pieces = replaced(pieces, lookup, rewrite);
                }
            }
            let closed = || {
                pieces.iter().map(|piece| match piece {
                    Piece::Open(text) | Piece::Done(text) => *text,
                })
            };
            if !may_become(closed().map(str::len).sum(), text.len()) {
                return Cow::Borrowed("");
            }
            Cow::Owned(closed().collect())
        })
    },
};

/// A part of the text.
#[derive(Clone, Copy, Debug)]
enum Piece<'t> {
    /// Still as it was.
    Open(&'t str),
    /// Put in.
    Done(&'t str),
}

fn array(cell: Cell<'_>) -> Option<Array<'_>> {
    cell.dynamic().and_then(Dynamic::array)
}

fn replaced<'t>(pieces: Vec<Piece<'t>>, lookup: &str, rewrite: &'t str) -> Vec<Piece<'t>> {
    let mut after = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Piece::Open(text) = piece else {
            after.push(piece);
            continue;
        };
        for (at, part) in text.split(lookup).enumerate() {
            if at > 0 {
                after.push(Piece::Done(rewrite));
            }
            if !part.is_empty() {
                after.push(Piece::Open(part));
            }
        }
    }
    after
}
