//! Which expressions give rows, and which one value: told by what they name, before they are bound.

use std::rc::Rc;

use super::Binder;
use super::qualified::elsewhere;
use super::scope::{Meaning, Scope};
use crate::syntax::{Call, Expr, ExprKind, Function, LetValue, ParameterType, Statement, StatementKind};

/// Where names stand.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// What they mean there.
    scope: &'p Scope,
    /// Inside of a function: names of which it is known whether they give rows. No columns are seen there.
    locals: Option<&'p [(&'p str, bool)]>,
}

impl Place<'_> {
    fn local(&self, name: &str) -> Option<bool> {
        let (_, rows) = self.locals?.iter().rev().find(|(local, _)| *local == name)?;
        Some(*rows)
    }
}

impl Binder<'_> {
    /// True if the expression gives rows.
    pub(super) fn is_tabular(&self, expression: &Expr) -> bool {
        let place = Place {
            scope: &self.scope,
            locals: None,
        };
        self.gives_rows(expression, place)
    }

    /// True for a name that stands for rows, or for what gives them.
    pub(super) fn gives_rows_by(&self, meaning: &Meaning) -> bool {
        match meaning {
            Meaning::Rows(_) | Meaning::Pattern(..) => true,
            Meaning::Scalar(..) => false,
            Meaning::Function(function, scope) => {
                let address = Rc::as_ptr(function);
                if let Some((_, rows)) = self.constants.tabular.borrow().get(&address) {
                    return *rows;
                }
                let rows = self.function_gives_rows(function, scope, &[]);
                let known = (function.clone(), rows);
                self.constants.tabular.borrow_mut().insert(address, known);
                rows
            }
        }
    }

    fn gives_rows(&self, expression: &Expr, place: Place<'_>) -> bool {
        match &expression.kind {
            ExprKind::Pipe(_) | ExprKind::DataTable(_) | ExprKind::ExternalData(_) => true,
            ExprKind::Group(inside) => self.gives_rows(inside, place),
            ExprKind::Named(_, value) => self.gives_rows(value, place),
            ExprKind::Name(name) => {
                if let Some(rows) = place.local(&name.text) {
                    return rows;
                }
                if place.locals.is_none() && self.find_column(&name.text).is_some() {
                    return false;
                }
                match place.scope.find(&name.text) {
                    Some(meaning) => self.gives_rows_by(meaning),
                    None => {
                        place.scope.sees(&name.text)
                            && (self.catalog.table(&name.text).is_some()
                                || self.catalog.stored_function(&name.text).is_some())
                    }
                }
            }
            ExprKind::Call(call) => self.call_gives_rows(call, place),
            ExprKind::Path(base, _) => match &base.kind {
                ExprKind::Call(call) => {
                    let name = call.name.text.as_str();
                    match place.scope.find(name) {
                        Some(meaning) => matches!(meaning, Meaning::Pattern(..)),
                        None => name == "database" || elsewhere(name).is_some(),
                    }
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn call_gives_rows(&self, call: &Call, place: Place<'_>) -> bool {
        let name = call.name.text.as_str();
        if let Some(rows) = place.local(name) {
            return rows;
        }
        match place.scope.find(name) {
            Some(Meaning::Rows(_)) => false,
            Some(meaning) => self.gives_rows_by(meaning),
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
                ) || (place.scope.sees(name) && self.catalog.stored_function(name).is_some())
            }
        }
    }

    /// The same for a function, whose body sees what the function saw where it was declared, and some names more.
    fn function_gives_rows(&self, function: &Function, scope: &Scope, around: &[(&str, bool)]) -> bool {
        let mut locals: Vec<(&str, bool)> = around.to_vec();
        locals.extend(function.parameters.iter().map(|parameter| {
            (
                parameter.name.text.as_str(),
                !matches!(parameter.kind, ParameterType::Scalar(_)),
            )
        }));
        let Some((last, before)) = function.body.statements.split_last() else {
            return false;
        };
        for Statement { kind, .. } in before {
            let (name, rows) = match kind {
                StatementKind::Let(name, LetValue::Expression(value)) => {
                    let place = Place {
                        scope,
                        locals: Some(&locals),
                    };
                    (name, self.gives_rows(value, place))
                }
                StatementKind::Let(name, LetValue::Function(inner)) => {
                    (name, self.function_gives_rows(inner, scope, &locals))
                }
                _ => continue,
            };
            locals.push((&name.text, rows));
        }
        let place = Place {
            scope,
            locals: Some(&locals),
        };
        match &last.kind {
            StatementKind::Expression(expression) => self.gives_rows(expression, place),
            _ => false,
        }
    }
}
