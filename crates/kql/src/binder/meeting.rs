//! A text beside a value of another type: the text is read as that type before the two are compared.

use std::sync::Arc;

use super::Binder;
use super::columns::project_step;
use crate::bound::{ListItems, Named, Rows, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{BinaryOperator, ListOperator, Literal};
use crate::types::ScalarType;

impl Binder<'_> {
    /// Both sides of a comparison; of a text and another type both become of that type where they can be compared.
    pub(super) fn texts_meet(
        &self,
        operator: BinaryOperator,
        left: Scalar,
        right: Scalar,
    ) -> (Scalar, Scalar) {
        let asks_equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        let meets = |kind: ScalarType| (is_simple(kind) || is_read_late(kind)) && asks_equality;
        match (left.gives, right.gives) {
            (ScalarType::String, kind) if meets(kind) => (self.text_as(left, kind), right),
            (kind, ScalarType::String) if meets(kind) => {
                let right = self.text_as(right, kind);
                (left, right)
            }
            _ => (left, right),
        }
    }

    /// A text read as a value of that type. What cannot be read is null, to which no value is equal: the engine is
    /// known to read literals so, and is taken to read columns the same way.
    fn text_as(&self, text: Scalar, kind: ScalarType) -> Scalar {
        let span = text.span;
        let read = match text.as_literal() {
            Some(Literal::String(written)) if kind == ScalarType::Bool => {
                Some(Literal::read(kind, &written.to_ascii_lowercase()))
            }
            Some(Literal::String(written)) => Some(Literal::read(kind, written)),
            _ => None,
        };
        match read {
            Some(Some(literal)) => Scalar::literal(literal, kind, span),
            // The functions that compare read these themselves.
            _ if is_read_late(kind) => text,
            Some(None) => Scalar::literal(Literal::null(kind), kind, span),
            None => self.call_of(&format!("to{}", kind.name()), vec![text], kind, span),
        }
    }

    /// `in` and its kin: a value and items that can be compared.
    pub(super) fn in_met(
        &self,
        value: Scalar,
        operator: ListOperator,
        items: ListItems,
        span: Span,
    ) -> Scalar {
        let (value, items) = match (operator, items) {
            (ListOperator::In | ListOperator::NotIn, ListItems::Values(items)) => {
                let (value, items) = self.values_meet(value, items);
                (value, ListItems::Values(items))
            }
            (ListOperator::In | ListOperator::NotIn, ListItems::Rows(mut rows)) => {
                let first = rows.columns().first().map(|column| column.kind);
                let value = match (value.gives, first) {
                    (kind, Some(ScalarType::String)) if is_simple(kind) => {
                        let text = Scalar::column(0, ScalarType::String, span);
                        let named = Named {
                            name: "value".into(),
                            value: self.text_as(text, kind),
                        };
                        project_step(Arc::make_mut(&mut rows), vec![named], span);
                        value
                    }
                    (ScalarType::String, Some(kind)) if is_simple(kind) => self.text_as(value, kind),
                    _ => value,
                };
                (value, ListItems::Rows(rows))
            }
            (_, items) => (value, items),
        };
        Scalar {
            kind: ScalarKind::In(Box::new(value), operator, items),
            gives: ScalarType::Bool,
            span,
        }
    }

    /// `in (T)` goes over the first column of `T`, whatever that is. Where its values can hardly be equal, this is told.
    pub(super) fn first_column_differs(&mut self, value: &Scalar, operator: ListOperator, rows: &Rows) {
        let Some(first) = rows.columns().first() else {
            return;
        };
        let (kind, other) = (value.gives, first.kind);
        let is_any = |kind: ScalarType| matches!(kind, ScalarType::Dynamic);
        // A text may say a number; who has chosen the column may mean it.
        let is_text = |kind: ScalarType| matches!(kind, ScalarType::String);
        let may_say = (is_text(kind) || is_text(other)) && rows.columns().len() == 1;
        let may_be_equal = kind == other
            || is_any(kind)
            || is_any(other)
            || (is_simple(kind) && is_simple(other))
            || (may_say && (is_simple(kind) || is_simple(other)));
        if may_be_equal {
            return;
        }
        let message = format!(
            "`{}` looks for a {kind} among values of type {other}",
            operator.text()
        );
        let asked = value.span.text(self.text);
        let is_there = rows.columns().iter().any(|column| *column.name == *asked);
        let name = if is_there { asked } else { "..." };
        let hint = format!(
            "`{}` looks at the first column, `{}`: {other}; add `| project {name}`",
            operator.text(),
            first.name
        );
        let _: Option<()> = self.tell(Diagnostic::warning(Code::SEM0064, value.span, message).hint(hint));
    }

    fn values_meet(&self, value: Scalar, items: Vec<Scalar>) -> (Scalar, Vec<Scalar>) {
        let kind = value.gives;
        if is_simple(kind) {
            let items = items.into_iter().map(|item| match item.gives {
                ScalarType::String => self.text_as(item, kind),
                _ => item,
            });
            return (value, items.collect());
        }
        let first = items.first().map_or(kind, |item| item.gives);
        if kind != ScalarType::String || !items.iter().any(|item| is_simple(item.gives)) {
            return (value, items);
        }
        if items.iter().all(|item| item.gives == first) {
            return (self.text_as(value, first), items);
        }
        // Among items of several types the text stays one, and the others are compared as they are written.
        let items = items.into_iter().map(|item| match is_simple(item.gives) {
            true => {
                let span = item.span;
                self.call_of("tostring", vec![item], ScalarType::String, span)
            }
            false => item,
        });
        (value, items.collect())
    }
}

/// Types beside which a text is read when the query runs, whether it is a literal or not.
const fn is_read_late(kind: ScalarType) -> bool {
    matches!(
        kind,
        ScalarType::Datetime | ScalarType::Timespan | ScalarType::Guid
    )
}

fn is_simple(kind: ScalarType) -> bool {
    kind == ScalarType::Bool || kind.is_number()
}
