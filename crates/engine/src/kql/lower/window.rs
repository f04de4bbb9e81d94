//! Functions that look at neighbouring rows, where the rows have an order.

use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_window::expr_fn::{lag, lead, row_number};
use datafusion::logical_expr::utils::find_window_exprs;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use kql::ScalarType;
use kql::bound::Scalar;
use kql::syntax::Literal;

use super::inputs::Inputs;
use super::order::Order;
use super::scalar::{Scope, null};
use super::{Lowering, Stop};

/// Makes columns, and before them what they need of neighbouring rows.
pub(super) fn projected(plan: LogicalPlan, outputs: Vec<Expr>) -> Lowering<LogicalPlan> {
    if find_window_exprs(&outputs).is_empty() {
        return Ok(LogicalPlanBuilder::from(plan).project(outputs)?.build()?);
    }
    let (plan, outputs) = beforehand(plan, outputs)?;
    let plan = LogicalPlanBuilder::window_plan(plan, find_window_exprs(&outputs))?;
    Ok(LogicalPlanBuilder::from(plan).project(outputs)?.build()?)
}

/// The plan with a step that makes what functions over the rows look at, and the outputs that look at that.
fn beforehand(plan: LogicalPlan, outputs: Vec<Expr>) -> Lowering<(LogicalPlan, Vec<Expr>)> {
    let mut inputs = Inputs::default();
    let outputs = outputs
        .into_iter()
        .map(|output| {
            let looking = output.transform_up(|part| match part {
                Expr::WindowFunction(mut function) => {
                    inputs.columns(&mut function.params.args);
                    Ok(Transformed::yes(Expr::WindowFunction(function)))
                }
                part => Ok(Transformed::no(part)),
            })?;
            Ok(looking.data)
        })
        .collect::<Lowering<Vec<_>>>()?;
    let held: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let plan = LogicalPlanBuilder::from(plan).project(held.into_iter().chain(inputs.made()))?;
    Ok((plan.build()?, outputs))
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
                Some(distance) => whole(distance)
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
        ("row_number", [] | [_]) => {
            let from = match arguments.first() {
                None => 1,
                Some(from) => whole(from).ok_or(Stop::Beyond)?,
            };
            let number = datafusion::logical_expr::cast(over(row_number())?, arrow_schema::DataType::Int64);
            Ok(if from == 1 { number } else { number + lit(from - 1) })
        }
        _ => Err(Stop::Beyond),
    }
}

fn whole(scalar: &Scalar) -> Option<i64> {
    match scalar.as_literal()? {
        Literal::Long(value) => *value,
        Literal::Int(value) => value.map(i64::from),
        _ => None,
    }
}
