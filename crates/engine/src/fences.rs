//! Keeps the library from pushing conditions below columns that are dear to compute, or that would make them too long.
//!
//! A condition that is pushed below a projection has what a column stands for in place of its name, once for each time it is
//! named; it is computed there and then again for the column. Twenty columns that each name the one before twice would make
//! a condition of a million parts. Fences stand while conditions are pushed, and are taken away behind.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::Volatility;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, ReplaceChildrenOptions};

use crate::through::{Through, Treatment};

/// A condition has so many parts at most when it is pushed below what computes a column that it names.
pub(crate) const CONDITION_PARTS_MAX: usize = 1000;

/// The library's rules for operators; those that push conditions do so between fences.
pub(crate) fn rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let rules = PhysicalOptimizer::new().rules.into_iter();
    rules
        .map(|rule| -> Arc<dyn PhysicalOptimizerRule + Send + Sync> {
            if rule.name().starts_with("FilterPushdown") {
                Arc::new(Fenced(rule))
            } else {
                rule
            }
        })
        .collect()
}

/// A rule that pushes conditions down.
#[derive(Debug)]
struct Fenced(Arc<dyn PhysicalOptimizerRule + Send + Sync>);

impl PhysicalOptimizerRule for Fenced {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (plan, _) = fenced(plan)?;
        let plan = self.0.optimize(plan, config)?;
        let plan = plan.transform_up(|node| {
            Ok(match node.downcast_ref::<Through<Fence>>() {
                Some(fence) => Transformed::yes(Arc::clone(fence.input())),
                None => Transformed::no(node),
            })
        })?;
        Ok(plan.data)
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// A plan with its fences, and for each of its columns how many parts stand for it below.
fn fenced(plan: Arc<dyn ExecutionPlan>) -> Result<(Arc<dyn ExecutionPlan>, Vec<usize>)> {
    let mut children = Vec::new();
    let mut below = Vec::new();
    let mut is_changed = false;
    for child in plan.children() {
        let (fenced, parts) = fenced(Arc::clone(child))?;
        is_changed |= !Arc::ptr_eq(&fenced, child);
        children.push(fenced);
        below.push(parts);
    }
    let plan = if is_changed {
        plan.replace_children(
            children,
            ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute),
        )?
    } else {
        plan
    };
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else {
        let columns = plan.schema().fields().len();
        let parts = match below.as_slice() {
            // A column is where it was.
            [same] if same.len() == columns => same.clone(),
            _ => vec![below.iter().flatten().copied().max().unwrap_or(1); columns],
        };
        return Ok((plan, parts));
    };
    let below = below.first().map(Vec::as_slice).unwrap_or_default();
    let mut parts = Vec::with_capacity(projection.expr().len());
    for column in projection.expr() {
        parts.push(count(&column.expr, below)?);
    }
    if parts.iter().all(|parts| *parts <= CONDITION_PARTS_MAX) {
        return Ok((plan, parts));
    }
    let columns = parts.len();
    Ok((Arc::new(Through::<Fence>::new(plan)), vec![1; columns]))
}

/// How many parts an expression has when what columns stand for is put in place of them; very many if part of it is to stay
/// where it is.
fn count(expression: &Arc<dyn PhysicalExpr>, below: &[usize]) -> Result<usize> {
    let mut parts: usize = 0;
    expression.apply(|part| {
        let here = if let Some(column) = part.downcast_ref::<Column>() {
            below.get(column.index()).copied().unwrap_or(1)
        } else if stays(part) {
            usize::MAX
        } else {
            1
        };
        parts = parts.saturating_add(here);
        Ok(if parts > CONDITION_PARTS_MAX {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    })?;
    Ok(parts)
}

fn stays(part: &Arc<dyn PhysicalExpr>) -> bool {
    let function = part.downcast_ref::<ScalarFunctionExpr>();
    function.is_some_and(|function| function.fun().signature().volatility == Volatility::Volatile)
}

/// Lets rows through and conditions not.
#[derive(Debug)]
struct Fence;

impl Treatment for Fence {
    const NAME: &'static str = "Fence";
}
