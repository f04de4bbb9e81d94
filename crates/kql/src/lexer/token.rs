//! The kinds of tokens. Keywords are contextual in KQL: almost any of them may name a column, so
//! that a word is just a word here, and the parser asks for its text.

use crate::span::Span;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TokenKind {
    /// A name or a keyword; also the dashed keywords (`mv-expand`) and those with `~` (`in~`).
    Word,
    /// A whole number, decimal or hexadecimal: of type `long`.
    Long,
    /// A number with a point or an exponent.
    Real,
    /// A number and a unit: `5m`, `1.5d`.
    Timespan,
    /// A text in quotes, verbatim, hidden (`h"..."`) or of several lines.
    Text,
    /// `typename(...)` whose inside is not an expression: `datetime(2026-01-01)`.
    Typed,
    /// Punctuation and operators.
    Sign,
    /// What cannot begin a token.
    Unknown,
    /// The end of the query.
    End,
}

/// A token: its kind, its place, and whether white space stands before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place.
    pub span: Span,
    /// The end of what went before: blanks and comments lie between.
    pub previous_end: u32,
}

impl Token {
    /// True if nothing stands between the token before and this one.
    #[must_use]
    pub const fn is_adjacent(&self) -> bool {
        self.previous_end == self.span.start
    }
}
