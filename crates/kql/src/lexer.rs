//! Text to tokens. Every byte of the query belongs to a token or to the blanks between two, nothing
//! is refused: what cannot begin a token becomes one of its own, and the parser says what is wrong.

mod literal;
mod token;

pub use literal::{
    TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
};
pub(crate) use literal::{text_value, unit_ticks};
pub use token::{Token, TokenKind};

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;

/// Keywords with a dash inside; everywhere else `a-b` is a difference.
const DASHED: [&str; 28] = [
    "assert-schema",
    "contextual-datatable",
    "execute-and-cache",
    "granny-asc",
    "granny-desc",
    "graph-mark-components",
    "graph-match",
    "graph-merge",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "parse-kv",
    "parse-where",
    "project-away",
    "project-smart",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "sample-distinct",
    "top-hitters",
    "top-nested",
];

/// Types whose name, directly followed by a bracket, begins a literal and not a call.
const TYPED: [&str; 13] = [
    "bool", "date", "datetime", "decimal", "double", "guid", "int", "int32", "int64", "long", "real", "time",
    "timespan",
];

/// Words that go on with `~`.
const TILDE: [&str; 2] = ["in", "!in"];

/// The tokens of a query, and what is wrong with them alone (texts without an end).
#[must_use]
pub fn tokens(query: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer {
        query,
        at: 0,
        tokens: Vec::with_capacity(query.len() / 4 + 1),
        diagnostics: Vec::new(),
    };
    lexer.run();
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'q> {
    query: &'q str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

/// Queries are at most this long (`u32` holds every place in one).
pub(crate) const QUERY_BYTES_MAX: usize = 16 << 20;

#[expect(
    clippy::cast_possible_truncation,
    reason = "queries longer than QUERY_BYTES_MAX are refused before they come here"
)]
const fn place(at: usize) -> u32 {
    at as u32
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.query.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &str {
        self.query.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        loop {
            let previous_end = place(self.at);
            self.blanks();
            let start = self.at;
            if start >= self.query.len() {
                self.push(TokenKind::End, start, previous_end);
                return;
            }
            let kind = self.token();
            if self.at <= start {
                self.at = self.query.len();
            }
            self.push(kind, start, previous_end);
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize, previous_end: u32) {
        self.tokens.push(Token {
            kind,
            span: Span::new(place(start), place(self.at)),
            previous_end,
        });
    }

    /// Passes over white space, comments and client directives (`#...` at the beginning of a line).
    fn blanks(&mut self) {
        loop {
            match self.byte(0) {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.byte(1) == b'/' => self.pass_line(),
                b'#' if self.at_line_start() => self.pass_line(),
                byte if byte >= 0x80 => match self.rest().chars().next() {
                    Some(c) if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' => {
                        self.at += c.len_utf8()
                    }
                    _ => return,
                },
                _ => return,
            }
        }
    }

    fn at_line_start(&self) -> bool {
        let before = self.query.as_bytes().get(..self.at).unwrap_or_default();
        before
            .iter()
            .rev()
            .find(|&&byte| byte != b' ' && byte != b'\t')
            .is_none_or(|&byte| byte == b'\n')
    }

    fn pass_line(&mut self) {
        let rest = self.query.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest
            .iter()
            .position(|&byte| byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
    }

    fn token(&mut self) -> TokenKind {
        let first = self.byte(0);
        match first {
            b'"' | b'\'' => self.text(0),
            b'@' if matches!(self.byte(1), b'"' | b'\'') => self.text(0),
            b'`' if self.rest().starts_with("```") => self.text(0),
            b'~' if self.rest().starts_with("~~~") => self.text(0),
            b'h' | b'H' if self.hidden_text() => self.text(1),
            b'0'..=b'9' => self.number_or_word(),
            b'!' => self.bang(),
            _ if first.is_ascii_alphabetic() || first == b'_' || first == b'$' => self.word(),
            _ => self.sign(),
        }
    }

    fn hidden_text(&self) -> bool {
        match self.byte(1) {
            b'"' | b'\'' => true,
            b'@' => matches!(self.byte(2), b'"' | b'\''),
            b'`' => self.rest().get(1..).is_some_and(|rest| rest.starts_with("```")),
            b'~' => self.rest().get(1..).is_some_and(|rest| rest.starts_with("~~~")),
            _ => false,
        }
    }

    /// A text; `prefix` bytes stand before its quotes.
    fn text(&mut self, prefix: usize) -> TokenKind {
        let start = self.at;
        let rest = self.query.get(self.at + prefix..).unwrap_or_default();
        let (length, closed) = literal::text_length(rest);
        self.at += prefix + length;
        if !closed {
            let quote = rest.trim_start_matches('@').chars().next().unwrap_or('"');
            self.diagnostics.push(
                Diagnostic::error(
                    Code::SYN0002,
                    Span::new(place(start), place(self.at)),
                    format!("the text that begins here has no closing {quote}"),
                )
                .hint("close it on the same line, or write ``` before and after a text of several lines"),
            );
        } else if let Some((at, length)) = literal::wrong_escape(rest.get(..length).unwrap_or_default()) {
            let from = start + prefix + at;
            let escape = rest.get(at..at + length).unwrap_or("\\");
            self.diagnostics.push(
                Diagnostic::error(
                    Code::SYN0002,
                    Span::new(place(from), place(from + length)),
                    format!("`{escape}` stands for no character"),
                )
                .hint("`@'...'` takes backslashes as they are; elsewhere `\\\\` is one"),
            );
        }
        TokenKind::Text
    }

    fn number_or_word(&mut self) -> TokenKind {
        let (length, kind) = literal::number(self.rest());
        self.at += length;
        kind
    }

    fn word_length(&self) -> usize {
        let rest = self.query.as_bytes().get(self.at..).unwrap_or_default();
        rest.iter()
            .skip(1)
            .position(|&byte| !byte.is_ascii_alphanumeric() && byte != b'_')
            .map_or(rest.len(), |at| at + 1)
    }

    fn word(&mut self) -> TokenKind {
        let length = self.word_length();
        let rest = self.rest();
        if rest.as_bytes().get(length) == Some(&b'-')
            && let Some(dashed) = dashed(rest)
        {
            self.at += dashed.len();
            return TokenKind::Word;
        }
        let word = rest.get(..length).unwrap_or_default();
        let next = rest.as_bytes().get(length).copied();
        if next == Some(b'(') && TYPED.contains(&word) {
            let inside = rest.get(length + 1..).unwrap_or_default();
            if let Some(closing) = literal::typed_length(inside) {
                self.at += length + 1 + closing;
                return TokenKind::Typed;
            }
        }
        let tilde = next == Some(b'~') && TILDE.contains(&word);
        self.at += length + usize::from(tilde);
        TokenKind::Word
    }

    /// `!=`, `!~`, or `!` with a word: `!in`, `!in~`, `!has_cs`.
    fn bang(&mut self) -> TokenKind {
        if matches!(self.byte(1), b'=' | b'~') {
            self.at += 2;
            return TokenKind::Sign;
        }
        if !self.byte(1).is_ascii_alphabetic() {
            self.at += 1;
            return TokenKind::Unknown;
        }
        self.at += 1;
        let length = self.word_length();
        let word = self.rest().get(..length).unwrap_or_default();
        let tilde = word == "in" && self.rest().as_bytes().get(length) == Some(&b'~');
        self.at += length + usize::from(tilde);
        TokenKind::Word
    }

    fn sign(&mut self) -> TokenKind {
        const PAIRS: [&str; 7] = ["==", "=~", "<=", ">=", "<>", "=>", ".."];
        let rest = self.rest();
        if let Some(pair) = PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
            self.at += pair.len();
            return TokenKind::Sign;
        }
        let Some(first) = rest.chars().next() else {
            return TokenKind::Unknown;
        };
        self.at += first.len_utf8();
        if "()[]{}|;,.=<>+-*/%:?@&".contains(first) {
            return TokenKind::Sign;
        }
        TokenKind::Unknown
    }
}

/// The dashed keyword that the text begins with, if it does not go on as a longer word.
fn dashed(rest: &str) -> Option<&'static str> {
    let ends_there = |word: &str| {
        let next = rest.as_bytes().get(word.len());
        next.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
    };
    DASHED
        .into_iter()
        .find(|word| rest.starts_with(*word) && ends_there(word))
}

#[cfg(test)]
mod tests;
