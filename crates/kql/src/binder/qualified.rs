//! Tables with what stands before their names: `database("x").T`, `workspace("x").T`; and names of other systems.

use super::Binder;
use crate::bound::Rows;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Call, Expr, ExprKind, Literal, Step};

/// What a qualifier such as `workspace("x")` names that lies elsewhere.
pub(super) fn elsewhere(qualifier: &str) -> Option<&'static str> {
    Some(match qualifier {
        "workspace" => "workspace",
        "app" => "application",
        "resource" => "resource",
        "cluster" | "adx" => "cluster",
        "arg" => "service",
        _ => return None,
    })
}

impl Binder<'_> {
    /// `database("x").T`: there is one database. What lies elsewhere cannot be asked.
    pub(super) fn qualified_rows(&mut self, base: &Expr, steps: &[Step], span: Span) -> Option<Rows> {
        if let ExprKind::Call(call) = &base.kind {
            let qualifier = call.name.text.as_str();
            if let Some((pattern, scope)) = self.pattern_named(qualifier) {
                return self.pattern_path_rows(&pattern, &scope, call, steps, span);
            }
            if let Some(place) = elsewhere(qualifier) {
                let message = format!("data of another {place} cannot be reached from here");
                let diagnostic = Diagnostic::error(Code::SEM0501, call.span, message);
                let hint =
                    format!("without `{qualifier}(...)` before it a name stands for a table of this one");
                return self.tell(diagnostic.hint(hint));
            }
            if qualifier == "database" {
                self.this_database(call)?;
            }
            match steps {
                [Step::Member(name)] if qualifier == "database" => return self.named_rows(name),
                [Step::Call(call)] if qualifier == "database" => return self.called_rows(call),
                _ => {}
            }
        }
        self.error(Code::SEM0009, span, "one value stands where rows are asked for")
    }

    /// What a column of another system is called here, if the row has that and no slip in letter case was made.
    pub(super) fn column_elsewhere(&self, name: &str) -> Option<String> {
        let row = self.row.as_ref()?;
        let (here, hint) = self.catalog.column_elsewhere(name)?;
        let has = |wanted: &str| {
            let mut columns = row.columns.iter();
            columns.any(|column| column.name.eq_ignore_ascii_case(wanted))
        };
        (has(here) && !has(name)).then_some(hint)
    }

    /// Refuses databases of other names.
    fn this_database(&mut self, call: &Call) -> Option<()> {
        let Some(argument) = call.arguments.first() else {
            return Some(());
        };
        let named = self.in_row(None, |binder| binder.scalar(argument))?;
        let here = self.catalog.database();
        match named.as_literal() {
            Some(Literal::String(name)) if name == here => Some(()),
            _ => {
                let message = "data of another database cannot be reached from here";
                let diagnostic = Diagnostic::error(Code::SEM0501, call.span, message);
                let hint = format!("this one is `database(\"{here}\")`, which may be left out");
                self.tell(diagnostic.hint(hint))
            }
        }
    }
}
