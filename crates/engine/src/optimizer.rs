//! The rules that make a plan a better one: the library's, but for what one of them does wrong.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

/// The rules, in their order.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let own: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(PushDownFilterAboveTotals::default());
    let rules = Optimizer::new().rules.into_iter();
    rules
        .map(|rule| {
            if rule.name() == own.name() {
                Arc::clone(&own)
            } else {
                rule
            }
        })
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
