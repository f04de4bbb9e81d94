//! Conditions of which only the truth counts: null is as good as false. Plain comparisons stay plain.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, lit};
use kql::ScalarType;
use kql::bound::{ListItems, Scalar, ScalarKind};
use kql::syntax::{ListOperator, Literal};
use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;
use kqlfn::evaluate::dynamic_column;

use super::Lowering;
use super::scalar::{Scope, logic};

/// Lists that are longer are looked up, and say nothing to bounds and blooms.
const LIST_MAX: usize = 1000;

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
                None => match self.begins(name, arguments)? {
                    Some(bounds) => Ok(bounds.and(self.value(scalar)?)),
                    None => self.value(scalar),
                },
            },
            ScalarKind::In(held, operator @ (ListOperator::In | ListOperator::InTilde), items) => {
                let items = self.items(items, held.gives)?;
                let any_case = *operator == ListOperator::InTilde;
                match self.listed(held, items.as_deref(), any_case)? {
                    Some(listed) => Ok(listed),
                    None => self.value(scalar),
                }
            }
            _ => self.value(scalar),
        }
    }

    /// What every text that begins so is between, of a stored column.
    fn begins(&self, name: &str, arguments: &[Scalar]) -> Lowering<Option<Expr>> {
        let ([held, prefix], true) = (arguments, matches!(name, "startswith" | "startswith_cs")) else {
            return Ok(None);
        };
        let (Some(stored), Some(Literal::String(prefix))) = (self.stored(held), prefix.as_literal()) else {
            return Ok(None);
        };
        let is_exact = name == "startswith_cs" || has_one_case(prefix);
        let behind = prefix.chars().last().and_then(|last| {
            let next = char::from_u32(u32::from(last) + 1)?;
            let rest = prefix.strip_suffix(last)?;
            Some(format!("{rest}{next}"))
        });
        let Some(behind) = behind.filter(|_| is_exact) else {
            return Ok(None);
        };
        let text = |text: String| lit(ScalarValue::Utf8View(Some(text)));
        let from = stored.clone().gt_eq(text(prefix.clone()));
        Ok(Some(from.and(stored.lt(text(behind)))))
    }

    fn plain(&self, name: &str, arguments: &[Scalar]) -> Lowering<Option<Expr>> {
        Ok(match arguments {
            [left, right] if both_plain(left, right) => {
                let name = match name {
                    "=~" if [left, right].into_iter().any(is_in_one_case) => "==",
                    name => name,
                };
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

    /// What stands in a list, if all of it is known and of the type that it is looked for in.
    fn items(&self, items: &ListItems, kind: ScalarType) -> Lowering<Option<Vec<Scalar>>> {
        let mut found = Vec::new();
        match items {
            ListItems::Rows(rows) => match elements(self.list(rows)?.cell(0), kind) {
                Some(elements) => found.extend(elements),
                None => return Ok(None),
            },
            ListItems::Values(items) => {
                for item in items {
                    let Some(held) = item.as_dynamic() else {
                        found.push(item.clone());
                        continue;
                    };
                    match elements(dynamic_column(held).cell(0), kind) {
                        Some(elements) => found.extend(elements),
                        None => return Ok(None),
                    }
                }
            }
        }
        Ok((found.len() <= LIST_MAX).then_some(found))
    }

    /// `in` with literals of the same type.
    fn listed(&self, held: &Scalar, items: Option<&[Scalar]>, any_case: bool) -> Lowering<Option<Expr>> {
        let Some(items) = items else {
            return Ok(None);
        };
        let are_plain = items.iter().all(|item| {
            item.as_literal().is_some() && both_plain(held, item) && (!any_case || is_in_one_case(item))
        });
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

/// True for a literal text without letters, such as an address of version 4: it is the same in any case.
fn is_in_one_case(scalar: &Scalar) -> bool {
    matches!(scalar.as_literal(), Some(Literal::String(text)) if has_one_case(text))
}

fn has_one_case(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic())
}

/// The elements of an array as literals of a type.
fn elements(list: Cell<'_>, kind: ScalarType) -> Option<Vec<Scalar>> {
    let Cell::Dynamic(Dynamic::Array(array)) = list else {
        return None;
    };
    if array.len() > LIST_MAX {
        return None;
    }
    let literal = |element| {
        Some(match (element, kind) {
            (Dynamic::String(text), ScalarType::String) => Literal::String(text.to_owned()),
            (Dynamic::Int(number), ScalarType::Int | ScalarType::Long) => {
                Literal::Long(Some(i64::from(number)))
            }
            (Dynamic::Long(number), ScalarType::Int | ScalarType::Long) => Literal::Long(Some(number)),
            _ => return None,
        })
    };
    let elements = array.iter().map(|element| {
        let literal = literal(element)?;
        let kind = literal.kind();
        Some(Scalar::literal(literal, kind, kql::Span::default()))
    });
    elements.collect()
}
