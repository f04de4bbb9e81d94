//! `partition` and `reduce`: rows in parts, by a column or by what their texts have in common.

use std::sync::Arc;

use super::Binder;
use super::columns::take_places;
use super::tabular::push;
use crate::bound::{Column, Rows, Scalar, ScalarKind, Source, StepKind};
use crate::diagnostic::Code;
use crate::syntax::{ExprKind, Operator, Partition, Reduce};
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

    pub(super) fn reduce(&mut self, rows: &mut Rows, reduce: &Reduce, operator: &Operator) -> Option<()> {
        let by = match &reduce.by.kind {
            ExprKind::Named(_, value) => value,
            _ => &reduce.by,
        };
        let value = self.scalar(by)?;
        if value.gives != ScalarType::String {
            return self.error(Code::SEM0219, by.span, "`reduce` takes texts");
        }
        if let Some(kind) = operator.properties.first() {
            return self.unsupported(kind.name.span, "`kind` of `reduce`");
        }
        let mut threshold = None;
        let mut characters = String::new();
        for property in &reduce.with {
            let text = self.property_text(&property.value)?;
            match property.name.text.as_str() {
                "threshold" => threshold = text.parse().ok(),
                "characters" => characters = text,
                other => {
                    let message = format!("`reduce` has no property `{other}`");
                    return self.error(Code::SEM0219, property.name.span, message);
                }
            }
        }
        let columns = vec![
            Column::new("Pattern", ScalarType::String),
            Column::new("Count", ScalarType::Long),
            Column::new("Representative", ScalarType::String),
        ];
        push(
            rows,
            StepKind::Reduce(value, threshold, characters),
            Some(columns),
            operator.span,
        );
        rows.is_serialized = false;
        Some(())
    }
}
