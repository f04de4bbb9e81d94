//! Expressions that are often written as other languages write them: what was meant is read, and the slip is told once.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::span::Span;
use crate::syntax::{Between, BinaryOperator, Expr, ExprKind, Literal};

impl Parser<'_> {
    pub(super) fn between(&mut self, value: Expr) -> Expr {
        let start = value.span.start;
        let word = self.text();
        let negated = word.starts_with('!');
        self.bump();
        let has_bracket = self.at_sign("(");
        if has_bracket {
            self.bump();
        }
        let low_start = self.token().span.start;
        let low = self.expression();
        let (low, high) = match self.ends(low, word, has_bracket, low_start) {
            Ok(ends) => ends,
            Err(low) => {
                let points = self.token().span;
                let is_bare = !has_bracket && self.at_sign("..");
                if !has_bracket && !is_bare {
                    self.expected("`(`");
                }
                self.expect_sign("..");
                let high = self.expression();
                if is_bare {
                    let (from, to) = (low.span.text(self.query), high.span.text(self.query));
                    let diagnostic =
                        Diagnostic::error(Code::SYN0002, points, "the ends of `between` stand in brackets");
                    self.error(diagnostic.hint(format!("write `{word} ({from} .. {to})`")));
                }
                (low, high)
            }
        };
        if has_bracket {
            self.expect_sign(")");
        }
        let between = Between {
            value,
            negated,
            low,
            high,
        };
        Expr {
            kind: ExprKind::Between(Box::new(between)),
            span: self.span_from(start),
        }
    }

    /// Both ends, where they stand as in SQL: `between (1 and 5)`, `between 1 and 5`, `between (1, 5)`. The slip is told
    /// here; what stands there otherwise is given back.
    fn ends(&mut self, low: Expr, word: &str, has_bracket: bool, start: u32) -> Result<(Expr, Expr), Expr> {
        let (low, high, at) = match low.kind {
            ExprKind::Chain(first, mut links)
                if links.len() == 1
                    && links.iter().all(|link| link.operator == BinaryOperator::And)
                    && !self.at_sign("..") =>
            {
                match links.pop() {
                    Some(link) => (*first, link.right, link.at),
                    None => return Err(*first),
                }
            }
            _ if has_bracket && self.at_sign(",") => {
                let at = self.bump().span;
                (low, self.expression(), at)
            }
            kind => return Err(Expr { kind, ..low }),
        };
        let inside = Span::new(start, self.end().max(start));
        let message = "the ends of `between` have `..` between them";
        let (from, to) = (low.span.text(self.query), high.span.text(self.query));
        let place = if inside.start <= at.start { at } else { inside };
        let diagnostic = Diagnostic::error(Code::SYN0002, place, message);
        self.error(diagnostic.hint(format!("write `{word} ({from} .. {to})`")));
        Ok((low, high))
    }

    /// True behind the first numbers of an address that stands without quotes: `10.0` in `10.0.0.4`.
    pub(super) fn at_address(&self, base: &Expr) -> bool {
        let is_number = matches!(base.kind, ExprKind::Literal(Literal::Real(_) | Literal::Long(_)));
        let (point, number) = (self.token(), self.ahead(1));
        is_number
            && self.at_sign(".")
            && point.is_adjacent()
            && number.is_adjacent()
            && matches!(number.kind, TokenKind::Real | TokenKind::Long)
    }

    /// Passes over it, with the length of a network behind it, and says how it is written.
    pub(super) fn address(&mut self, start: u32) -> Expr {
        let goes_on = |parser: &Self| {
            let is_part = matches!(parser.kind(), TokenKind::Real | TokenKind::Long)
                || parser.at_sign(".")
                || (parser.at_sign("/") && parser.ahead(1).kind == TokenKind::Long);
            is_part && parser.token().is_adjacent()
        };
        while goes_on(self) {
            self.bump();
        }
        let span = self.span_from(start);
        let text = span.text(self.query);
        let message = format!("`{text}` is no number, and a text stands in quotes");
        self.error(Diagnostic::error(Code::SYN0002, span, message).hint(format!("write `\"{text}\"`")));
        Expr {
            kind: ExprKind::Missing,
            span,
        }
    }
}
