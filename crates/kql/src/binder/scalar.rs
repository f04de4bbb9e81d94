//! Scalar expressions.

use std::sync::Arc;

use super::{Binder, operators};
use crate::bound::{ListItems, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{
    Between, BinaryOperator, Expr, ExprKind, Link, ListOperator, Literal, Name, Step, UnarySign,
};
use crate::types::ScalarType;

impl Binder<'_> {
    /// Binds an expression that gives one value.
    pub(super) fn scalar(&mut self, expression: &Expr) -> Option<Scalar> {
        self.grow(expression.span)?;
        let span = expression.span;
        match &expression.kind {
            ExprKind::Missing => None,
            ExprKind::Literal(literal) => Some(Scalar::literal(literal.clone(), literal.kind(), span)),
            ExprKind::Dynamic(value) => Some(Scalar {
                kind: ScalarKind::Dynamic(value.clone()),
                gives: ScalarType::Dynamic,
                span,
            }),
            ExprKind::Name(name) => self.scalar_name(name),
            ExprKind::Group(inside) => self.scalar(inside),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Path(base, steps) => self.path(base, steps, span),
            ExprKind::Unary(sign, value) => self.signed(*sign, value, span),
            ExprKind::Chain(first, links) => self.chain(first, links, span),
            ExprKind::In(value, operator, items) => self.in_list(value, *operator, items, span),
            ExprKind::Between(between) => self.between(between, span),
            ExprKind::TypeOf(types) => {
                let name = types.first()?;
                let kind = self.type_of(name)?;
                Some(Scalar::literal(Literal::null(kind), kind, span))
            }
            ExprKind::Star => self.place_error(span, "`*` cannot stand here; `count()` counts all rows"),
            ExprKind::Named(names, _) => {
                let name = names.first().map(|name| name.text.clone()).unwrap_or_default();
                let diagnostic = Diagnostic::error(
                    Code::SEM0009,
                    span,
                    format!("`{name} = ` gives a name, which has no place here"),
                );
                self.tell(diagnostic.hint("two values are compared by `==`"))
            }
            ExprKind::Wildcard(_) | ExprKind::Ordered(..) => {
                self.place_error(span, "one value is asked for here")
            }
            ExprKind::Pipe(_) | ExprKind::DataTable(_) | ExprKind::ExternalData(_) => {
                let diagnostic =
                    Diagnostic::error(Code::SEM0009, span, "rows stand where one value is asked for");
                self.tell(diagnostic.hint("`toscalar(...)` takes the first cell"))
            }
        }
    }

    /// Binds a side of `and` and `or`: a dynamic there is read as true or false.
    fn term(&mut self, expression: &Expr) -> Option<Scalar> {
        let bound = self.scalar(expression)?;
        match bound.gives {
            ScalarType::Bool => Some(bound),
            ScalarType::Dynamic => {
                let span = bound.span;
                Some(self.call_of("tobool", vec![bound], ScalarType::Bool, span))
            }
            _ => self.no_condition(&bound),
        }
    }

    /// Binds an expression that must be true or false.
    pub(super) fn condition(&mut self, expression: &Expr) -> Option<Scalar> {
        let bound = self.scalar(expression)?;
        if bound.gives == ScalarType::Bool {
            return Some(bound);
        }
        self.no_condition(&bound)
    }

    fn no_condition(&mut self, bound: &Scalar) -> Option<Scalar> {
        let message = format!(
            "a condition is true or false, and this is of type {}",
            bound.gives
        );
        let hint = match bound.gives {
            ScalarType::Dynamic => "`tobool(...)` converts",
            ScalarType::String => "`isnotempty(...)` asks whether a text has characters",
            _ => "compare it, as in `a > 0`",
        };
        self.tell(Diagnostic::error(Code::SEM0009, bound.span, message).hint(hint))
    }

    /// A type as written.
    pub(super) fn type_of(&mut self, name: &crate::syntax::TypeName) -> Option<ScalarType> {
        match ScalarType::from_name(&name.text) {
            Some(kind) => Some(kind),
            None => {
                let names: Vec<&str> = ScalarType::ALL.iter().map(|kind| kind.name()).collect();
                let diagnostic = Diagnostic::error(
                    Code::SEM0100,
                    name.span,
                    format!("there is no type `{}`", name.text),
                );
                self.tell(diagnostic.hint(format!("there are {}", names.join(", "))))
            }
        }
    }

    pub(super) fn call_of(
        &self,
        function: &str,
        arguments: Vec<Scalar>,
        gives: ScalarType,
        span: Span,
    ) -> Scalar {
        Scalar {
            kind: ScalarKind::Call(function.to_owned(), arguments),
            gives,
            span,
        }
    }

    fn signed(&mut self, sign: UnarySign, value: &Expr, span: Span) -> Option<Scalar> {
        let bound = self.scalar(value)?;
        if !bound.gives.is_summable() && bound.gives != ScalarType::Dynamic {
            let sign = if sign == UnarySign::Minus { "-" } else { "+" };
            let message = format!("`{sign}` cannot stand before a {}", bound.gives);
            return self.error(Code::SEM0064, span, message);
        }
        // Like all reckoning with it, a sign makes a long of an int; a literal stays what it is.
        let bound = match bound.as_literal() {
            None if bound.gives == ScalarType::Int => Scalar {
                kind: ScalarKind::Widened(Box::new(bound)),
                gives: ScalarType::Long,
                span,
            },
            _ => bound,
        };
        if sign == UnarySign::Plus {
            return Some(bound);
        }
        let negated = match bound.as_literal() {
            Some(Literal::Int(Some(number))) => number.checked_neg().map(|number| Literal::Int(Some(number))),
            Some(Literal::Long(Some(number))) => {
                number.checked_neg().map(|number| Literal::Long(Some(number)))
            }
            Some(Literal::Real(Some(number))) => Some(Literal::Real(Some(0.0 - number))),
            Some(Literal::Timespan(Some(ticks))) => {
                ticks.checked_neg().map(|ticks| Literal::Timespan(Some(ticks)))
            }
            _ => None,
        };
        let gives = bound.gives;
        Some(match negated {
            Some(literal) => Scalar::literal(literal, gives, span),
            None => self.call_of("negate", vec![bound], gives, span),
        })
    }

    fn chain(&mut self, first: &Expr, links: &[Link], span: Span) -> Option<Scalar> {
        let operator = links.first()?.operator;
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            let mut terms = Vec::with_capacity(links.len() + 1);
            // All are bound, so that all mistakes are told.
            let bound: Vec<Option<Scalar>> = std::iter::once(first)
                .chain(links.iter().map(|link| &link.right))
                .map(|term| self.term(term))
                .collect();
            for term in bound {
                terms.push(term?);
            }
            return Some(Scalar {
                kind: ScalarKind::Logic(operator == BinaryOperator::And, terms),
                gives: ScalarType::Bool,
                span,
            });
        }
        if matches!(first.kind, ExprKind::Star) {
            return self.star(links.first()?, span);
        }
        let mut left = self.scalar(first);
        for link in links {
            let right = self.scalar(&link.right);
            left = match (left, right) {
                (Some(left), Some(right)) => self.binary(link.operator, left, right, link.at),
                (Some(left), None) if may_be_text(&left) => {
                    self.quotes_missing(&link.right, span);
                    None
                }
                (None, Some(right)) if may_be_text(&right) => {
                    self.quotes_missing(first, span);
                    None
                }
                _ => None,
            };
        }
        left
    }

    /// `* has "x"`: any column.
    fn star(&mut self, link: &Link, span: Span) -> Option<Scalar> {
        let right = self.scalar(&link.right)?;
        let mut terms = Vec::new();
        for (at, column) in self.row_columns().into_iter().enumerate() {
            let value = Scalar::column(at, column.kind, span);
            let value = match operators::gives(link.operator, column.kind, right.gives) {
                Some(_) => value,
                None if right.gives == ScalarType::String => {
                    self.call_of("tostring", vec![value], ScalarType::String, span)
                }
                None => continue,
            };
            terms.push(self.binary(link.operator, value, right.clone(), link.at)?);
        }
        Some(any(terms, span))
    }

    /// An operator between two values.
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: Scalar,
        right: Scalar,
        at: Span,
    ) -> Option<Scalar> {
        let span = left.span.to(right.span);
        let operator = match operator {
            BinaryOperator::LessGreater => BinaryOperator::NotEqual,
            BinaryOperator::Search => BinaryOperator::Has,
            operator => operator,
        };
        let (left, right) = self.texts_meet(operator, left, right);
        if let Some(gives) = operators::gives(operator, left.gives, right.gives) {
            let catalog = self.catalog;
            if operator == BinaryOperator::MatchesRegex
                && let Some(declaration) = catalog.function(operator.text())
            {
                let sides = [left, right];
                self.literals_hold(declaration, &sides)?;
                return Some(self.call_of(operator.text(), sides.into(), gives, span));
            }
            return Some(self.call_of(operator.text(), vec![left, right], gives, span));
        }
        let (from, to) = (left.gives, right.gives);
        let message = format!("`{}` is not made for {from} and {to}", operator.text());
        let mut diagnostic = Diagnostic::error(Code::SEM0064, at, message);
        let date = self.date_hint(&[&left, &right]);
        if let Some(hint) = date.or_else(|| operator_hint(operator, from, to).map(str::to_owned)) {
            diagnostic = diagnostic.hint(hint);
        }
        self.tell(diagnostic)
    }

    fn between(&mut self, between: &Between, span: Span) -> Option<Scalar> {
        let value = self.scalar(&between.value);
        let low = self.scalar(&between.low);
        let high = self.scalar(&between.high);
        let (value, low, mut high) = (value?, low?, high?);
        // `between (start .. 1d)`: as far above the start.
        if low.gives == ScalarType::Datetime && high.gives == ScalarType::Timespan {
            high = self.binary(BinaryOperator::Add, low.clone(), high, span)?;
        }
        let fits = operators::ordered(value.gives, low.gives) && operators::ordered(value.gives, high.gives);
        if !fits {
            let message = format!(
                "`between` is not made for {}, {} and {}",
                value.gives, low.gives, high.gives
            );
            let mut diagnostic = Diagnostic::error(Code::SEM0064, span, message);
            diagnostic.hint = self.date_hint(&[&value, &low, &high]);
            return self.tell(diagnostic);
        }
        let name = if between.negated { "!between" } else { "between" };
        Some(self.call_of(name, vec![value, low, high], ScalarType::Bool, span))
    }

    fn in_list(
        &mut self,
        value: &Expr,
        operator: ListOperator,
        items: &[Expr],
        span: Span,
    ) -> Option<Scalar> {
        if matches!(value.kind, ExprKind::Star) {
            return self.star_in(operator, items, span);
        }
        let value = self.scalar(value);
        let bound = self.list_items(items);
        if bound.is_none() && value.as_ref().is_some_and(may_be_text) {
            for item in items {
                self.quotes_missing(item, span);
            }
        }
        let (value, items) = (value?, bound?);
        self.in_bound(value, operator, items, span)
    }

    fn star_in(&mut self, operator: ListOperator, items: &[Expr], span: Span) -> Option<Scalar> {
        let items = self.list_items(items)?;
        let mut terms = Vec::new();
        for (at, column) in self.row_columns().into_iter().enumerate() {
            let value = Scalar::column(at, column.kind, span);
            let value = match column.kind {
                ScalarType::String | ScalarType::Dynamic => value,
                _ => self.call_of("tostring", vec![value], ScalarType::String, span),
            };
            terms.push(self.in_bound(value, operator, items.clone(), span)?);
        }
        Some(any(terms, span))
    }

    fn in_bound(
        &mut self,
        value: Scalar,
        operator: ListOperator,
        items: ListItems,
        span: Span,
    ) -> Option<Scalar> {
        let is_text_operator = !matches!(operator, ListOperator::In | ListOperator::NotIn);
        if is_text_operator && !matches!(value.gives, ScalarType::String | ScalarType::Dynamic) {
            let message = format!("`{}` is not made for {}", operator.text(), value.gives);
            let diagnostic = Diagnostic::error(Code::SEM0064, value.span, message);
            return self.tell(diagnostic.hint("`tostring(...)` makes a text"));
        }
        if let ListItems::Rows(rows) = &items {
            self.first_column_differs(&value, operator, rows);
        }
        Some(self.in_met(value, operator, items, span))
    }

    /// The right side of `in`: rows, if it is one expression of rows; else values.
    fn list_items(&mut self, items: &[Expr]) -> Option<ListItems> {
        if let [single] = items
            && self.is_tabular(single)
        {
            let rows = self.rows(single)?;
            if rows.columns().is_empty() && !rows.is_open {
                return self.error(Code::SEM0009, single.span, "these rows have no column to look in");
            }
            return Some(ListItems::Rows(Arc::new(rows)));
        }
        let bound: Vec<Option<Scalar>> = items.iter().map(|item| self.scalar(item)).collect();
        bound
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(ListItems::Values)
    }

    /// `a.b[1]`, `$left.a`, `step.a`.
    fn path(&mut self, base: &Expr, steps: &[Step], span: Span) -> Option<Scalar> {
        if let ExprKind::Name(name) = &base.kind
            && let Some((Step::Member(member), rest)) = steps.split_first()
            && let Some(held) = self.qualified(name, member)
        {
            let held = held?;
            return self.members(held, rest, span);
        }
        let held = self.scalar(base)?;
        self.members(held, steps, span)
    }

    /// `$left.a`, `$right.a` and `step.a`; none where the name is no such.
    fn qualified(&mut self, name: &Name, member: &Name) -> Option<Option<Scalar>> {
        let row = self.row.clone()?;
        let find = |columns: &[crate::bound::Column]| {
            let at = columns.iter().position(|column| *column.name == *member.text)?;
            Some((at, columns.get(at)?.kind))
        };
        if let Some(step) = row.steps.iter().position(|held| *held == name.text) {
            let found = find(&row.columns);
            return Some(match found {
                Some((at, gives)) => Some(Scalar {
                    kind: ScalarKind::StepColumn(step, at),
                    gives,
                    span: name.span.to(member.span),
                }),
                None => self.error(
                    Code::SEM0100,
                    member.span,
                    format!("there is no column `{}` here", member.text),
                ),
            });
        }
        let right = row.right.as_ref()?;
        let (columns, offset) = match name.text.as_str() {
            "$left" => (&row.columns, 0),
            "$right" => (right, row.columns.len()),
            _ => return None,
        };
        Some(match find(columns) {
            Some((at, gives)) => Some(Scalar::column(at + offset, gives, name.span.to(member.span))),
            None => {
                let message = format!("there is no column `{}` on that side", member.text);
                self.error(Code::SEM0100, member.span, message)
            }
        })
    }

    fn members(&mut self, held: Scalar, steps: &[Step], span: Span) -> Option<Scalar> {
        let mut held = held;
        for step in steps {
            let index = match step {
                Step::Member(name) => {
                    Scalar::literal(Literal::String(name.text.clone()), ScalarType::String, name.span)
                }
                Step::Element(index) => self.scalar(index)?,
                Step::Call(call) => {
                    return self.place_error(call.span, "a member cannot be called");
                }
            };
            if held.gives != ScalarType::Dynamic {
                let message = format!("only a dynamic has members, and this is of type {}", held.gives);
                let diagnostic = Diagnostic::error(Code::SEM0064, held.span, message);
                return self.tell(diagnostic.hint("`parse_json(...)` reads a text as JSON"));
            }
            if !index.gives.is_integer() && !matches!(index.gives, ScalarType::String | ScalarType::Dynamic) {
                return self.place_error(index.span, "a member is asked for by a text or a whole number");
            }
            held = self.call_of("[]", vec![held, index], ScalarType::Dynamic, span);
        }
        Some(held)
    }
}

/// True for what a text could be compared with. Beside a literal it is a column that is missing.
fn may_be_text(other: &Scalar) -> bool {
    matches!(other.gives, ScalarType::String | ScalarType::Dynamic) && other.as_literal().is_none()
}

/// True if any of the terms is.
fn any(mut terms: Vec<Scalar>, span: Span) -> Scalar {
    if terms.len() == 1
        && let Some(term) = terms.pop()
    {
        return term;
    }
    if terms.is_empty() {
        return Scalar::literal(Literal::Bool(Some(false)), ScalarType::Bool, span);
    }
    Scalar {
        kind: ScalarKind::Logic(false, terms),
        gives: ScalarType::Bool,
        span,
    }
}

fn operator_hint(operator: BinaryOperator, left: ScalarType, right: ScalarType) -> Option<&'static str> {
    use BinaryOperator as B;
    Some(match (operator, left, right) {
        (B::Add, ScalarType::String, _) | (B::Add, _, ScalarType::String) => "`strcat(a, b)` joins texts",
        (B::Less | B::LessEqual | B::Greater | B::GreaterEqual, ScalarType::String, ScalarType::String) => {
            "`strcmp(a, b) < 0` compares texts"
        }
        (B::Add | B::Subtract, ScalarType::Datetime | ScalarType::Timespan, _) => {
            "a number of days is `n * 1d`"
        }
        (_, ScalarType::Dynamic, ScalarType::Dynamic) => {
            "`tolong(...)` or `toreal(...)` says which numbers are meant"
        }
        (B::Has | B::Contains | B::StartsWith | B::EndsWith | B::EqualTilde | B::MatchesRegex, ..) => {
            "`tostring(...)` makes a text"
        }
        _ => return None,
    })
}
