//! Steps over parts of rows: `partition`, and those that read their rows once more for each way of grouping.

use std::sync::Arc;

use datafusion::logical_expr::LogicalPlanBuilder;
use kql::bound::{Named, PluginCall, Rows, Scalar, Step, StepKind};
use kqleval::parts_are_few;

use super::order::{self, Order};
use super::scalar::{Scope, column_named, columns_of, key_of};
use super::{Lowered, Lowerer, Lowering, Stop, in_memory, lookup};
use crate::kql::needed::{Needed, needed_within};
use crate::kql::reading::{are_the_same_again, reads_tables};

impl Lowerer<'_> {
    /// What a step makes of rows that are read once more before, in groups.
    pub(super) fn over_groups(&self, rows: &Rows, at: usize, lowered: &Lowered) -> Lowering<Option<Lowered>> {
        let mut before = rows.clone();
        let Some(step) = rows.steps.get(at) else {
            return Ok(None);
        };
        before.steps.truncate(at);
        if !reads_tables(&before) || !are_the_same_again(&before) {
            return Ok(None);
        }
        if let StepKind::Plugin(call @ PluginCall { name, .. }) = &step.kind
            && matches!(name.as_str(), "ipv4_lookup" | "ipv6_lookup")
        {
            return match lookup::looked_up(self, before, lowered, step, call) {
                Ok(lowered) => Ok(Some(lowered)),
                Err(Stop::Beyond) => Ok(None),
                Err(stop) => Err(stop),
            };
        }
        match self.evaluator.over_groups(before, step)? {
            Some(table) => {
                self.hold(&table);
                let lowered = in_memory(&table)?;
                Ok(Some(Lowered {
                    table: Some(table),
                    ..lowered
                }))
            }
            None => Ok(None),
        }
    }

    /// A query over the rows of each value of a column.
    pub(super) fn partition(
        &self,
        before: &Lowered,
        by: usize,
        query: &Rows,
        after: &Needed,
    ) -> Lowering<Lowered> {
        let needed = needed_within(query, after.clone()).ok_or(Stop::Beyond)?;
        let by = before.columns.get(by).ok_or(Stop::Beyond)?;
        let part = key_of(column_named(&*by.name), by.kind)?;
        let (mut columns, order) = order::carried(before.order.as_ref());
        let order = order.unwrap_or_default().parted(part, &mut columns);
        let plan = LogicalPlanBuilder::from(before.plan.clone())
            .project(columns_of(&before.columns).chain(columns))?;
        let mut lowered = Lowered {
            plan: plan.build()?,
            steps: 0,
            columns: before.columns.clone(),
            order: Some(order),
            table: None,
        };
        let mut may_be_empty = false;
        for (step, needed) in query.steps.iter().zip(needed.iter().skip(1)) {
            // What is said of no rows at all is not said of a part that the plan no longer has.
            if may_be_empty && matches!(&step.kind, StepKind::Summarize(groups, _) if groups.is_empty()) {
                return Err(Stop::Beyond);
            }
            may_be_empty |= self.may_empty(&step.kind)?;
            lowered = self.step(&lowered, step, needed)?;
        }
        lowered.order = lowered.order.and_then(Order::rejoined);
        Ok(lowered)
    }

    /// True if nothing may be left of rows after a step.
    fn may_empty(&self, step: &StepKind) -> Lowering<bool> {
        Ok(match step {
            StepKind::Project(_) | StepKind::Sort(_) | StepKind::Summarize(..) => false,
            StepKind::Take(count) | StepKind::Top(count, _) => Scope::of_plan(self, &[]).count(count)? == 0,
            _ => true,
        })
    }

    /// Fails if a `partition` may have no more values than its column has.
    pub(super) fn parts_are_few(&self, rows: &Rows, at: usize) -> Lowering<()> {
        let Some(Step {
            kind:
                StepKind::Partition {
                    by,
                    values_max: Some(most),
                    ..
                },
            span,
            ..
        }) = rows.steps.get(at)
        else {
            return Ok(());
        };
        let mut values = rows.clone();
        values.steps.truncate(at);
        let column = values.columns().get(*by).cloned().ok_or(Stop::Beyond)?;
        let group = Named {
            name: Arc::clone(&column.name),
            value: Scalar::column(*by, column.kind, *span),
        };
        values.steps.push(Step {
            kind: StepKind::Summarize(vec![group], Vec::new()),
            columns: vec![column],
            span: *span,
        });
        let values = self.evaluator.rows(&values, None)?;
        parts_are_few(values.rows, Some(*most)).map_err(|failure| failure.at(*span).into())
    }
}
