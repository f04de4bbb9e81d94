//! Names: which words may be one where, those that stand before `=`, and patterns of names.

use super::{Parser, lists};
use crate::lexer::{TokenKind, text_value};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Name};

impl Parser<'_> {
    /// `name =` or `(name, name) =`, if they stand here; `==` is another sign.
    pub(super) fn names_before_equals(&mut self) -> Option<Vec<Name>> {
        let before = self.at;
        if let Some(name) = self.take_declared_name() {
            if self.take_sign("=") {
                return Some(vec![name]);
            }
            self.at = before;
            return None;
        }
        if self.take_sign("(") {
            let mut names = Vec::new();
            while let Some(name) = self.take_declared_name() {
                names.push(name);
                if !self.take_sign(",") {
                    break;
                }
            }
            if self.take_sign(")") && self.take_sign("=") {
                return Some(names);
            }
        }
        self.at = before;
        None
    }

    /// A name that is given here, so that most keywords may be one.
    pub(super) fn take_declared_name(&mut self) -> Option<Name> {
        if self.kind() == TokenKind::Word && lists::is_declarable(self.text()) {
            return self.take_bare_word();
        }
        self.take_name()
    }

    /// Any word at all.
    pub(super) fn take_bare_word(&mut self) -> Option<Name> {
        let token = self.token();
        if token.kind != TokenKind::Word {
            return None;
        }
        self.bump();
        Some(Name {
            text: self.text_of(token).to_owned(),
            span: token.span,
        })
    }

    pub(super) fn declared_name(&mut self, what: &str) -> Name {
        match self.take_declared_name() {
            Some(name) => name,
            None => self.name(what),
        }
    }

    /// A word where names of columns cannot stand: a property, a kind of chart, a plugin.
    pub(super) fn bare_word(&mut self, what: &str) -> Name {
        match self.take_bare_word() {
            Some(name) => name,
            None => self.name(what),
        }
    }

    /// A name with `*` in it and nothing between its pieces; `*` alone too.
    pub(super) fn wildcard(&mut self) -> Option<Expr> {
        let first = self.token();
        let is_piece = |parser: &Self, by: usize| {
            let token = parser.ahead(by);
            parser.sign_ahead(by, "*") || matches!(token.kind, TokenKind::Word | TokenKind::Long)
        };
        let mut length = 0;
        let mut stars = 0;
        while is_piece(self, length) && (length == 0 || self.ahead(length).is_adjacent()) {
            stars += usize::from(self.sign_ahead(length, "*"));
            length += 1;
        }
        // `a*b` is a product as well; a pattern is only asked for where products make no sense.
        if stars == 0 {
            return None;
        }
        let span = first.span.to(self.ahead(length - 1).span);
        self.at += length;
        let text = span.text(self.query).to_owned();
        let kind = if text == "*" {
            ExprKind::Star
        } else {
            ExprKind::Wildcard(Name { text, span })
        };
        Some(Expr { kind, span })
    }

    /// A name: a word that may be one, `['any text']` or `["any text"]`.
    pub(super) fn name(&mut self, what: &str) -> Name {
        if let Some(name) = self.take_name() {
            return name;
        }
        self.expected(what);
        Name {
            text: String::new(),
            span: Span::at(self.token().span.start),
        }
    }

    pub(super) fn take_name(&mut self) -> Option<Name> {
        let token = self.token();
        match token.kind {
            TokenKind::Word if !lists::is_reserved(self.text()) => {
                self.at += 1;
                Some(Name {
                    text: self.text_of(token).to_owned(),
                    span: token.span,
                })
            }
            TokenKind::Sign if self.at_bracketed_name() => {
                let text = self.ahead(1);
                self.at += 3;
                Some(Name {
                    text: text_value(self.text_of(text)),
                    span: self.span_from(token.span.start),
                })
            }
            _ => None,
        }
    }

    pub(super) fn at_bracketed_name(&self) -> bool {
        self.at_sign("[") && self.ahead(1).kind == TokenKind::Text && self.sign_ahead(2, "]")
    }
}
