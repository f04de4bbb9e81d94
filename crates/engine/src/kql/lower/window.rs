//! Functions that look at neighbouring rows, where the rows have an order.

use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::first_last::last_value_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_window::expr_fn::{lag, lead, row_number};
use datafusion::logical_expr::expr::{NullTreatment, WindowFunction};
use datafusion::logical_expr::utils::find_window_exprs;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, WindowFrame, WindowFrameBound, WindowFrameUnits, cast, lit, when,
};
use kql::ScalarType;
use kql::bound::{HIDDEN, Scalar};
use kql::syntax::Literal;

use super::inputs::Inputs;
use super::order::Order;
use super::scalar::{Scope, column_named, null};
use super::{Lowering, Stop};
use crate::kql::kept_texts::{viewed, whole};

/// Makes columns, and before them what they need of neighbouring rows. The order's keys go on beside them.
pub(super) fn projected(plan: LogicalPlan, outputs: Vec<Expr>, keys: Vec<Expr>) -> Lowering<LogicalPlan> {
    let ordered: Vec<String> = keys.iter().filter_map(column_of).map(str::to_owned).collect();
    let (mut plan, mut outputs) = (plan, outputs);
    let mut stage = 0;
    loop {
        // A function over rows may look at what others make: those come first.
        let windows = innermost(&outputs)?;
        if windows.is_empty() {
            break;
        }
        (plan, outputs) = made_first(plan, outputs, &windows, &ordered, stage)?;
        stage += 1;
    }
    // A text that rows are ordered by stays as it went through: the library knows the order of nothing made of it.
    outputs.extend(keys.into_iter().map(|key| match whole_of(&key, plan.schema()) {
        Some(whole) => whole.alias(key.schema_name().to_string()),
        None => key,
    }));
    Ok(LogicalPlanBuilder::from(plan).project(outputs)?.build()?)
}

/// Functions over rows that look at no other such function.
fn innermost(outputs: &[Expr]) -> Lowering<Vec<Expr>> {
    let mut found: Vec<Expr> = Vec::new();
    for output in outputs {
        output.apply(|part| {
            if let Expr::WindowFunction(function) = part
                && find_window_exprs(&function.params.args).is_empty()
                && !found.contains(part)
            {
                found.push(part.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(found)
}

/// The plan with some functions over rows as columns, and the outputs that name them.
fn made_first(
    plan: LogicalPlan,
    outputs: Vec<Expr>,
    windows: &[Expr],
    ordered: &[String],
    stage: usize,
) -> Lowering<(LogicalPlan, Vec<Expr>)> {
    let held: Vec<String> = plan
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let mut inputs = Inputs::default();
    let looking: Vec<Expr> = windows
        .iter()
        .map(|window| match window {
            Expr::WindowFunction(function) => {
                let mut function = function.clone();
                inputs.columns(&mut function.params.args);
                Expr::WindowFunction(function)
            }
            other => other.clone(),
        })
        .collect();
    let columns = held.iter().map(|name| column_named(name).alias(name));
    let columns = columns.chain(inputs.made()).collect::<Vec<_>>();
    let plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
    let plan = computed(plan, looking.clone(), ordered)?;
    // What was looked at is done with, and the functions get names of their own.
    let whole = ordered
        .iter()
        .map(|name| whole_name(name))
        .filter(|name| !held.contains(name) && plan.schema().has_column_with_unqualified_name(name));
    let mut columns: Vec<Expr> = held
        .iter()
        .cloned()
        .chain(whole)
        .map(|name| column_named(&name).alias(&name))
        .collect();
    let name = |at: usize| format!("{HIDDEN}over {stage} {at}");
    columns.extend(
        looking
            .iter()
            .enumerate()
            .map(|(at, window)| computed_as(window).alias(name(at))),
    );
    let plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
    let outputs = with_made(outputs, windows, &name, plan.schema())?;
    Ok((plan, outputs))
}

/// Outputs with names in place of functions over rows that have been computed.
fn with_made(
    outputs: Vec<Expr>,
    windows: &[Expr],
    name: &dyn Fn(usize) -> String,
    schema: &DFSchema,
) -> Lowering<Vec<Expr>> {
    outputs
        .into_iter()
        .map(|output| {
            let named = output.transform_up(|part| {
                if let Some(at) = windows.iter().position(|window| *window == part) {
                    return Ok(Transformed::yes(column_named(name(at))));
                }
                let Expr::WindowFunction(mut function) = part else {
                    return Ok(Transformed::no(part));
                };
                // Functions that come later find the rows in the order that these had.
                let keys = function.params.order_by.iter_mut().map(|key| &mut key.expr);
                for key in keys.chain(&mut function.params.partition_by) {
                    if let Some(whole) = whole_of(key, schema) {
                        *key = whole;
                    }
                }
                Ok(Transformed::yes(Expr::WindowFunction(function)))
            })?;
            Ok(named.data)
        })
        .collect()
}

/// A text that rows are ordered by as it went through, if the plan has it.
fn whole_of(key: &Expr, schema: &DFSchema) -> Option<Expr> {
    let name = whole_name(column_of(key)?);
    schema
        .has_column_with_unqualified_name(&name)
        .then(|| column_named(name))
}

/// The column that a key is.
fn column_of(key: &Expr) -> Option<&str> {
    match key {
        Expr::Column(column) => Some(&column.name),
        Expr::Alias(alias) => column_of(&alias.expr),
        _ => None,
    }
}

fn whole_name(column: &str) -> String {
    format!("{HIDDEN}whole {column}")
}

/// The column in which [`computed`] puts a function over rows.
pub(super) fn computed_as(window: &Expr) -> Expr {
    column_named(window.schema_name().to_string())
}

/// The plan with columns of functions over its rows; texts that the rows are ordered by are there once more, as
/// they went through.
pub(super) fn computed(plan: LogicalPlan, windows: Vec<Expr>, ordered: &[String]) -> Lowering<LogicalPlan> {
    let through = Arc::clone(plan.schema());
    let columns = through
        .fields()
        .iter()
        .map(|field| whole(column_named(field.name()), field.data_type()).alias(field.name()));
    let plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
    let plan = LogicalPlanBuilder::window_plan(plan, windows)?;
    let mut columns = Vec::new();
    for field in plan.schema().fields() {
        let (name, held) = (field.name(), column_named(field.name()));
        match through.field_with_unqualified_name(name) {
            // It is an order's key, which stays as it is.
            Ok(before) if before.data_type() == field.data_type() => columns.push(held),
            before => {
                let is_new = !through.has_column_with_unqualified_name(&whole_name(name));
                if before.is_ok() && is_new && ordered.contains(name) {
                    columns.push(held.clone().alias(whole_name(name)));
                }
                columns.push(viewed(held, field.data_type()).alias(name));
            }
        }
    }
    Ok(LogicalPlanBuilder::from(plan).project(columns)?.build()?)
}

/// A function over the rows in order.
pub(super) fn window(
    scope: &Scope<'_>,
    order: &Order,
    name: &str,
    arguments: &[Scalar],
    gives: ScalarType,
) -> Lowering<Expr> {
    if order.keys().is_empty() {
        return Err(Stop::Beyond);
    }
    let over = |function: Expr| order.over(function);
    match (name, arguments) {
        ("prev" | "next", [value, rest @ ..]) => {
            let distance = match rest.first() {
                None => 1,
                Some(distance) => whole_number(distance)
                    .filter(|distance| *distance > 0)
                    .ok_or(Stop::Beyond)?,
            };
            let default = match rest.get(1) {
                None => None,
                Some(default) => Some(scope.constant(default)?),
            };
            let value = scope.value(value)?;
            let looked_up = if name == "prev" {
                over(lag(value, Some(distance), default))?
            } else {
                over(lead(value, Some(distance), default))?
            };
            // Texts are never null.
            Ok(match gives {
                ScalarType::String => coalesce(vec![looked_up, null(ScalarType::String)?]),
                _ => looked_up,
            })
        }
        ("row_number", [] | [_] | [_, _]) => {
            let from = match arguments.first() {
                None => 1,
                Some(from) => whole_number(from).ok_or(Stop::Beyond)?,
            };
            let number = cast(over(row_number())?, DataType::Int64);
            let first = match arguments.get(1) {
                None => lit(1_i64),
                Some(restarts) => {
                    let first = as_of_the_last(order, scope.value(restarts)?, number.clone())?;
                    coalesce(vec![first, lit(1_i64)])
                }
            };
            Ok(number - first + lit(from))
        }
        // Without a value nothing is added.
        ("row_cumsum", [term, restarts @ ..])
            if restarts.len() < 2 && matches!(term.gives, ScalarType::Int | ScalarType::Long) =>
        {
            let total = summed(scope, order, term, restarts.first())?;
            Ok(match gives {
                ScalarType::Long => total,
                _ => cast(total, kqlfn::arrow_type(gives)),
            })
        }
        _ => Err(Stop::Beyond),
    }
}

/// What the rows come to, each with all before it from the last on at which it restarts.
fn summed(scope: &Scope<'_>, order: &Order, term: &Scalar, restarts: Option<&Scalar>) -> Lowering<Expr> {
    let none = lit(0_i64);
    let term = coalesce(vec![cast(scope.value(term)?, DataType::Int64), none.clone()]);
    let total = so_far(order, WindowFunction::new(sum_udaf(), vec![term.clone()]))?;
    let Some(restarts) = restarts else {
        return Ok(coalesce(vec![total, none]));
    };
    let before = as_of_the_last(order, scope.value(restarts)?, total.clone() - term)?;
    Ok(total - coalesce(vec![before, none]))
}

/// A function over each row and all before it; it passes over nulls.
fn so_far(order: &Order, function: WindowFunction) -> Lowering<Expr> {
    let Expr::WindowFunction(mut function) = order.over(Expr::from(function))? else {
        return Err(Stop::Beyond);
    };
    function.params.window_frame = WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
        WindowFrameBound::CurrentRow,
    );
    function.params.null_treatment = Some(NullTreatment::IgnoreNulls);
    Ok(Expr::WindowFunction(function))
}

/// The value at the last row up to each for which something is true; null before there is one.
fn as_of_the_last(order: &Order, is_one: Expr, value: Expr) -> Lowering<Expr> {
    let there = when(is_one, value).end()?;
    so_far(order, WindowFunction::new(last_value_udaf(), vec![there]))
}

fn whole_number(scalar: &Scalar) -> Option<i64> {
    match scalar.as_literal()? {
        Literal::Long(value) => *value,
        Literal::Int(value) => value.map(i64::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field, Schema};
    use datafusion::datasource::empty::EmptyTable;
    use datafusion::datasource::provider_as_source;
    use datafusion::functions_window::expr_fn::lag;
    use datafusion::logical_expr::ExprFunctionExt as _;
    use datafusion::physical_plan::displayable;
    use datafusion::prelude::SessionContext;

    use super::*;

    /// Texts go through with their bytes in one place, and no row is sorted twice for that.
    #[test]
    fn texts_are_no_views_in_functions_over_rows() {
        let schema = Schema::new(vec![
            Field::new("t", DataType::Utf8View, false),
            Field::new("n", DataType::Int64, false),
        ]);
        let source = provider_as_source(Arc::new(EmptyTable::new(Arc::new(schema))));
        let scanned = LogicalPlanBuilder::scan("held", source, None).unwrap();
        let held = [column_named("t").alias("t"), column_named("n").alias("n")];
        let mut plan = scanned.project(held).unwrap().build().unwrap();
        let mut key = "t".to_owned();
        for step in 0..2 {
            let before = lag(column_named("t"), Some(1), None)
                .order_by(vec![column_named(&key).sort(true, true)])
                .build()
                .unwrap();
            let outputs = vec![column_named("t"), before.alias(format!("p{step}"))];
            plan = projected(plan, outputs, vec![column_named(&key).alias("key 0")]).unwrap();
            assert_eq!(plan.schema().field(1).data_type(), &DataType::Utf8View);
            key = "key 0".to_owned();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let state = SessionContext::new().state();
        let plan = runtime.block_on(state.create_physical_plan(&plan)).unwrap();
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        assert_eq!(shown.matches("SortExec").count(), 1, "{shown}");
        for line in shown.lines().filter(|line| line.contains("BoundedWindowAggExec")) {
            assert!(line.contains("LargeUtf8"), "{line}");
        }
    }
}
