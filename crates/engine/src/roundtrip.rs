//! Sends a plan through its wire form and back, so that tests run what an executor would run.
//!
//! Plans over the catalogue (`SHOW TABLES`, `DESCRIBE`) and explanations never travel: they are
//! answered where the catalogue is; nor do recursive queries, whose wire form is not whole. Every other plan must come back as it went, or the query fails.

use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::datasource::source_as_provider;
use datafusion::execution::TaskContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::bytes::{
    logical_plan_from_bytes_with_extension_codec, logical_plan_to_bytes_with_extension_codec,
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};

use crate::codec::{LogicalCodec, PhysicalCodec};
use crate::provider::SnapshotProvider;

/// True if the plan reads nothing but tables of ours.
pub(crate) fn travels(plan: &LogicalPlan) -> Result<bool> {
    let mut travels = true;
    plan.apply_with_subqueries(|node| {
        match node {
            // An explanation gathers texts while it is made; it is for reading where it was asked for.
            LogicalPlan::DescribeTable(_) | LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => {
                travels = false
            }
            // The wire form loses which columns of the working table are read.
            LogicalPlan::RecursiveQuery(_) => travels = false,
            LogicalPlan::TableScan(scan) => {
                let provider = source_as_provider(&scan.source)?;
                travels &= provider.is::<SnapshotProvider>();
            }
            _ => {}
        }
        Ok(if travels {
            TreeNodeRecursion::Continue
        } else {
            TreeNodeRecursion::Stop
        })
    })?;
    Ok(travels)
}

/// The plan as the other end would have it, which optimises once more before it plans. It must read
/// the same then.
pub(crate) fn logical(plan: &LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    let bytes = logical_plan_to_bytes_with_extension_codec(plan, &LogicalCodec)?;
    let back = logical_plan_from_bytes_with_extension_codec(&bytes, &state.task_ctx(), &LogicalCodec)?;
    let back = state.optimize(&back)?;
    let (went, came) = (
        plan.display_indent_schema().to_string(),
        back.display_indent_schema().to_string(),
    );
    if went != came {
        return internal_err!("a plan changed on its way: {went:?} is now {came:?}");
    }
    Ok(back)
}

/// The operators as the other end would have them. They must give the same columns.
pub(crate) fn physical(
    plan: &Arc<dyn ExecutionPlan>,
    context: &TaskContext,
) -> Result<Arc<dyn ExecutionPlan>> {
    let bytes = physical_plan_to_bytes_with_extension_codec(Arc::clone(plan), &PhysicalCodec)?;
    let back = physical_plan_from_bytes_with_extension_codec(&bytes, context, &PhysicalCodec)?;
    if plan.schema() != back.schema() {
        return internal_err!(
            "operators changed on their way: {:?} is now {:?}",
            plan.schema(),
            back.schema()
        );
    }
    Ok(back)
}
