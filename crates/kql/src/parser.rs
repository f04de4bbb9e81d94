//! Tokens to a tree, by recursive descent: one function for each production. It never gives up: what cannot
//! be read becomes `Missing` with a diagnostic, and reading goes on at the next `|`, `;`, `,` or bracket.
//!
//! It knows no names and no types; whether `count` is a column or a function is for the binder to say.

mod call;
mod expression;
mod foreign;
mod lists;
mod literal;
mod name;
mod operator;
mod slip;
mod statement;
mod transform;

pub use lists::OPERATORS;

use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::{QUERY_BYTES_MAX, Token, TokenKind, tokens};
use crate::span::Span;
use crate::syntax::Query;

/// How deep brackets, calls and subqueries may nest. Published queries reach 40; a thread's stack holds more.
pub const DEPTH_MAX: usize = 200;

/// How many operators of a chain may stand each inside of the other: `a + b + c` is `(a + b) + c`, and so is `a.b.c`. All
/// that reads a bound expression goes down it, one call in another, and a name's expression may be as deep.
pub(crate) const CHAIN_MAX: usize = 500;

/// More diagnostics than this help nobody.
const DIAGNOSTICS_MAX: usize = 50;

/// Parses a query. The tree holds what could be read, the diagnostics say what could not.
#[must_use]
pub fn parse(query: &str) -> (Query, Vec<Diagnostic>) {
    if query.len() > QUERY_BYTES_MAX {
        let message = format!(
            "the query has {} bytes; at most {QUERY_BYTES_MAX} are read",
            query.len()
        );
        return (
            Query::default(),
            vec![Diagnostic::error(Code::SYN0200, Span::at(0), message)],
        );
    }
    let (tokens, diagnostics) = tokens(query);
    let mut parser = Parser {
        query,
        tokens,
        at: 0,
        depth: 0,
        height: 0,
        too_deep: false,
        diagnostics,
    };
    let parsed = parser.query_block(None);
    parser.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    parser.diagnostics.truncate(DIAGNOSTICS_MAX);
    (parsed, parser.diagnostics)
}

struct Parser<'q> {
    query: &'q str,
    /// The last one is always `End`.
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// How many operators stand each inside of the other in what was read last.
    height: usize,
    too_deep: bool,
    diagnostics: Vec<Diagnostic>,
}

const END: Token = Token {
    kind: TokenKind::End,
    span: Span::at(0),
    previous_end: 0,
};

impl<'q> Parser<'q> {
    fn token(&self) -> Token {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Token {
        let last = self.tokens.last().copied().unwrap_or(END);
        self.tokens.get(self.at + by).copied().unwrap_or(last)
    }

    fn text_of(&self, token: Token) -> &'q str {
        token.span.text(self.query)
    }

    fn text(&self) -> &'q str {
        self.text_of(self.token())
    }

    fn text_ahead(&self, by: usize) -> &'q str {
        self.text_of(self.ahead(by))
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn at_end(&self) -> bool {
        self.kind() == TokenKind::End
    }

    fn at_sign(&self, sign: &str) -> bool {
        self.sign_ahead(0, sign)
    }

    fn sign_ahead(&self, by: usize, sign: &str) -> bool {
        let token = self.ahead(by);
        token.kind == TokenKind::Sign && self.text_of(token) == sign
    }

    fn at_word(&self, word: &str) -> bool {
        self.word_ahead(0, word)
    }

    fn word_ahead(&self, by: usize, word: &str) -> bool {
        let token = self.ahead(by);
        token.kind == TokenKind::Word && self.text_of(token) == word
    }

    /// Takes the token.
    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let there = self.at_sign(sign);
        if there {
            self.at += 1;
        }
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.at_word(word);
        if there {
            self.at += 1;
        }
        there
    }

    /// Where the token before ended.
    fn end(&self) -> u32 {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(0, |token| token.span.end)
    }

    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.end().max(start))
    }

    /// Says what is wrong, once a place.
    fn error(&mut self, diagnostic: Diagnostic) {
        let known = self
            .diagnostics
            .iter()
            .any(|held| held.span.start == diagnostic.span.start);
        if !known && !self.too_deep && self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Something else was expected here.
    fn expected(&mut self, what: &str) {
        // What will not be told is not put into words.
        if self.too_deep || self.diagnostics.len() >= DIAGNOSTICS_MAX {
            return;
        }
        let token = self.token();
        let found = match token.kind {
            TokenKind::End => "the query ends".to_owned(),
            _ => format!("`{}` stands there", shortened(self.text_of(token))),
        };
        let diagnostic =
            Diagnostic::error(Code::SYN0002, token.span, format!("expected {what}, but {found}"));
        let diagnostic = match foreign::hint(self, what) {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        };
        self.error(diagnostic);
    }

    fn expect_sign(&mut self, sign: &str) -> bool {
        let there = self.take_sign(sign);
        if !there {
            self.expected(&format!("`{sign}`"));
        }
        there
    }

    fn expect_word(&mut self, word: &str) -> bool {
        let there = self.take_word(word);
        if !there {
            self.expected(&format!("`{word}`"));
        }
        there
    }

    /// Passes over tokens until one of these signs on the same level of brackets, or the end.
    fn skip_to(&mut self, signs: &[&str]) {
        let mut level = 0_usize;
        while !self.at_end() {
            let text = if self.kind() == TokenKind::Sign {
                self.text()
            } else {
                ""
            };
            if level == 0 && signs.contains(&text) {
                return;
            }
            match text {
                "(" | "[" | "{" => level += 1,
                ")" | "]" | "}" if level == 0 => return,
                ")" | "]" | "}" => level -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Goes one level deeper, or says that it is too deep; whoever calls then reads nothing.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T, otherwise: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEPTH_MAX {
            let message = format!("brackets nest deeper than {DEPTH_MAX} levels here");
            self.give_up(message, "give parts of the query names with `let`");
            return otherwise(self);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

impl Parser<'_> {
    /// The query is deeper than it may be: nothing more of it is read.
    fn give_up(&mut self, message: String, hint: &str) {
        self.error(Diagnostic::error(Code::SYN0200, self.token().span, message).hint(hint));
        self.too_deep = true;
        // To the end, so that no level above stumbles over the rest.
        self.at = self.tokens.len().saturating_sub(1);
    }

    /// What stands left of an operator, so deep, becomes one with what was read to its right, if it is not too deep then.
    fn above(&mut self, left: usize) -> usize {
        let height = left.max(self.height) + 1;
        if height > CHAIN_MAX && !self.too_deep {
            let message = format!("more than {CHAIN_MAX} operators stand one behind the other here");
            self.give_up(
                message,
                "brackets around parts of it make it less deep, as in `(a + b) + (c + d)`",
            );
        }
        height
    }
}

/// A piece of the query for a message.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}...", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
