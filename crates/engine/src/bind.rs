//! Makes every call of a bound plan one of the session's own functions.
//!
//! The library's planner turns some syntax (`[a, b]`, `OVERLAY`, `||` of lists) into functions of its
//! own choice, past the session's. Texts that `array_agg` gathers are made plain ones, whose memory it
//! counts: of the views that a scan gives it counts 16 bytes each. No name of a column is changed. Texts that
//! are compared with numbers are refused.

use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, Result, plan_datafusion_err, plan_err};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};

use crate::error::Position;
use crate::functions::{JOIN_TEXT, is_removed};

/// The plan with the session's functions.
pub(crate) fn to_session(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    let bound = plan.transform_up_with_subqueries(|node| {
        comparable(&node)?;
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

/// A text and a number that a query compares.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be compared with {}", named(if .text.is_some() { "text column" } else { "text" }, .text.as_deref()), named("the number", .number.as_deref()))]
pub(crate) struct TextWithNumber {
    /// The column, if it is one.
    text: Option<String>,
    /// The column or the value, if it is one.
    number: Option<String>,
    is_literal: bool,
    pub(crate) position: Option<Position>,
}

/// What it is, and its name where it has one that the query's author knows.
fn named(what: &str, name: Option<&str>) -> String {
    name.map_or_else(|| what.to_owned(), |name| format!("{what} `{name}`"))
}

impl TextWithNumber {
    /// The next step.
    pub(crate) fn hint(&self) -> String {
        let name = self.text.as_deref().unwrap_or("...");
        let reads = format!("`TRY_CAST({name} AS BIGINT)` reads numbers out of text");
        match &self.number {
            Some(number) if self.is_literal => format!("write the value in quotes: `'{number}'`; {reads}"),
            _ => reads,
        }
    }

    fn of(text: &Expr, number: &Expr) -> Self {
        let column = |value: &Expr| value.try_as_col().map(|column| column.name.clone());
        let literal = number.as_literal().map(ToString::to_string);
        let span = text.spans().and_then(|spans| spans.first());
        Self {
            text: column(text),
            is_literal: literal.is_some(),
            number: literal.or_else(|| column(number)),
            position: span.map(|span| Position {
                line: span.start.line,
                column: span.start.column,
            }),
        }
    }
}

/// Refuses texts compared with numbers, anywhere in a node. The library would read each text as a
/// number and fail at the first that is none. A text that the query itself holds it reads once: that
/// is `DestPort = '22'`.
fn comparable(node: &LogicalPlan) -> Result<()> {
    let mut names = DFSchema::empty();
    for input in node.inputs() {
        names.merge(input.schema());
    }
    node.apply_expressions(|expression| {
        comparable_in(expression, &names)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// The same in one expression.
pub(crate) fn comparable_in(expression: &Expr, names: &DFSchema) -> Result<()> {
    expression.apply(|part| {
        match part {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(*op) => {
                fit(left, right, names)?;
            }
            Expr::InList(list) => {
                list.list
                    .iter()
                    .try_for_each(|value| fit(&list.expr, value, names))?;
            }
            Expr::Between(between) => {
                fit(&between.expr, &between.low, names)?;
                fit(&between.expr, &between.high, names)?;
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

const fn compares(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn fit(left: &Expr, right: &Expr, names: &DFSchema) -> Result<()> {
    let is_text = |value: &Expr| {
        !matches!(value, Expr::Literal(..))
            && matches!(
                value.get_type(names),
                Ok(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            )
    };
    let is_number = |value: &Expr| {
        value
            .get_type(names)
            .is_ok_and(|data_type| data_type.is_numeric())
    };
    let found = if is_text(left) && is_number(right) {
        TextWithNumber::of(left, right)
    } else if is_number(left) && is_text(right) {
        TextWithNumber::of(right, left)
    } else {
        return Ok(());
    };
    Err(DataFusionError::External(Box::new(found)))
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
