//! Which expressions give rows, and which one value: told by what they name, before they are bound.

use super::Binder;
use super::qualified::elsewhere;
use super::scope::Meaning;
use crate::syntax::{Call, Expr, ExprKind, Function, LetValue, ParameterType, Statement, StatementKind};

impl Binder<'_> {
    /// True if the expression gives rows.
    pub(super) fn is_tabular(&self, expression: &Expr) -> bool {
        self.gives_rows(expression, &[])
    }

    /// The same inside of a function's body, some of whose names are known to give rows or not.
    fn gives_rows(&self, expression: &Expr, locals: &[(&str, bool)]) -> bool {
        match &expression.kind {
            ExprKind::Pipe(_) | ExprKind::DataTable(_) | ExprKind::ExternalData(_) => true,
            ExprKind::Group(inside) => self.gives_rows(inside, locals),
            ExprKind::Named(_, value) => self.gives_rows(value, locals),
            ExprKind::Name(name) => {
                if let Some((_, rows)) = locals.iter().rev().find(|(local, _)| *local == name.text) {
                    return *rows;
                }
                if self.find_column(&name.text).is_some() {
                    return false;
                }
                match self.scope.find(&name.text) {
                    Some(Meaning::Rows(_) | Meaning::Pattern(..)) => true,
                    Some(Meaning::Scalar(_)) => false,
                    Some(Meaning::Function(function, _)) => self.function_gives_rows(function),
                    None => {
                        self.catalog.table(&name.text).is_some()
                            || self.catalog.stored_function(&name.text).is_some()
                    }
                }
            }
            ExprKind::Call(call) => self.call_gives_rows(call),
            ExprKind::Path(base, _) => match &base.kind {
                ExprKind::Call(call) => {
                    let name = call.name.text.as_str();
                    self.pattern_named(name).is_some()
                        || (self.scope.find(name).is_none()
                            && (name == "database" || elsewhere(name).is_some()))
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn call_gives_rows(&self, call: &Call) -> bool {
        let name = call.name.text.as_str();
        match self.scope.find(name) {
            Some(Meaning::Function(function, _)) => self.function_gives_rows(function),
            Some(Meaning::Pattern(..)) => true,
            Some(_) => false,
            None => {
                matches!(
                    name,
                    "table"
                        | "materialize"
                        | "totable"
                        | "external_table"
                        | "materialized_view"
                        | "stored_query_result"
                        | "graph"
                ) || self.catalog.stored_function(name).is_some()
            }
        }
    }

    fn function_gives_rows(&self, function: &Function) -> bool {
        let mut locals: Vec<(&str, bool)> = function
            .parameters
            .iter()
            .map(|parameter| {
                (
                    parameter.name.text.as_str(),
                    !matches!(parameter.kind, ParameterType::Scalar(_)),
                )
            })
            .collect();
        let Some((last, before)) = function.body.statements.split_last() else {
            return false;
        };
        for Statement { kind, .. } in before {
            if let StatementKind::Let(name, LetValue::Expression(value)) = kind {
                let rows = self.gives_rows(value, &locals);
                locals.push((&name.text, rows));
            }
        }
        match &last.kind {
            StatementKind::Expression(expression) => self.gives_rows(expression, &locals),
            _ => false,
        }
    }
}
