//! Statements, and the parameters and bodies of functions.

use super::Parser;
use crate::lexer::TokenKind;
use crate::syntax::{
    ColumnDeclaration, Expr, Function, LetValue, Parameter, ParameterType, Pattern, PatternCase, Query,
    Statement, StatementKind, TypeName,
};

impl Parser<'_> {
    /// Statements up to the end, or up to the sign that closes a function's body.
    pub(super) fn query_block(&mut self, closing: Option<&str>) -> Query {
        let mut statements = Vec::new();
        loop {
            while self.take_sign(";") {}
            let closed = closing.is_some_and(|closing| self.at_sign(closing));
            if closed || self.at_end() {
                return Query { statements };
            }
            let before = self.at;
            let start = self.token().span.start;
            let kind = self.statement();
            statements.push(Statement {
                kind,
                span: self.span_from(start),
            });
            let closed = closing.is_some_and(|closing| self.at_sign(closing));
            if closed || self.at_end() {
                return Query { statements };
            }
            if !self.at_sign(";") {
                self.expected("`|`, `;` or the end of the query");
                self.skip_to(&[";"]);
                // A bracket that nothing opened ends the skipping as well.
                if !self.at_sign(";") && !self.at_end() && closing.is_none() {
                    self.bump();
                }
            }
            if self.at == before {
                self.bump();
            }
        }
    }

    fn statement(&mut self) -> StatementKind {
        let begins_name =
            |parser: &Self, by: usize| parser.ahead(by).kind == TokenKind::Word || parser.sign_ahead(by, "[");
        match self.text() {
            "let" if begins_name(self, 1) && (self.sign_ahead(2, "=") || self.sign_ahead(1, "[")) => {
                self.let_statement()
            }
            "set" if begins_name(self, 1) => self.set_statement(),
            "declare" if self.word_ahead(1, "query_parameters") => {
                self.at += 2;
                StatementKind::DeclareParameters(self.parameters())
            }
            "declare" if self.word_ahead(1, "pattern") => {
                self.at += 2;
                let name = self.name("the name of the pattern");
                let pattern = match self.take_sign("=") {
                    true => self.pattern(),
                    false => Pattern::default(),
                };
                StatementKind::DeclarePattern(name, pattern)
            }
            "alias" if self.word_ahead(1, "database") => {
                self.at += 2;
                let name = self.name("a name for the database");
                self.expect_sign("=");
                StatementKind::AliasDatabase(name, self.expression())
            }
            "restrict" if self.word_ahead(1, "access") => {
                self.at += 2;
                self.expect_word("to");
                self.expect_sign("(");
                let tables = self.list(")", Self::table_reference);
                self.expect_sign(")");
                StatementKind::RestrictAccess(tables)
            }
            _ => StatementKind::Expression(self.tabular()),
        }
    }

    /// `(a: string)[b: string] { ("x").["y"] = { query }; }`.
    fn pattern(&mut self) -> Pattern {
        let parameters = self.parameters();
        let path = self.take_sign("[").then(|| {
            let path = self.parameter();
            self.expect_sign("]");
            path
        });
        let mut cases = Vec::new();
        self.expect_sign("{");
        while self.at_sign("(") {
            cases.push(self.pattern_case());
            while self.take_sign(";") {}
        }
        self.expect_sign("}");
        Pattern {
            parameters,
            path,
            cases,
        }
    }

    fn pattern_case(&mut self) -> PatternCase {
        self.expect_sign("(");
        let arguments = self.list(")", Self::expression);
        self.expect_sign(")");
        let path = self.take_sign(".").then(|| {
            self.expect_sign("[");
            let path = self.expression();
            self.expect_sign("]");
            path
        });
        self.expect_sign("=");
        self.expect_sign("{");
        let body = self.deeper(|parser| parser.query_block(Some("}")), |_| Query::default());
        self.expect_sign("}");
        PatternCase {
            arguments,
            path,
            body,
        }
    }

    fn set_statement(&mut self) -> StatementKind {
        self.bump();
        let name = self.name("the name of an option");
        let value = self.take_sign("=").then(|| self.expression());
        StatementKind::Set(name, value)
    }

    fn let_statement(&mut self) -> StatementKind {
        self.bump();
        let name = self.name("a name");
        self.expect_sign("=");
        let value = if self.at_word("entity_group") && self.sign_ahead(1, "[") {
            self.at += 2;
            let members = self.list("]", Self::expression);
            self.expect_sign("]");
            LetValue::EntityGroup(members)
        } else if self.at_function() {
            LetValue::Function(self.function())
        } else {
            LetValue::Expression(self.tabular())
        };
        StatementKind::Let(name, value)
    }

    /// True at `(name: type ...) {`, `() {` and `view (...)`.
    fn at_function(&self) -> bool {
        let mut at = usize::from(self.at_word("view"));
        if !self.sign_ahead(at, "(") {
            return false;
        }
        at += 1;
        if self.sign_ahead(at, ")") {
            return self.sign_ahead(at + 1, "{");
        }
        let name = match () {
            () if self.sign_ahead(at, "[") => at + 3,
            () => at + 1,
        };
        // `(a: "x")` is a search in brackets; a parameter's type is a word or a bracket.
        self.sign_ahead(name, ":")
            && (self.ahead(name + 1).kind == TokenKind::Word || self.sign_ahead(name + 1, "("))
    }

    fn function(&mut self) -> Function {
        let is_view = self.take_word("view");
        let parameters = self.parameters();
        self.expect_sign("{");
        let body = self.deeper(|parser| parser.query_block(Some("}")), |_| Query::default());
        self.expect_sign("}");
        Function {
            is_view,
            parameters,
            body,
        }
    }

    /// `(a: long, b: string = "x", T: (*))`.
    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        self.expect_sign("(");
        let parameters = self.list(")", Self::parameter);
        self.expect_sign(")");
        parameters
    }

    fn parameter(&mut self) -> Parameter {
        let name = self.name("the name of a parameter");
        self.expect_sign(":");
        let kind = if self.take_sign("(") {
            let kind = if self.take_sign("*") {
                ParameterType::AnyTable
            } else {
                ParameterType::Table(self.list(")", Self::column_declaration))
            };
            self.expect_sign(")");
            kind
        } else {
            ParameterType::Scalar(self.type_name())
        };
        let default = self.take_sign("=").then(|| self.expression());
        Parameter { name, kind, default }
    }

    /// `(a: long, b: string)`.
    pub(super) fn column_declarations(&mut self) -> Vec<ColumnDeclaration> {
        self.expect_sign("(");
        let columns = self.list(")", Self::column_declaration);
        self.expect_sign(")");
        columns
    }

    pub(super) fn column_declaration(&mut self) -> ColumnDeclaration {
        let name = self.declared_name("the name of a column");
        self.expect_sign(":");
        ColumnDeclaration {
            name,
            kind: self.type_name(),
        }
    }

    /// A type as it is written; whether there is such a type is the binder's to say.
    pub(super) fn type_name(&mut self) -> TypeName {
        let token = self.token();
        if token.kind == TokenKind::Word {
            self.bump();
        } else {
            self.expected("a type such as `long` or `string`");
        }
        TypeName {
            text: if token.kind == TokenKind::Word {
                self.text_of(token).to_owned()
            } else {
                String::new()
            },
            span: token.span,
        }
    }

    /// Comma-separated items up to a closing sign, which is left there.
    pub(super) fn list<T>(&mut self, closing: &str, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        if self.at_sign(closing) || self.at_end() {
            return items;
        }
        loop {
            let before = self.at;
            items.push(item(self));
            if self.take_sign(",") {
                continue;
            }
            if self.at_sign(closing) || self.at_end() {
                return items;
            }
            self.expected(&format!("`,` or `{closing}`"));
            self.skip_to(&[",", ";", "|"]);
            if !self.take_sign(",") {
                return items;
            }
            if self.at == before {
                return items;
            }
        }
    }

    /// A table in `union`, `find`, `search`: a name, maybe with a pattern, or a pipeline in brackets.
    pub(super) fn table_reference(&mut self) -> Expr {
        if let Some(wildcard) = self.wildcard() {
            return wildcard;
        }
        self.expression()
    }
}
