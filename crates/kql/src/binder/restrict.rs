//! Which tables, functions and views of the database a place sees: all of them, or those that `restrict access` names.

use super::Binder;
use super::scope::matches;
use crate::bound::Column;
use crate::diagnostic::Code;
use crate::syntax::{Expr, ExprKind, Name, Step};

/// What `restrict access` names, as patterns.
#[derive(Default)]
struct Named {
    /// Names that the query has declared.
    declared: Vec<String>,
    /// Tables and functions of the database.
    stored: Vec<String>,
}

impl Binder<'_> {
    /// The columns of a table that is seen here.
    pub(super) fn table(&self, name: &str) -> Option<Vec<Column>> {
        self.scope.sees(name).then(|| self.catalog.table(name)).flatten()
    }

    /// The tables that are seen here.
    pub(super) fn table_names(&self) -> Vec<String> {
        let mut names = self.catalog.table_names();
        names.retain(|name| self.scope.sees(name));
        names
    }

    /// The text of a stored function that is seen here.
    pub(super) fn stored_text(&self, name: &str) -> Option<String> {
        self.scope
            .sees(name)
            .then(|| self.catalog.stored_function(name))
            .flatten()
    }

    /// `restrict access to (...)`: what follows sees of all that gives rows only this. What was declared before keeps
    /// what it sees.
    pub(super) fn restrict(&mut self, entities: &[Expr]) -> Option<()> {
        let mut named = Named::default();
        for entity in entities {
            self.restricted_entity(entity, &mut named)?;
        }
        let mut limits = (*self.scope.limits).clone();
        limits.push(named.stored);
        let narrowed = self.scope.narrowed(limits, |name, meaning| {
            !self.gives_rows_by(meaning) || named.declared.iter().any(|pattern| matches(pattern, name))
        });
        self.scope = narrowed;
        Some(())
    }

    /// A name that the query has declared, or one of the database; patterns without a database are of declared names.
    fn restricted_entity(&mut self, entity: &Expr, named: &mut Named) -> Option<()> {
        match &entity.kind {
            ExprKind::Star => named.declared.push("*".to_owned()),
            ExprKind::Wildcard(pattern) => named.declared.push(pattern.text.clone()),
            ExprKind::Name(name) if self.scope.find(&name.text).is_some() => {
                named.declared.push(name.text.clone());
            }
            ExprKind::Name(name) => named.stored.push(self.stored_name(name)?),
            ExprKind::Path(base, steps) => match (&base.kind, steps.as_slice()) {
                (ExprKind::Call(call), [Step::Member(name)]) if call.name.text == "database" => {
                    named.stored.push(self.stored_name(name)?);
                }
                _ => return self.unsupported(entity.span, "access to another cluster"),
            },
            _ => {
                return self.error(
                    Code::SEM0009,
                    entity.span,
                    "access is restricted to tables, functions and views by their names",
                );
            }
        }
        Some(())
    }

    /// The name of a table or function that is there, or a pattern.
    fn stored_name(&mut self, name: &Name) -> Option<String> {
        let is_there = name.text.contains('*')
            || self.table(&name.text).is_some()
            || self.stored_text(&name.text).is_some();
        match is_there {
            true => Some(name.text.clone()),
            false => self.unknown_table(name).and(None),
        }
    }
}
