//! `partition`: rows in parts, by the values of a column.

use std::sync::Arc;

use super::Binder;
use super::columns::take_places;
use super::tabular::push;
use crate::bound::{Rows, Scalar, ScalarKind, Source, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{ExprKind, Operator, Partition};
use crate::types::ScalarType;

/// So many values may part the rows if no other strategy is asked for.
const LEGACY_VALUES_MAX: usize = 64;

impl Binder<'_> {
    pub(super) fn partition(
        &mut self,
        rows: &mut Rows,
        partition: &Partition,
        operator: &Operator,
    ) -> Option<()> {
        let mut values_max = Some(LEGACY_VALUES_MAX);
        for property in &operator.properties {
            if property.name.text == "hint.strategy" {
                values_max = match self.property_text(&property.value)?.as_str() {
                    "native" | "shuffle" => None,
                    _ => Some(LEGACY_VALUES_MAX),
                };
            }
        }
        let ExprKind::Name(name) = &partition.by.kind else {
            return self.place_error(partition.by.span, "rows are parted by a column");
        };
        let at = self.plain_column(name)?;
        if rows
            .columns()
            .get(at)
            .is_some_and(|held| held.kind == ScalarType::Dynamic)
        {
            let message = "rows cannot be parted by a dynamic";
            let diagnostic = Diagnostic::error(Code::SEM0009, name.span, message);
            let hint = format!("`extend key = tostring({})` before it makes a text", name.text);
            return self.tell(diagnostic.hint(hint));
        }
        let mut outer = Rows::new(Source::Outer, rows.columns().to_vec());
        let query = if partition.has_source {
            // The query sees the value of the column, and nothing else of the rows.
            take_places(&mut outer, &[at], name.span);
            let gives = outer.columns().first()?.kind;
            let value = Scalar {
                kind: ScalarKind::ToScalar(Arc::new(outer)),
                gives,
                span: name.span,
            };
            let before = self.scope.clone();
            let meaning = self.scalar_meaning(value)?;
            self.scope = before.with(&name.text, meaning, 0);
            let query = self.rows(&partition.query);
            self.scope = before;
            query?
        } else {
            let ExprKind::Pipe(pipeline) = &partition.query.kind else {
                return None;
            };
            outer.is_serialized = rows.is_serialized;
            self.subquery(pipeline, outer)?
        };
        self.closed(&query, "partition", operator.span)?;
        let columns = query.columns().to_vec();
        let step = StepKind::Partition {
            by: at,
            query: Box::new(query),
            values_max,
        };
        push(rows, step, Some(columns), operator.span);
        rows.is_serialized = false;
        Some(())
    }

    /// Refuses a query of parts of rows whose columns only the data of each part would tell.
    pub(super) fn closed(&mut self, query: &Rows, around: &str, span: Span) -> Option<()> {
        if !query.is_open {
            return Some(());
        }
        let message = format!("columns that only the data tell, inside of `{around}`");
        let diagnostic = Diagnostic::error(Code::SEM0501, span, format!("{message}, are not supported"));
        self.tell(
            diagnostic
                .hint("say behind the plugin which columns it gives: `evaluate pivot(...) : (a: long)`"),
        )
    }
}
