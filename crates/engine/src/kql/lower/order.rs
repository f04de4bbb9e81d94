//! The order of rows: remembered where it is asked for, made where it counts.

use arrow_schema::DataType;
use datafusion::functions::math::expr_fn::{isnan, random};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, case, lit};
use kql::ScalarType;
use kql::bound::{Column, HIDDEN, SortKey};

use super::scalar::{Scope, column_named, columns_of};
use super::{Lowering, Stop};

/// What rows are ordered by.
#[derive(Clone, Debug)]
pub(super) struct Order {
    keys: Vec<SortExpr>,
}

impl Order {
    pub(super) fn by(scope: &Scope<'_>, keys: &[SortKey]) -> Lowering<Self> {
        let mut sorted = Vec::with_capacity(keys.len());
        for key in keys {
            let value = scope.value(&key.value)?;
            match key.value.gives {
                // What is no number stands beside the nulls, and nearer to the numbers.
                ScalarType::Real => {
                    sorted.push(rank(&value)?.sort(key.nulls_first, false));
                    sorted.push(value.sort(!key.is_descending, key.nulls_first));
                }
                ScalarType::Decimal | ScalarType::Dynamic => return Err(Stop::Beyond),
                _ => sorted.push(value.sort(!key.is_descending, key.nulls_first)),
            }
        }
        Ok(Self { keys: sorted })
    }

    /// The order over a plan in which each key is a column.
    pub(super) fn placed(self, plan: &LogicalPlan, columns: &[Column]) -> Lowering<(LogicalPlan, Self)> {
        if self.keys.iter().all(|key| matches!(key.expr, Expr::Column(_))) {
            return Ok((plan.clone(), self));
        }
        let (made, order) = self.carried();
        let plan = LogicalPlanBuilder::from(plan.clone()).project(columns_of(columns).chain(made))?;
        Ok((plan.build()?, order))
    }

    /// The order with one more key behind the others, which joins the columns.
    pub(super) fn then(mut self, key: Expr, columns: &mut Vec<Expr>) -> Self {
        let name = key_name(self.keys.len());
        self.keys.push(column_named(&name).sort(true, false));
        columns.push(key.alias(name));
        self
    }

    pub(super) fn keys(&self) -> Vec<SortExpr> {
        self.keys.clone()
    }

    /// The first rows of a plan.
    pub(super) fn first(&self, plan: LogicalPlan, count: usize) -> Lowering<LogicalPlan> {
        let builder = LogicalPlanBuilder::from(plan);
        let first = match count {
            // A sort that keeps no row is more than the library can do.
            0 => builder.limit(0, Some(0))?,
            count => builder.sort_with_limit(self.keys(), Some(count))?,
        };
        Ok(first.build()?)
    }

    /// The keys as columns that go on beside those that are given, and the order by them.
    pub(super) fn carried(self) -> (Vec<Expr>, Self) {
        let mut columns = Vec::with_capacity(self.keys.len());
        let mut keys = Vec::with_capacity(self.keys.len());
        for (at, key) in self.keys.into_iter().enumerate() {
            let name = key_name(at);
            keys.push(column_named(&name).sort(key.asc, key.nulls_first));
            columns.push(key.expr.alias(name));
        }
        (columns, Self { keys })
    }
}

/// The keys of an order, if there is one, as columns that go on, and the order by them.
pub(super) fn carried(order: Option<&Order>) -> (Vec<Expr>, Option<Order>) {
    match order.cloned().map(Order::carried) {
        Some((columns, order)) => (columns, Some(order)),
        None => (Vec::new(), None),
    }
}

fn key_name(at: usize) -> String {
    format!("{HIDDEN}key {at}")
}

/// Some rows, whichever chance takes.
pub(super) fn sampled(plan: &LogicalPlan, columns: &[Column], count: usize) -> Lowering<LogicalPlan> {
    let chance = format!("{HIDDEN}chance");
    let drawn = LogicalPlanBuilder::from(plan.clone())
        .project(columns_of(columns).chain([random().alias(&chance)]))?
        .build()?;
    let order = Order {
        keys: vec![column_named(&chance).sort(true, false)],
    };
    let drawn = order.first(drawn, count)?;
    Ok(LogicalPlanBuilder::from(drawn)
        .project(columns_of(columns))?
        .build()?)
}

fn rank(value: &Expr) -> Lowering<Expr> {
    let number = datafusion::logical_expr::cast(value.clone(), DataType::Float64);
    let ranked = case(lit(true))
        .when(value.clone().is_null(), lit(0_i32))
        .when(isnan(number).is_true(), lit(1_i32))
        .otherwise(lit(2_i32))?;
    Ok(ranked)
}
