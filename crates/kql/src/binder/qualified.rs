//! Tables with what stands before their names: `database("x").T`, `workspace("x").T`.

use super::Binder;
use crate::bound::Rows;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Step};

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
    /// `database("x").T`: there is one database, which any name stands for. What lies elsewhere cannot be asked.
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
            match steps {
                [Step::Member(name)] if qualifier == "database" => return self.named_rows(name),
                [Step::Call(call)] if qualifier == "database" => return self.called_rows(call),
                _ => {}
            }
        }
        self.error(Code::SEM0009, span, "one value stands where rows are asked for")
    }
}
