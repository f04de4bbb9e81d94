//! The rules that make a plan a better one: the library's, but for what one of them does wrong, and one more.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, LogicalPlan, Projection};
use datafusion::optimizer::eliminate_outer_join::EliminateOuterJoin;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

use crate::fences::CONDITION_PARTS_MAX;

/// The rules, in their order.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let own: [Arc<dyn OptimizerRule + Send + Sync>; 2] = [
        Arc::new(PushDownSomeFilters::default()),
        Arc::new(EliminateSomeOuterJoins::default()),
    ];
    let rules = Optimizer::new().rules.into_iter();
    let last: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(CheapConditionsFirst);
    rules
        .map(|rule| {
            let better = own.iter().find(|own| own.name() == rule.name());
            better.cloned().unwrap_or(rule)
        })
        .chain([last])
        .collect()
}

/// Pushes conditions down, but for two cases:
/// - not below an aggregate of all rows. That gives a row even of none, so a condition that is false, and looks at no
///   column, would be lost there;
/// - not below columns that would make it too long. Each name in it is replaced by what it stands for, and twenty steps
///   that each name the one before twice make a million parts.
#[derive(Debug, Default)]
struct PushDownSomeFilters(PushDownFilter);

impl OptimizerRule for PushDownSomeFilters {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        if let LogicalPlan::Filter(filter) = &plan
            && let LogicalPlan::Aggregate(aggregate) = filter.input.as_ref()
            && aggregate.group_expr.is_empty()
        {
            return Ok(Transformed::no(plan));
        }
        if let LogicalPlan::Filter(filter) = &plan
            && let LogicalPlan::Projection(projection) = filter.input.as_ref()
            && parts_below(&filter.predicate, projection)? > CONDITION_PARTS_MAX
        {
            return Ok(Transformed::no(plan));
        }
        self.0.rewrite(plan, config)
    }
}

/// Makes inner joins of outer ones whose other rows a condition behind them leaves out; not where the condition, with all
/// that it names in place of names, would be too long.
#[derive(Debug, Default)]
struct EliminateSomeOuterJoins(EliminateOuterJoin);

impl OptimizerRule for EliminateSomeOuterJoins {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = &plan else {
            return Ok(Transformed::no(plan));
        };
        let mut projections = Vec::new();
        let mut input = &filter.input;
        while let LogicalPlan::Projection(projection) = input.as_ref() {
            projections.push(projection);
            input = &projection.input;
        }
        // From the lowest on: how many parts stand for each column.
        let mut below: Option<(&Projection, Vec<usize>)> = None;
        for projection in projections.into_iter().rev() {
            let made = projection.expr.iter().map(|made| parts(made, below.as_ref()));
            below = Some((projection, made.collect::<Result<_>>()?));
        }
        if parts(&filter.predicate, below.as_ref())? > CONDITION_PARTS_MAX {
            return Ok(Transformed::no(plan));
        }
        self.0.rewrite(plan, config)
    }
}

/// How many parts a condition would have below a projection.
fn parts_below(condition: &Expr, projection: &Projection) -> Result<usize> {
    let made = projection.expr.iter().map(|made| parts(made, None));
    parts(condition, Some(&(projection, made.collect::<Result<_>>()?)))
}

/// How many parts an expression has, where so many stand for each column of a projection.
fn parts(expression: &Expr, below: Option<&(&Projection, Vec<usize>)>) -> Result<usize> {
    let of_column = |column: &Column| {
        let (projection, parts) = below?;
        let at = projection.schema.maybe_index_of_column(column)?;
        parts.get(at).copied()
    };
    let mut parts: usize = 0;
    expression.apply(|part| {
        parts = parts.saturating_add(match part {
            Expr::Column(column) => of_column(column).unwrap_or(1),
            _ => 1,
        });
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(parts)
}

/// Puts what is quickly tested before what is not: each condition is tested on the rows that those before it left. The
/// library orders them by the bytes of their columns, and would look for ten words in every row of a small column before
/// it compares a number.
#[derive(Debug)]
struct CheapConditionsFirst;

impl OptimizerRule for CheapConditionsFirst {
    fn name(&self) -> &'static str {
        "cheap_conditions_first"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(mut filter) = plan else {
            return Ok(Transformed::no(plan));
        };
        let mut costs = Vec::new();
        for condition in split_conjunction(&filter.predicate) {
            costs.push((cost(condition)?, condition));
        }
        if costs.is_sorted_by_key(|(cost, _)| *cost) {
            return Ok(Transformed::no(LogicalPlan::Filter(filter)));
        }
        costs.sort_by_key(|(cost, _)| *cost);
        let ordered = costs.into_iter().map(|(_, condition)| condition.clone());
        if let Some(ordered) = conjunction(ordered) {
            filter.predicate = ordered;
        }
        Ok(Transformed::yes(LogicalPlan::Filter(filter)))
    }
}

/// About how much work a condition is for one row.
fn cost(condition: &Expr) -> Result<usize> {
    let mut cost: usize = 0;
    condition.apply(|part| {
        cost = cost.saturating_add(match part {
            Expr::Column(_) | Expr::Literal(..) | Expr::Alias(_) => 0,
            Expr::ScalarFunction(_) | Expr::Like(_) | Expr::SimilarTo(_) => 20,
            _ => 1,
        });
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(cost)
}
