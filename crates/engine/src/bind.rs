//! Makes every call of a bound plan one of the session's own functions.
//!
//! The library's planner turns some syntax (`[a, b]`, `OVERLAY`, `||` of lists) into functions of its
//! own choice, past the session's. Texts that `array_agg` gathers are made plain ones, whose memory it
//! counts: of the views that a scan gives it counts 16 bytes each. No name of a column is changed.

use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, plan_datafusion_err, plan_err};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};

use crate::functions::{JOIN_TEXT, is_removed};

/// The plan with the session's functions.
pub(crate) fn to_session(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    let bound = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        let input = node.inputs().first().map(|input| Arc::clone(input.schema()));
        let node = node.map_expressions(|expression| {
            let name = names.save(&expression);
            let changed = expression.transform_up(|part| call(part, state, input.as_deref()))?;
            Ok(changed.update_data(|expression| name.restore(expression)))
        })?;
        if !node.transformed {
            return Ok(node);
        }
        node.data.recompute_schema().map(Transformed::yes)
    })?;
    Ok(bound.data)
}

fn call(part: Expr, state: &SessionState, input: Option<&DFSchema>) -> Result<Transformed<Expr>> {
    match part {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::StringConcat,
            right,
        }) => match state.scalar_functions().get(JOIN_TEXT) {
            Some(join) => Ok(Transformed::yes(join.call(vec![*left, *right]))),
            None => plan_err!("Invalid function '{JOIN_TEXT}'"),
        },
        Expr::ScalarFunction(mut function) => {
            let name = function.func.name();
            match state.scalar_functions().get(name) {
                Some(own) if !Arc::ptr_eq(own, &function.func) => {
                    function.func = Arc::clone(own);
                    Ok(Transformed::yes(Expr::ScalarFunction(function)))
                }
                None if is_removed(name) => plan_err!("Invalid function '{name}'"),
                _ => Ok(Transformed::no(Expr::ScalarFunction(function))),
            }
        }
        Expr::AggregateFunction(mut function) if function.func.name() == "array_agg" => {
            let input = input.ok_or_else(|| plan_datafusion_err!("`array_agg` has nothing to gather"))?;
            function.params.args = function
                .params
                .args
                .into_iter()
                .map(|gathered| plain_text(gathered, input))
                .collect::<Result<_>>()?;
            Ok(Transformed::yes(Expr::AggregateFunction(function)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn plain_text(gathered: Expr, input: &DFSchema) -> Result<Expr> {
    match gathered.get_type(input)? {
        DataType::Utf8View => gathered.cast_to(&DataType::Utf8, input),
        DataType::BinaryView => gathered.cast_to(&DataType::Binary, input),
        _ => Ok(gathered),
    }
}
