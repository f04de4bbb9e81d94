//! Bound steps to plans, from the scan on, as far as the plan algebra can follow. What a condition says in plain
//! comparisons stays plain, so that files, row groups and pages are passed over.

use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column as PlanColumn, Result, ScalarValue, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::functions_aggregate::expr_fn as aggregates;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, SortExpr, case, lit};
use kql::ScalarType;
use kql::bound::{
    AggregateCall, Column, ListItems, Named, Rows, Scalar, ScalarKind, SortKey, Step, StepKind,
};
use kql::syntax::{ListOperator, Literal};
use kqlfn::evaluate::dynamic_column;
use kqlfn::{Column as KqlColumn, arrow_type};

use super::function::function;
use super::table_value::made;

/// How many rows a step may hold on to where it asks for a number.
const COUNT_MAX: i64 = 1 << 40;

/// A plan, and how many of the steps it does.
pub(super) struct Lowered {
    pub(super) plan: LogicalPlan,
    pub(super) steps: usize,
    pub(super) columns: Vec<Column>,
}

/// Lowers the beginning of rows that come from a table.
pub(super) fn lower(rows: &Rows, name: &str, table: Arc<dyn TableProvider>) -> Result<Lowered> {
    let schema = table.schema();
    let scanned = LogicalPlanBuilder::scan(TableReference::bare(name), provider_as_source(table), None)?;
    let made: Vec<Expr> = schema
        .fields()
        .iter()
        .map(|field| {
            let column = Expr::Column(PlanColumn::new(Some(TableReference::bare(name)), field.name()));
            made(column, field).alias(field.name())
        })
        .collect();
    let mut lowered = Lowered {
        plan: scanned.project(made)?.build()?,
        steps: 0,
        columns: rows.source_columns.clone(),
    };
    for step in &rows.steps {
        match lower_step(&lowered, step)? {
            Some(plan) => {
                lowered.plan = plan;
                lowered.steps += 1;
                lowered.columns = step.columns.clone();
            }
            None => break,
        }
    }
    Ok(lowered)
}

/// The plan of one more step, if there is one.
fn lower_step(before: &Lowered, step: &Step) -> Result<Option<LogicalPlan>> {
    let columns = &before.columns;
    let builder = LogicalPlanBuilder::from(before.plan.clone());
    let builder = match &step.kind {
        StepKind::Filter(condition) => match predicate(condition, columns) {
            Some(condition) => builder.filter(condition)?,
            None => return Ok(None),
        },
        StepKind::Project(outputs) => match projected(outputs, columns) {
            Some(outputs) => builder.project(outputs)?,
            None => return Ok(None),
        },
        StepKind::Summarize(groups, calls) => {
            match (projected(groups, columns), aggregated(calls, columns)) {
                (Some(groups), Some(calls)) => {
                    let names: Vec<String> = step
                        .columns
                        .iter()
                        .map(|column| column.name.to_string())
                        .collect();
                    let built = builder.aggregate(groups, calls.iter().map(|call| call.aggregate.clone()))?;
                    let mut outputs: Vec<Expr> = Vec::new();
                    for name in names.iter().take(names.len() - calls.len()) {
                        outputs.push(Expr::Column(PlanColumn::new_unqualified(name)));
                    }
                    for (call, name) in calls.iter().zip(names.iter().skip(names.len() - calls.len())) {
                        outputs.push(call.finished(name));
                    }
                    built.project(outputs)?
                }
                _ => return Ok(None),
            }
        }
        StepKind::Take(count) => match count_of(count) {
            Some(count) => builder.limit(0, Some(count))?,
            None => return Ok(None),
        },
        StepKind::Top(count, key) => match (count_of(count), sorted(std::slice::from_ref(key), columns)) {
            (Some(count), Some(keys)) => builder.sort_with_limit(keys, Some(count))?,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    builder.build().map(Some)
}

fn count_of(count: &Scalar) -> Option<usize> {
    match count.as_literal()? {
        Literal::Long(Some(count)) => usize::try_from((*count).clamp(0, COUNT_MAX)).ok(),
        Literal::Int(Some(count)) => usize::try_from(*count).ok(),
        _ => None,
    }
}

fn sorted(keys: &[SortKey], columns: &[Column]) -> Option<Vec<SortExpr>> {
    keys.iter()
        .map(|key| {
            // What is no number has a place of its own in KQL.
            if matches!(
                key.value.gives,
                ScalarType::Real | ScalarType::Decimal | ScalarType::Dynamic
            ) {
                return None;
            }
            Some(value(&key.value, columns)?.sort(!key.is_descending, key.nulls_first))
        })
        .collect()
}

fn projected(outputs: &[Named], columns: &[Column]) -> Option<Vec<Expr>> {
    outputs
        .iter()
        .map(|output| Some(value(&output.value, columns)?.alias(&*output.name)))
        .collect()
}

fn column(at: usize, columns: &[Column]) -> Option<Expr> {
    let column = columns.get(at)?;
    Some(Expr::Column(PlanColumn::new_unqualified(&*column.name)))
}

/// A literal as the plan has it.
fn literal(held: &Literal, gives: ScalarType) -> Option<Expr> {
    let value = match held {
        Literal::Bool(value) => ScalarValue::Boolean(*value),
        Literal::Int(value) => ScalarValue::Int32(*value),
        Literal::Long(None) if gives != ScalarType::Long => ScalarValue::try_from(&arrow_type(gives)).ok()?,
        Literal::Long(value) | Literal::Datetime(value) | Literal::Timespan(value) => {
            ScalarValue::Int64(*value)
        }
        Literal::Real(value) => ScalarValue::Float64(*value),
        Literal::Decimal(digits) => ScalarValue::Utf8View(digits.clone()),
        Literal::String(text) => ScalarValue::Utf8View(Some(text.clone())),
        Literal::Guid(guid) => ScalarValue::FixedSizeBinary(16, guid.map(|guid| guid.to_vec())),
    };
    Some(Expr::Literal(value, None))
}

fn constant(column: &KqlColumn) -> Option<Expr> {
    Some(Expr::Literal(
        ScalarValue::try_from_array(&column.array, 0).ok()?,
        None,
    ))
}

/// A value of any kind; none if it cannot be a plan's.
fn value(scalar: &Scalar, columns: &[Column]) -> Option<Expr> {
    match &scalar.kind {
        ScalarKind::Literal(held) => literal(held, scalar.gives),
        ScalarKind::Dynamic(held) => constant(&dynamic_column(held)),
        ScalarKind::Column(at) => column(*at, columns),
        ScalarKind::Shared(shared) => value(shared, columns),
        ScalarKind::Call(name, arguments) => called(name, arguments, scalar.gives, columns),
        ScalarKind::Logic(is_and, terms) => {
            let terms = terms
                .iter()
                .map(|term| value(term, columns))
                .collect::<Option<Vec<_>>>()?;
            terms
                .into_iter()
                .reduce(|left, right| if *is_and { left.and(right) } else { left.or(right) })
        }
        ScalarKind::In(held, operator, ListItems::Values(items)) => {
            let mut arguments = vec![held.as_ref().clone()];
            arguments.extend(items.iter().cloned());
            called(operator.text(), &arguments, ScalarType::Bool, columns)
        }
        ScalarKind::StepColumn(..)
        | ScalarKind::Window(..)
        | ScalarKind::ToScalar(_)
        | ScalarKind::In(..)
        | ScalarKind::Widened(_)
        | ScalarKind::PackAll(_) => None,
    }
}

fn called(name: &str, arguments: &[Scalar], gives: ScalarType, columns: &[Column]) -> Option<Expr> {
    // Chance is another for each row, which a function of values cannot be.
    if matches!(name, "rand" | "new_guid") || arguments.is_empty() {
        return None;
    }
    let kinds: Vec<ScalarType> = arguments.iter().map(|argument| argument.gives).collect();
    let function = function(name, &kinds, gives)?;
    let arguments = arguments
        .iter()
        .map(|argument| value(argument, columns))
        .collect::<Option<Vec<_>>>()?;
    Some(function.call(arguments))
}

/// A condition of which only the truth counts: null is as good as false. Plain comparisons stay plain.
fn predicate(scalar: &Scalar, columns: &[Column]) -> Option<Expr> {
    match &scalar.kind {
        ScalarKind::Logic(is_and, terms) => {
            let terms = terms
                .iter()
                .map(|term| predicate(term, columns))
                .collect::<Option<Vec<_>>>()?;
            terms
                .into_iter()
                .reduce(|left, right| if *is_and { left.and(right) } else { left.or(right) })
        }
        ScalarKind::Call(name, arguments) => match plain(name, arguments, columns) {
            Some(plain) => Some(plain),
            None => value(scalar, columns),
        },
        ScalarKind::In(held, ListOperator::In, ListItems::Values(items)) => {
            match listed(held, items, columns) {
                Some(listed) => Some(listed),
                None => value(scalar, columns),
            }
        }
        _ => value(scalar, columns),
    }
}

/// Types whose comparison is the same here and there.
const fn compares_plainly(kind: ScalarType) -> bool {
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

fn plain(name: &str, arguments: &[Scalar], columns: &[Column]) -> Option<Expr> {
    match arguments {
        [left, right] if both_plain(left, right) => {
            let (from, to) = (value(left, columns)?, value(right, columns)?);
            Some(match name {
                "==" => from.eq(to),
                "<" => from.lt(to),
                "<=" => from.lt_eq(to),
                ">" => from.gt(to),
                ">=" => from.gt_eq(to),
                // Texts are never null; of others null is unequal to every value.
                "!=" if left.gives == ScalarType::String => from.not_eq(to),
                _ => return None,
            })
        }
        [held, low, high] if name == "between" && both_plain(held, low) && both_plain(held, high) => {
            let held = value(held, columns)?;
            Some(
                held.clone()
                    .gt_eq(value(low, columns)?)
                    .and(held.lt_eq(value(high, columns)?)),
            )
        }
        _ => None,
    }
}

/// `in` with literals of the same type.
fn listed(held: &Scalar, items: &[Scalar], columns: &[Column]) -> Option<Expr> {
    if items.is_empty()
        || !items
            .iter()
            .all(|item| item.as_literal().is_some() && both_plain(held, item))
    {
        return None;
    }
    let list = items
        .iter()
        .map(|item| value(item, columns))
        .collect::<Option<Vec<_>>>()?;
    Some(Expr::InList(InList::new(
        Box::new(value(held, columns)?),
        list,
        false,
    )))
}

/// An aggregate of the library, and what is done to it afterwards.
struct Aggregated {
    aggregate: Expr,
    name: String,
    /// What stands where no row had a value.
    nothing: Option<ScalarValue>,
}

impl Aggregated {
    fn finished(&self, name: &str) -> Expr {
        let column = Expr::Column(PlanColumn::new_unqualified(&self.name));
        match &self.nothing {
            None => column.alias(name),
            Some(nothing) => datafusion::functions::core::expr_fn::coalesce(vec![
                column,
                Expr::Literal(nothing.clone(), None),
            ])
            .alias(name),
        }
    }
}

fn aggregated(calls: &[AggregateCall], columns: &[Column]) -> Option<Vec<Aggregated>> {
    calls
        .iter()
        .enumerate()
        .map(|(at, call)| {
            let (aggregate, nothing) = aggregate(call, columns)?;
            let name = format!("#{at}");
            Some(Aggregated {
                aggregate: aggregate.alias(&name),
                name,
                nothing,
            })
        })
        .collect()
}

fn aggregate(call: &AggregateCall, columns: &[Column]) -> Option<(Expr, Option<ScalarValue>)> {
    let argument = |at: usize| {
        call.arguments
            .get(at)
            .and_then(|argument| value(argument, columns))
    };
    let kind = |at: usize| call.arguments.get(at).map(|argument| argument.gives);
    let condition = |at: usize| {
        call.arguments
            .get(at)
            .and_then(|argument| predicate(argument, columns))
    };
    let when = |condition: Expr, held: Expr| case(lit(true)).when(condition.is_true(), held).end().ok();
    let summed = |kind: Option<ScalarType>| match kind {
        Some(ScalarType::Real) => Some(ScalarValue::Float64(Some(0.0))),
        Some(ScalarType::Long | ScalarType::Int | ScalarType::Timespan) => Some(ScalarValue::Int64(Some(0))),
        _ => None,
    };
    // Where what is no number would be found, the order is KQL's own.
    let is_plain = |kind: Option<ScalarType>| kind.is_some_and(compares_plainly);
    Some(match call.function.as_str() {
        "count" => (aggregates::count(lit(1_i64)), None),
        "countif" => (aggregates::count(when(condition(0)?, lit(1_i64))?), None),
        "sum" => (aggregates::sum(argument(0)?), Some(summed(kind(0))?)),
        "sumif" => (
            aggregates::sum(when(condition(1)?, argument(0)?)?),
            Some(summed(kind(0))?),
        ),
        "min" if is_plain(kind(0)) => (aggregates::min(argument(0)?), None),
        "max" if is_plain(kind(0)) => (aggregates::max(argument(0)?), None),
        "minif" if is_plain(kind(0)) => (aggregates::min(when(condition(1)?, argument(0)?)?), None),
        "maxif" if is_plain(kind(0)) => (aggregates::max(when(condition(1)?, argument(0)?)?), None),
        "avg"
            if matches!(
                kind(0),
                Some(ScalarType::Int | ScalarType::Long | ScalarType::Real)
            ) =>
        {
            (
                aggregates::avg(datafusion::logical_expr::cast(argument(0)?, DataType::Float64)),
                Some(ScalarValue::Float64(Some(f64::NAN))),
            )
        }
        "dcount" | "count_distinct" if is_plain(kind(0)) => {
            (aggregates::count(argument(0)?).distinct().build().ok()?, None)
        }
        _ => return None,
    })
}
