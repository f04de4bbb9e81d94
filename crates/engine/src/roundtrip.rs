//! Sends a plan through its wire form and back, so that tests run what an executor would run.
//!
//! Plans over the catalogue (`SHOW TABLES`, `DESCRIBE`) never travel: they are answered where the
//! catalogue is. Of an explanation travels what it explains. Every other plan must come back as it
//! went, or the query fails.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Result, internal_err};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::source_as_provider;
use datafusion::execution::TaskContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, Union};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::bytes::{
    logical_plan_from_bytes_with_extension_codec, logical_plan_to_bytes_with_extension_codec,
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};

use crate::codec::{LogicalCodec, PhysicalCodec};
use crate::kql::RowsTable;
use crate::provider::SnapshotProvider;
use crate::views::compact;

/// The part of the plan that travels, if it reads nothing but tables of ours.
pub(crate) fn travelling(plan: &LogicalPlan) -> Result<Option<&LogicalPlan>> {
    let part = match plan {
        // An explanation gathers texts while it is made; it is for reading where it was asked for.
        LogicalPlan::Explain(explain) => explain.plan.as_ref(),
        LogicalPlan::Analyze(analyze) => analyze.input.as_ref(),
        other => other,
    };
    let strange = any(part, |node| match node {
        LogicalPlan::DescribeTable(_) => Ok(true),
        LogicalPlan::TableScan(scan) => {
            let provider = source_as_provider(&scan.source)?;
            let is_ours = provider.is::<SnapshotProvider>() || provider.is::<RowsTable>();
            Ok(!is_ours && !provider.is::<CteWorkTable>())
        }
        _ => Ok(false),
    })?;
    Ok((!strange).then_some(part))
}

/// True if the plan has a recursive query. The library's wire form has no place for the columns that
/// optimising picks of the working table, nor for its operators: such a plan travels as it was bound.
pub(crate) fn is_recursive(plan: &LogicalPlan) -> Result<bool> {
    any(plan, |node| Ok(matches!(node, LogicalPlan::RecursiveQuery(_))))
}

/// True if optimising has found that a part has no rows. The library's wire form has no place for the columns of
/// such a part: the plan travels as it was bound.
pub(crate) fn has_empty_part(plan: &LogicalPlan) -> Result<bool> {
    any(plan, |node| {
        Ok(matches!(node, LogicalPlan::EmptyRelation(empty) if !empty.schema.fields().is_empty()))
    })
}

fn any(plan: &LogicalPlan, test: impl Fn(&LogicalPlan) -> Result<bool>) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        found = test(node)?;
        Ok(if found {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    })?;
    Ok(found)
}

/// The plan as the other end would have it, which optimises once more before it plans. It must read
/// as the optimised plan does here.
pub(crate) fn logical(
    sent: &LogicalPlan,
    optimized: &LogicalPlan,
    state: &SessionState,
) -> Result<LogicalPlan> {
    let bytes = logical_plan_to_bytes_with_extension_codec(sent, &LogicalCodec)?;
    let back = logical_plan_from_bytes_with_extension_codec(&bytes, &state.task_ctx(), &LogicalCodec)?;
    let back = state.optimize(&back)?;
    let text = |plan: &LogicalPlan| shown(&plan.display_indent_schema().to_string());
    let (went, came) = (text(optimized), text(&back));
    // What is built anew knows better what may be null, and is simpler for it.
    if went != came && text(&state.optimize(&rebuilt(optimized)?)?) != came {
        return internal_err!("a plan changed on its way: {went:?} is now {came:?}");
    }
    Ok(back)
}

/// The plan with schemas of its parts as they are now.
fn rebuilt(plan: &LogicalPlan) -> Result<LogicalPlan> {
    let rebuilt = plan.clone().transform_up(|part| {
        Ok(Transformed::yes(match part {
            LogicalPlan::Union(union) => LogicalPlan::Union(Union::try_new(union.inputs)?),
            part => part.recompute_schema()?,
        }))
    })?;
    Ok(rebuilt.data)
}

/// What the library calls an expression that it computes once, or takes out of another; it counts on each time it
/// optimises.
const MADE: [&str; 2] = ["__common_expr_", "__datafusion_extracted_"];

/// The text of a plan, with such names numbered as they come.
fn shown(plan: &str) -> String {
    MADE.iter()
        .fold(plan.to_owned(), |plan, made| renumbered(&plan, made))
}

fn renumbered(plan: &str, made: &str) -> String {
    let mut pieces = plan.split(made);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut known: Vec<&str> = Vec::new();
    for piece in pieces {
        let end = piece.find(|next: char| !next.is_ascii_digit());
        let (number, rest) = piece
            .split_at_checked(end.unwrap_or(piece.len()))
            .unwrap_or((piece, ""));
        let place = known
            .iter()
            .position(|held| *held == number)
            .unwrap_or(known.len());
        if place == known.len() {
            known.push(number);
        }
        text.push_str(&format!("{made}{place}{rest}"));
    }
    text
}

/// The same operators over rows in memory whose parts have texts of their own: else each part takes the texts of all along.
fn packed(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let packed = Arc::clone(plan).transform_up(|part| {
        let source = part.downcast_ref::<DataSourceExec>();
        let Some(rows) = source.and_then(|source| source.data_source().downcast_ref::<MemorySourceConfig>())
        else {
            return Ok(Transformed::no(part));
        };
        if !rows.sort_information().is_empty() {
            return Ok(Transformed::no(part));
        }
        let pack = |batch: &RecordBatch| -> Result<RecordBatch> {
            let columns = batch.columns().iter().map(compact).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            Ok(RecordBatch::try_new_with_options(
                batch.schema(),
                columns,
                &options,
            )?)
        };
        let partition = |batches: &Vec<RecordBatch>| batches.iter().map(pack).collect::<Result<Vec<_>>>();
        let partitions = rows
            .partitions()
            .iter()
            .map(partition)
            .collect::<Result<Vec<_>>>()?;
        let packed =
            MemorySourceConfig::try_new(&partitions, rows.original_schema(), rows.projection().clone())?
                .with_limit(part.fetch())
                .with_show_sizes(rows.show_sizes());
        Ok(Transformed::yes(
            DataSourceExec::from_data_source(packed) as Arc<dyn ExecutionPlan>
        ))
    })?;
    Ok(packed.data)
}

/// The operators as the other end would have them. They must give the same columns.
pub(crate) fn physical(
    plan: &Arc<dyn ExecutionPlan>,
    context: &TaskContext,
) -> Result<Arc<dyn ExecutionPlan>> {
    let bytes = physical_plan_to_bytes_with_extension_codec(packed(plan)?, &PhysicalCodec)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_library_makes_are_numbered_as_they_come() {
        let text = shown("a __common_expr_12 + __common_expr_3 AS __common_expr_12");
        assert_eq!(text, "a __common_expr_0 + __common_expr_1 AS __common_expr_0");
        assert_eq!(
            shown("__datafusion_extracted_7 + __common_expr_7"),
            "__datafusion_extracted_0 + __common_expr_0"
        );
        assert_ne!(
            shown("__common_expr_1 __common_expr_2"),
            shown("__common_expr_1 __common_expr_1")
        );
        assert_eq!(shown("none"), "none");
    }
}
