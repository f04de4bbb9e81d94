//! Calls and their arguments.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::{Call, Expr, ExprKind, Name};

impl Parser<'_> {
    /// The arguments of a call behind its name.
    pub(super) fn call(&mut self, name: Name) -> Call {
        let start = name.span.start;
        self.expect_sign("(");
        let takes_rows = matches!(name.text.as_str(), "materialize" | "toscalar" | "totable")
            // That there is no such function is told of its name.
            || name.text.eq_ignore_ascii_case("exists");
        let argument = |parser: &mut Self| parser.argument(takes_rows);
        let arguments = self.deeper(|parser| parser.list(")", argument), |_| Vec::new());
        self.expect_sign(")");
        Call {
            name,
            arguments,
            span: self.span_from(start),
        }
    }

    /// An argument. Rows that an operator makes stand in brackets, but for the few functions that take nothing else.
    fn argument(&mut self, takes_rows: bool) -> Expr {
        if self.at_sign("*") && (self.sign_ahead(1, ",") || self.sign_ahead(1, ")")) {
            let span = self.bump().span;
            return Expr {
                kind: ExprKind::Star,
                span,
            };
        }
        let argument = self.tabular_or_named();
        let rows = match &argument.kind {
            ExprKind::Named(_, value) => value,
            _ => &argument,
        };
        if !takes_rows && matches!(rows.kind, ExprKind::Pipe(_)) {
            let text = super::shortened(rows.span.text(self.query));
            let message = "an operator in an argument stands in brackets";
            let diagnostic = Diagnostic::error(Code::SYN0002, rows.span, message);
            self.error(diagnostic.hint(format!("write `({text})`")));
        }
        argument
    }
}
