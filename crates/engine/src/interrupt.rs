//! Lets a query be stopped inside the operators that would not stop by themselves.
//!
//! The library's operators give way between batches of a scan. A join that makes millions of rows
//! out of few, or looks through millions and gives none, is busy between two such points for
//! minutes; so joins are made to give way after every batch, and a join's own condition looks at
//! the token each time it is computed. Answers are the same with and without. This is done to the
//! plan last, where it runs, and never travels.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, HashJoinExecBuilder, NestedLoopJoinExec, NestedLoopJoinExecBuilder,
    SortMergeJoinExec,
};
use datafusion::physical_plan::unnest::UnnestExec;
use tokio_util::sync::CancellationToken;

use crate::views::compacted;

/// The plan, made to stop when the token says so.
pub(crate) fn stoppable(
    plan: Arc<dyn ExecutionPlan>,
    token: &CancellationToken,
) -> Result<Arc<dyn ExecutionPlan>> {
    let guarded = plan.transform_up(|node| {
        let guarded: Arc<dyn ExecutionPlan> = if let Some(join) = node.downcast_ref::<NestedLoopJoinExec>() {
            let filter = join.filter().map(|filter| watched(filter, token));
            Arc::new(
                NestedLoopJoinExecBuilder::from(join)
                    .with_filter(filter)
                    .build()?,
            )
        } else if let Some(join) = node.downcast_ref::<HashJoinExec>() {
            let filter = join.filter().map(|filter| watched(filter, token));
            let children = vec![compacted(join.left()), Arc::clone(join.right())];
            let join = HashJoinExecBuilder::from(join).with_filter(filter);
            join.with_new_children(children)?.build_exec()?
        } else if node.is::<CrossJoinExec>() || node.is::<SortMergeJoinExec>() || node.is::<UnnestExec>() {
            node
        } else {
            return Ok(Transformed::no(node));
        };
        Ok(Transformed::yes(
            Arc::new(CooperativeExec::new(guarded)) as Arc<dyn ExecutionPlan>
        ))
    })?;
    Ok(guarded.data)
}

fn watched(filter: &JoinFilter, token: &CancellationToken) -> JoinFilter {
    let condition = Watched {
        condition: Arc::clone(filter.expression()),
        token: token.clone(),
    };
    JoinFilter::new(
        Arc::new(condition),
        filter.column_indices().to_vec(),
        Arc::clone(filter.schema()),
    )
}

/// A condition that fails once the token is cancelled.
#[derive(Debug)]
struct Watched {
    condition: Arc<dyn PhysicalExpr>,
    token: CancellationToken,
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        self.condition.eq(&other.condition)
    }
}

impl Eq for Watched {}

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.condition.hash(state);
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

impl PhysicalExpr for Watched {
    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        if self.token.is_cancelled() {
            return exec_err!("the query was stopped");
        }
        self.condition.evaluate(batch)
    }

    fn return_field(&self, input_schema: &Schema) -> Result<FieldRef> {
        self.condition.return_field(input_schema)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.condition]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let Some(condition) = children.into_iter().next() else {
            return exec_err!("a condition is missing");
        };
        Ok(Arc::new(Self {
            condition,
            token: self.token.clone(),
        }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt_sql(f)
    }
}
