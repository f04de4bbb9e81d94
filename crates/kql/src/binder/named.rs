//! Rows by a name: what a `let` gives, a table, a view or another stored function.

use std::rc::Rc;
use std::sync::Arc;

use super::Binder;
use super::function::Argument;
use super::scope::{Meaning, Scope, nearest};
use super::slips::listed;
use super::tabular::{outer, push, shared};
use crate::bound::{Column, Rows, Scalar, Source, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Function, LetValue, Name, Query, StatementKind};

impl Binder<'_> {
    pub(super) fn named_rows(&mut self, name: &Name) -> Option<Rows> {
        match self.meaning(&name.text) {
            Some(Meaning::Rows(rows)) => return Some(shared(rows)),
            Some(Meaning::Function(function, scope)) => {
                let arguments = self.default_arguments(&function, name)?;
                return self.call_tabular_function(&function, &scope, arguments, name.span);
            }
            Some(Meaning::Pattern(..)) => {
                let message = format!("`{}` is a pattern; its texts are missing", name.text);
                return self.error(Code::SEM0219, name.span, message);
            }
            Some(Meaning::Scalar(..)) => {
                let message = format!("`{}` is one value, where rows are asked for", name.text);
                return self.error(Code::SEM0009, name.span, message);
            }
            None => {}
        }
        if let Some(columns) = self.table(&name.text) {
            return Some(self.table_rows(&name.text, columns));
        }
        if let Some(function) = self.stored(&name.text) {
            let arguments = self.default_arguments(&function, name)?;
            return self.stored_rows(&name.text, &function, arguments, name.span);
        }
        self.unknown_table(name)
    }

    pub(super) fn unknown_table(&mut self, name: &Name) -> Option<Rows> {
        if self.broken.contains(&name.text) || self.has_told(name.span) {
            return None;
        }
        let mut known = self.table_names();
        known.extend(self.scope.names().map(|(name, _)| name.to_owned()));
        let tables = known.len();
        let stored = self.catalog.stored_names();
        known.extend(stored.into_iter().map(|(name, _)| name.to_owned()));
        let mut diagnostic = Diagnostic::error(
            Code::SEM0100,
            name.span,
            format!("there is no table `{}`", name.text),
        );
        if let Some(hint) = self.catalog.table_elsewhere(&name.text) {
            diagnostic = diagnostic.hint(hint);
        } else if let Some(hint) = nearest(&name.text, known.iter().map(String::as_str)) {
            diagnostic = diagnostic.hint(hint);
        } else if !known.is_empty() {
            let known: Vec<&str> = known.iter().take(tables.max(1)).map(String::as_str).collect();
            let (shown, more) = listed(&known);
            let more = more.map_or_else(String::new, |more| format!(", and {more} more"));
            diagnostic = diagnostic.hint(format!("there are {shown}{more}"));
        }
        self.tell(diagnostic)
    }

    /// A stored function, parsed.
    pub(super) fn stored(&self, name: &str) -> Option<Rc<Function>> {
        let text = self.stored_text(name)?;
        let (query, _) = crate::parser::parse(&format!("let f = {text}"));
        let Query { statements } = query;
        statements.into_iter().find_map(|statement| match statement.kind {
            StatementKind::Let(_, LetValue::Function(function)) => Some(Rc::new(function)),
            _ => None,
        })
    }

    /// The rows of a stored function.
    pub(super) fn stored_rows(
        &mut self,
        name: &str,
        function: &Function,
        arguments: Vec<Argument>,
        span: Span,
    ) -> Option<Rows> {
        self.stored_calls += 1;
        let rows = self.call_tabular_function(function, &Scope::default(), arguments, span);
        self.stored_calls -= 1;
        let mut rows = outer(Arc::new(rows?), |rows| Source::View(name.to_owned(), rows));
        self.within_times(name, &mut rows);
        Some(rows)
    }

    /// The rows of a table.
    pub(super) fn table_rows(&self, name: &str, columns: Vec<Column>) -> Rows {
        let mut rows = Rows::new(Source::Table(name.to_owned()), columns);
        self.within_times(name, &mut rows);
        rows
    }

    /// Leaves only the times that are asked for of what the query itself names; what views are made of has the times
    /// that they need.
    fn within_times(&self, name: &str, rows: &mut Rows) {
        if self.stored_calls > 0 {
            return;
        }
        rows.name = Some(name.to_owned());
        let time = self.catalog.time_column(name);
        let at = rows.columns().iter().position(|column| &*column.name == time);
        let (Some((from, before)), Some(at)) = (self.catalog.timespan(), at) else {
            return;
        };
        for (operator, ticks) in [(">=", from), ("<", before)] {
            let span = Span::default();
            let condition = Scalar::compared(at, operator, ticks, span);
            push(rows, StepKind::Filter(condition), None, span);
        }
    }
}
