//! Scalar expressions as a plan has them.

use std::sync::Arc;

use datafusion::common::{Column as PlanColumn, ScalarValue};
use datafusion::logical_expr::{Expr, lit};
use kql::ScalarType;
use kql::bound::{Column, ListItems, MvApply, Rows, Scalar, ScalarKind, StepKind};
use kql::syntax::Literal;
use kqleval::has_spellings;
use kqlfn::arrow_type;
use kqlfn::evaluate::dynamic_column;

use super::order::Order;
use super::window::window;
use super::{Lowerer, Lowering, Stop};
use crate::kql::function::{function, spelled_once, widening};

/// How many rows a step may hold on to where it asks for a number.
const COUNT_MAX: i64 = 1 << 40;

/// A column of a plan by its name.
pub(super) fn column_named(name: impl Into<String>) -> Expr {
    Expr::Column(PlanColumn::new_unqualified(name))
}

/// The columns of a plan by their names.
pub(super) fn columns_of(columns: &[Column]) -> impl Iterator<Item = Expr> + Clone {
    columns.iter().map(|column| column_named(&*column.name))
}

/// The columns that an expression may name, as the plan has them.
pub(super) struct Scope<'s> {
    lowerer: &'s Lowerer<'s>,
    columns: Vec<Expr>,
    /// Texts as they are stored, where a null may stand for the empty one.
    stored: Vec<Option<Expr>>,
    order: Option<&'s Order>,
}

impl<'s> Scope<'s> {
    /// The columns of a plan, by their names.
    pub(super) fn of_plan(lowerer: &'s Lowerer<'s>, columns: &[Column]) -> Self {
        Self {
            lowerer,
            columns: columns_of(columns).collect(),
            stored: Vec::new(),
            order: None,
        }
    }

    /// The columns of a table: what each is made to, and texts as they are stored.
    pub(super) const fn of_scan(
        lowerer: &'s Lowerer<'s>,
        made: Vec<Expr>,
        stored: Vec<Option<Expr>>,
    ) -> Self {
        Self {
            lowerer,
            stored,
            columns: made,
            order: None,
        }
    }

    /// The same with rows in an order.
    pub(super) const fn ordered(mut self, order: Option<&'s Order>) -> Self {
        self.order = order;
        self
    }

    /// The column as it is stored, if the expression is nothing but a column that holds text.
    pub(super) fn stored(&self, scalar: &Scalar) -> Option<Expr> {
        match &scalar.kind {
            ScalarKind::Column(at) => self.stored.get(*at)?.clone(),
            ScalarKind::Shared(shared) => self.stored(shared),
            _ => None,
        }
    }

    /// A number of rows.
    pub(super) fn count(&self, count: &Scalar) -> Lowering<usize> {
        if !count.is_constant() {
            return Err(Stop::Beyond);
        }
        let count = self.lowerer.evaluator.number(count)?.unwrap_or(0);
        usize::try_from(count.clamp(0, COUNT_MAX)).map_err(|_| Stop::Beyond)
    }

    /// The array of the first column of some rows.
    pub(super) fn list(&self, rows: &Arc<Rows>) -> Lowering<kqlfn::Column> {
        Ok(self.lowerer.evaluator.list(rows)?)
    }

    /// A value that holds for all rows.
    pub(super) fn constant(&self, scalar: &Scalar) -> Lowering<ScalarValue> {
        match self.value(scalar)? {
            Expr::Literal(value, _) => Ok(value),
            _ => Err(Stop::Beyond),
        }
    }

    /// A value of any kind.
    pub(super) fn value(&self, scalar: &Scalar) -> Lowering<Expr> {
        match &scalar.kind {
            ScalarKind::Literal(held) => literal(held, scalar.gives),
            ScalarKind::Dynamic(held) => first_of(&dynamic_column(held)),
            ScalarKind::Column(at) => self.columns.get(*at).cloned().ok_or(Stop::Beyond),
            ScalarKind::Shared(shared) => self.value(shared),
            ScalarKind::Call(name, arguments) => self.called(name, arguments, scalar.gives),
            ScalarKind::Logic(is_and, terms) => logic(*is_and, terms.iter().map(|term| self.value(term))),
            ScalarKind::In(held, operator, ListItems::Values(items)) => {
                let mut arguments = vec![held.as_ref().clone()];
                arguments.extend(items.iter().cloned());
                self.called(operator.text(), &arguments, ScalarType::Bool)
            }
            ScalarKind::In(held, operator, ListItems::Rows(rows)) => {
                let list = self.list(rows)?;
                let kinds = [held.gives, ScalarType::Dynamic];
                let function = function(operator.text(), &kinds, ScalarType::Bool).ok_or(Stop::Beyond)?;
                Ok(function.call(vec![self.value(held)?, first_of(&list)?]))
            }
            ScalarKind::ToScalar(rows) => first_of(&self.lowerer.evaluator.first_cell(rows, scalar.gives)?),
            ScalarKind::Widened(inside) => {
                let widening = widening(inside.gives, scalar.gives);
                Ok(widening.call(vec![self.value(inside)?]))
            }
            ScalarKind::Window(name, arguments) => match self.order {
                Some(order) => window(self, order, name, arguments, scalar.gives),
                None => Err(Stop::Beyond),
            },
            ScalarKind::StepColumn(..) | ScalarKind::PackAll(_) => Err(Stop::Beyond),
        }
    }

    /// Fails where a query over the rows of each row would for any: here the places of its expressions are known. What
    /// chance decides has no plan.
    pub(super) fn probe_within(&self, apply: &MvApply, columns: &[Column]) -> Lowering<()> {
        let evaluator = self.lowerer.evaluator;
        let check = |scalar: &Scalar, columns: &[Column]| {
            if by_chance(scalar) {
                return Err(Stop::Beyond);
            }
            Ok(evaluator.probe(scalar, columns)?)
        };
        for item in &apply.expand.items {
            check(&item.value, columns)?;
        }
        let mut columns = apply.query.source_columns.as_slice();
        for step in &apply.query.steps {
            for scalar in step.kind.scalars().unwrap_or_default() {
                check(scalar, columns)?;
            }
            if let StepKind::MvExpand(expand) = &step.kind {
                for item in &expand.items {
                    check(&item.value, columns)?;
                }
            }
            columns = &step.columns;
        }
        Ok(())
    }

    /// A value that rows are grouped or joined by: what is the same has one spelling.
    pub(super) fn key(&self, scalar: &Scalar) -> Lowering<Expr> {
        key_of(self.value(scalar)?, scalar.gives)
    }

    fn called(&self, name: &str, arguments: &[Scalar], gives: ScalarType) -> Lowering<Expr> {
        // Chance is another for each row, which a function of values cannot be.
        if is_chance(name) || arguments.is_empty() {
            return Err(Stop::Beyond);
        }
        let kinds: Vec<ScalarType> = arguments.iter().map(|argument| argument.gives).collect();
        let from_facts = self.lowerer.known.judged(name);
        let function = from_facts.or_else(|| function(name, &kinds, gives));
        let function = function.ok_or(Stop::Beyond)?;
        let arguments = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect::<Lowering<Vec<_>>>()?;
        Ok(function.call(arguments))
    }
}

/// A value of a type in one spelling; of those of bags and lists there is none.
pub(super) fn key_of(value: Expr, kind: ScalarType) -> Lowering<Expr> {
    Ok(match kind {
        ScalarType::Dynamic => return Err(Stop::Beyond),
        kind if has_spellings(kind) => spelled_once(kind).call(vec![value]),
        _ => value,
    })
}

/// Another value each time.
pub(in crate::kql) fn is_chance(function: &str) -> bool {
    matches!(function, "rand" | "new_guid")
}

fn by_chance(scalar: &Scalar) -> bool {
    matches!(&scalar.kind, ScalarKind::Call(name, _) if is_chance(name))
        || scalar.parts().into_iter().any(by_chance)
}

/// A literal as the plan has it.
fn literal(held: &Literal, gives: ScalarType) -> Lowering<Expr> {
    let value = match held {
        Literal::Long(None) => ScalarValue::try_from(&arrow_type(gives))?,
        Literal::Bool(value) => ScalarValue::Boolean(*value),
        Literal::Int(value) => ScalarValue::Int32(*value),
        Literal::Long(value) | Literal::Datetime(value) | Literal::Timespan(value) => {
            ScalarValue::Int64(*value)
        }
        Literal::Real(value) => ScalarValue::Float64(*value),
        Literal::Decimal(digits) => ScalarValue::Utf8View(digits.clone()),
        Literal::String(text) => ScalarValue::Utf8View(Some(text.clone())),
        Literal::Guid(guid) => ScalarValue::FixedSizeBinary(16, guid.map(|guid| guid.to_vec())),
    };
    if value.data_type() != arrow_type(gives) {
        let made = widening(held.kind(), gives);
        return Ok(made.call(vec![lit(value)]));
    }
    Ok(lit(value))
}

/// Terms with `and` or `or` between them.
pub(super) fn logic(is_and: bool, terms: impl Iterator<Item = Lowering<Expr>>) -> Lowering<Expr> {
    let mut terms = terms.collect::<Lowering<Vec<_>>>()?;
    // Pairs, and pairs of pairs: thousands of terms are then no deeper than a dozen.
    while terms.len() > 1 {
        let mut pairs = Vec::with_capacity(terms.len() / 2 + 1);
        let mut left = terms.into_iter();
        while let Some(first) = left.next() {
            pairs.push(match left.next() {
                None => first,
                Some(second) if is_and => first.and(second),
                Some(second) => first.or(second),
            });
        }
        terms = pairs;
    }
    terms.pop().ok_or(Stop::Beyond)
}

/// No value of a type; of texts it is the empty one.
pub(super) fn null(kind: ScalarType) -> Lowering<Expr> {
    Ok(lit(match kind {
        ScalarType::String => ScalarValue::Utf8View(Some(String::new())),
        kind => ScalarValue::try_from(&arrow_type(kind))?,
    }))
}

fn first_of(column: &kqlfn::Column) -> Lowering<Expr> {
    Ok(lit(ScalarValue::try_from_array(&column.array, 0)?))
}
