//! `summarize`: the library's aggregates where they are the same, KQL's own otherwise.

use arrow_schema::DataType;
use datafusion::arrow::compute::SortOptions;
use datafusion::common::ScalarValue;
use datafusion::functions::core::expr_fn::{coalesce, get_field};
use datafusion::functions_aggregate::expr_fn as aggregates;
use datafusion::logical_expr::{Expr, ExprSchemable as _, LogicalPlan, LogicalPlanBuilder, case, cast, lit};
use kql::ScalarType;
use kql::bound::{AggregateCall, Column, HIDDEN, Named, Scalar};
use kqleval::follows_order;

use super::inputs::Inputs;
use super::order::Order;
use super::predicate::compares_plainly;
use super::scalar::{Scope, column_named};
use super::{Lowering, Stop};
use crate::kql::aggregates::{Key, distinct, field_name, kept, ranked};
use crate::kql::kept_texts::viewed;

/// Groups, and what the aggregates give. Lists are made in the order that the rows have.
pub(super) fn summarized(
    scope: &Scope<'_>,
    plan: LogicalPlan,
    order: Option<&Order>,
    groups: &[Named],
    calls: &[AggregateCall],
    columns: &[Column],
) -> Lowering<(LogicalPlan, Option<Order>)> {
    let keys = match order {
        Some(order) if calls.iter().any(|call| follows_order(&call.function)) => sort_keys(order, &plan)?,
        _ => Vec::new(),
    };
    let mut inputs = Inputs::default();
    let mut made = Vec::new();
    let mut outputs = Vec::with_capacity(columns.len());
    let mut by = Vec::with_capacity(groups.len());
    for (group, column) in groups.iter().zip(columns) {
        let key = inputs.column(scope.key(&group.value)?);
        // Digits are shown as one of the rows has them.
        let shown = match group.value.gives {
            ScalarType::Decimal => {
                let digits = inputs.column(scope.value(&group.value)?);
                add(&mut made, aggregates::first_value(digits, Vec::new()))
            }
            _ => key.clone(),
        };
        outputs.push(shown.alias(&*column.name));
        by.push(key);
    }
    let mut groups = by;
    // The parts of rows are grouped each by itself.
    let parts = order.map(Order::parts).unwrap_or_default();
    let mut grouped_order = Order::default();
    for part in parts {
        let group = inputs.column(part.clone());
        grouped_order = grouped_order.parted(group.clone(), &mut outputs);
        groups.push(group);
    }
    for call in calls {
        let aggregated = aggregated(scope, call, &keys, &mut |mut aggregate| {
            if let Expr::AggregateFunction(function) = &mut aggregate {
                inputs.columns(&mut function.params.args);
            }
            add(&mut made, aggregate)
        })?;
        for (expression, column) in aggregated.into_iter().zip(&call.columns) {
            outputs.push(expression.alias(&*column.name));
        }
    }
    let made = made
        .into_iter()
        .enumerate()
        .map(|(at, aggregate)| aggregate.alias(made_name(at)));
    let grouped = LogicalPlanBuilder::from(plan)
        .project(inputs.made())?
        .aggregate(groups, made)?;
    let order = (!parts.is_empty()).then_some(grouped_order);
    Ok((grouped.project(outputs)?.build()?, order))
}

/// The column that an aggregate becomes; the same ones become one.
fn add(made: &mut Vec<Expr>, aggregate: Expr) -> Expr {
    let at = made.iter().position(|held| *held == aggregate);
    let at = at.unwrap_or_else(|| {
        made.push(aggregate);
        made.len() - 1
    });
    column_named(made_name(at))
}

fn made_name(at: usize) -> String {
    format!("{HIDDEN}made {at}")
}

/// The columns that come of a call; `add` takes an aggregate of the plan and gives the column it becomes.
fn aggregated(
    scope: &Scope<'_>,
    call: &AggregateCall,
    keys: &[(Expr, Key)],
    add: &mut dyn FnMut(Expr) -> Expr,
) -> Lowering<Vec<Expr>> {
    if let Some((aggregate, nothing)) = of_the_library(scope, call)? {
        let column = add(aggregate);
        return Ok(vec![match nothing {
            None => column,
            Some(nothing) => coalesce(vec![column, lit(nothing)]),
        }]);
    }
    let column = add(own(scope, call, keys)?);
    Ok(match call.columns.len() {
        1 => vec![column],
        many => (0..many)
            .map(|at| get_field(column.clone(), field_name(at)))
            .collect(),
    })
}

/// What rows are ordered by, as columns of their plan.
fn sort_keys(order: &Order, plan: &LogicalPlan) -> Lowering<Vec<(Expr, Key)>> {
    let keys = order.keys().into_iter().map(|key| {
        let held = key.expr.get_type(plan.schema())?;
        let value = viewed(key.expr, &held);
        let kind = match value.get_type(plan.schema())? {
            DataType::Boolean => ScalarType::Bool,
            DataType::Int32 => ScalarType::Int,
            DataType::Int64 => ScalarType::Long,
            DataType::Float64 => ScalarType::Real,
            DataType::Utf8View => ScalarType::String,
            DataType::FixedSizeBinary(16) => ScalarType::Guid,
            _ => return Err(Stop::Beyond),
        };
        let options = SortOptions {
            descending: !key.asc,
            nulls_first: key.nulls_first,
        };
        Ok((value, (kind, options)))
    });
    keys.collect()
}

/// An aggregate of KQL.
fn own(scope: &Scope<'_>, call: &AggregateCall, keys: &[(Expr, Key)]) -> Lowering<Expr> {
    if let (Some(function), Some(first)) = (ranked(call), call.arguments.first()) {
        return Ok(function.call(vec![scope.value(first)?]));
    }
    let mut arguments = call
        .arguments
        .iter()
        .map(|argument| scope.value(argument))
        .collect::<Lowering<Vec<_>>>()?;
    let mut kinds: Vec<ScalarType> = call.arguments.iter().map(|argument| argument.gives).collect();
    if arguments.is_empty() {
        // The library's aggregates take something.
        arguments.push(lit(1_i64));
        kinds.push(ScalarType::Long);
    }
    let (columns, keys): (Vec<Expr>, Vec<Key>) = keys
        .iter()
        .filter(|_| follows_order(&call.function))
        .cloned()
        .unzip();
    let function = kept(call, &kinds, &keys).ok_or(Stop::Beyond)?;
    arguments.extend(columns);
    Ok(function.call(arguments))
}

/// An aggregate of the library, and what stands where no row had a value.
fn of_the_library(scope: &Scope<'_>, call: &AggregateCall) -> Lowering<Option<(Expr, Option<ScalarValue>)>> {
    let [first, rest @ ..] = call.arguments.as_slice() else {
        return Ok((call.function == "count").then(|| (aggregates::count(lit(1_i64)), None)));
    };
    let when = |condition: &Scalar, held: Expr| -> Lowering<Expr> {
        Ok(case(lit(true))
            .when(scope.predicate(condition)?.is_true(), held)
            .end()?)
    };
    let value = |held: Expr| match rest.first() {
        Some(condition) if call.function.ends_with("if") => when(condition, held),
        _ => Ok(held),
    };
    // Where what is no number would be found, the order is KQL's own.
    let is_plain = compares_plainly(first.gives);
    let is_number = matches!(first.gives, ScalarType::Int | ScalarType::Long | ScalarType::Real);
    let number = || -> Lowering<Expr> { value(cast(scope.value(first)?, DataType::Float64)) };
    let (real, no_number) = (
        ScalarValue::Float64(Some(0.0)),
        ScalarValue::Float64(Some(f64::NAN)),
    );
    Ok(Some(match call.function.as_str() {
        // Rows without a value count too.
        "count" => (aggregates::count(lit(1_i64)), None),
        "countif" => (aggregates::count(when(first, lit(1_i64))?), None),
        "sum" | "sumif" if is_number || first.gives == ScalarType::Timespan => {
            let nothing = match first.gives {
                ScalarType::Real => real,
                _ => ScalarValue::Int64(Some(0)),
            };
            (aggregates::sum(value(scope.value(first)?)?), Some(nothing))
        }
        "min" | "minif" if is_plain => (aggregates::min(value(scope.value(first)?)?), None),
        "max" | "maxif" if is_plain => (aggregates::max(value(scope.value(first)?)?), None),
        "avg" | "avgif" if is_number => (aggregates::avg(number()?), Some(no_number)),
        "stdev" | "stdevif" if is_number => (aggregates::stddev(number()?), Some(real)),
        "stdevp" if is_number => (aggregates::stddev_pop(number()?), Some(real)),
        "variance" | "varianceif" if is_number => (aggregates::var_sample(number()?), Some(real)),
        "variancep" | "variancepif" if is_number => (aggregates::var_pop(number()?), Some(real)),
        // Behind the value stands how exact to be, and this is exact; or the condition.
        "dcount" | "count_distinct" | "dcountif" | "count_distinctif" if is_plain => (
            distinct(first.gives).call(vec![value(scope.value(first)?)?]),
            None,
        ),
        _ => return Ok(None),
    }))
}
