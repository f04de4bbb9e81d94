//! The rules that make a plan a better one: the library's, but for what one of them does wrong, and one more.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

/// The rules, in their order.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let own: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(PushDownFilterAboveTotals::default());
    let rules = Optimizer::new().rules.into_iter();
    let last: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(CheapConditionsFirst);
    rules
        .map(|rule| {
            if rule.name() == own.name() {
                Arc::clone(&own)
            } else {
                rule
            }
        })
        .chain([last])
        .collect()
}

/// Pushes conditions down, but not below an aggregate of all rows. That gives a row even of none, so a condition that
/// is false, and looks at no column, would be lost there.
#[derive(Debug, Default)]
struct PushDownFilterAboveTotals(PushDownFilter);

impl OptimizerRule for PushDownFilterAboveTotals {
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
        self.0.rewrite(plan, config)
    }
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
