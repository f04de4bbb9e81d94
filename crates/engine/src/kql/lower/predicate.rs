//! Conditions of which only the truth counts: null is as good as false. Plain comparisons stay plain.

use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::InList;
use kql::ScalarType;
use kql::bound::{ListItems, Scalar, ScalarKind};
use kql::syntax::{ListOperator, Literal};

use super::Lowering;
use super::scalar::{Scope, logic};

/// Types whose comparison is the same here and there.
pub(super) const fn compares_plainly(kind: ScalarType) -> bool {
    matches!(
        kind,
        ScalarType::String
            | ScalarType::Long
            | ScalarType::Int
            | ScalarType::Datetime
            | ScalarType::Timespan
            | ScalarType::Bool
    )
}

fn both_plain(left: &Scalar, right: &Scalar) -> bool {
    let same = left.gives == right.gives || (left.gives.is_integer() && right.gives.is_integer());
    same && compares_plainly(left.gives) && compares_plainly(right.gives)
}

impl Scope<'_> {
    /// A condition as a filter has it.
    pub(super) fn predicate(&self, scalar: &Scalar) -> Lowering<Expr> {
        match &scalar.kind {
            ScalarKind::Shared(shared) => self.predicate(shared),
            ScalarKind::Logic(is_and, terms) => logic(*is_and, terms.iter().map(|term| self.predicate(term))),
            ScalarKind::Call(name, arguments) => match self.plain(name, arguments)? {
                Some(plain) => Ok(plain),
                None => self.value(scalar),
            },
            ScalarKind::In(held, ListOperator::In, ListItems::Values(items)) => {
                match self.listed(held, items)? {
                    Some(listed) => Ok(listed),
                    None => self.value(scalar),
                }
            }
            _ => self.value(scalar),
        }
    }

    fn plain(&self, name: &str, arguments: &[Scalar]) -> Lowering<Option<Expr>> {
        Ok(match arguments {
            [left, right] if both_plain(left, right) => {
                if name == "=="
                    && let Some(equal) = self.stored_equal(left, right)?
                {
                    return Ok(Some(equal));
                }
                let (from, to) = (self.value(left)?, self.value(right)?);
                Some(match name {
                    "==" => from.eq(to),
                    "<" => from.lt(to),
                    "<=" => from.lt_eq(to),
                    ">" => from.gt(to),
                    ">=" => from.gt_eq(to),
                    // Texts are never null; of others null is unequal to every value.
                    "!=" if left.gives == ScalarType::String => from.not_eq(to),
                    _ => return Ok(None),
                })
            }
            [held, low, high] if name == "between" && both_plain(held, low) && both_plain(held, high) => {
                let held = self.value(held)?;
                let low = held.clone().gt_eq(self.value(low)?);
                Some(low.and(held.lt_eq(self.value(high)?)))
            }
            _ => None,
        })
    }

    /// A stored text that is compared with one that is not empty: null can be no such text, so the column is compared
    /// as it is stored, and its bounds and blooms count.
    fn stored_equal(&self, left: &Scalar, right: &Scalar) -> Lowering<Option<Expr>> {
        let (column, literal) = match (self.stored(left), self.stored(right)) {
            (Some(column), None) => (column, right),
            (None, Some(column)) => (column, left),
            _ => return Ok(None),
        };
        Ok(match literal.as_literal() {
            Some(Literal::String(text)) if !text.is_empty() => Some(column.eq(self.value(literal)?)),
            _ => None,
        })
    }

    /// `in` with literals of the same type.
    fn listed(&self, held: &Scalar, items: &[Scalar]) -> Lowering<Option<Expr>> {
        let are_plain = items
            .iter()
            .all(|item| item.as_literal().is_some() && both_plain(held, item));
        if items.is_empty() || !are_plain {
            return Ok(None);
        }
        let list = items
            .iter()
            .map(|item| self.value(item))
            .collect::<Lowering<Vec<_>>>()?;
        let no_text_is_empty = items
            .iter()
            .all(|item| !matches!(item.as_literal(), Some(Literal::String(text)) if text.is_empty()));
        let held = match self.stored(held) {
            Some(stored) if no_text_is_empty => stored,
            _ => self.value(held)?,
        };
        Ok(Some(Expr::InList(InList::new(Box::new(held), list, false))))
    }
}
