//! The order of rows: remembered where it is asked for, made where it counts. Inside of `partition` rows have an order
//! within each part.

use arrow_schema::DataType;
use datafusion::functions::math::expr_fn::{isnan, random};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt as _, LogicalPlan, LogicalPlanBuilder, SortExpr, case, lit,
};
use kql::ScalarType;
use kql::bound::{Column, HIDDEN, SortKey};

use super::scalar::{Scope, column_named, columns_of};
use super::window::{computed, computed_as};
use super::{Lowering, Stop};

/// Begin the names of parts and keys behind what hides them.
const PART: &str = "part ";
const KEY: &str = "key ";

/// What rows are ordered by.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// Rows that differ here are of different parts, and each part has its own order.
    parts: Vec<Expr>,
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
        Ok(Self {
            parts: Vec::new(),
            keys: sorted,
        })
    }

    /// The same order within the parts that another has.
    pub(super) fn within(mut self, around: Option<&Self>) -> Self {
        self.parts = around.map(|around| around.parts.clone()).unwrap_or_default();
        self
    }

    /// The order within the values of one more column, whose value goes on under a name of its own.
    pub(super) fn parted(mut self, by: Expr, columns: &mut Vec<Expr>) -> Self {
        let name = free(&self.taken(), part_name);
        self.parts.push(column_named(&name));
        columns.push(by.alias(name));
        self
    }

    /// The order of all rows of the last parts: one part after the other, if there is an order within them.
    pub(super) fn rejoined(mut self) -> Option<Self> {
        if let (Some(part), false) = (self.parts.pop(), self.keys.is_empty()) {
            self.keys.insert(0, part.sort(true, true));
        }
        let is_none = self.parts.is_empty() && self.keys.is_empty();
        (!is_none).then_some(self)
    }

    /// What tells the parts apart.
    pub(super) fn parts(&self) -> &[Expr] {
        &self.parts
    }

    /// Over the rows of each part in their order.
    pub(super) fn over(&self, function: Expr) -> Lowering<Expr> {
        let over = function.partition_by(self.parts.clone());
        Ok(match self.keys.is_empty() {
            true => over.build()?,
            false => over.order_by(self.keys()).build()?,
        })
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
        let name = free(&self.taken(), key_name);
        self.keys.push(column_named(&name).sort(true, false));
        columns.push(key.alias(name));
        self
    }

    /// Names that keys and parts go by.
    fn taken(&self) -> Vec<String> {
        let keys = self.keys.iter().map(|key| &key.expr);
        self.parts.iter().chain(keys).filter_map(carried_name).collect()
    }

    pub(super) fn keys(&self) -> Vec<SortExpr> {
        self.keys.clone()
    }

    /// The first rows of a plan, or of each of its parts.
    pub(super) fn first(&self, plan: LogicalPlan, count: usize) -> Lowering<LogicalPlan> {
        if count > 0 && !self.parts.is_empty() {
            return self.first_of_parts(plan, count);
        }
        let builder = LogicalPlanBuilder::from(plan);
        let first = match count {
            // A sort that keeps no row is more than the library can do.
            0 => builder.limit(0, Some(0))?,
            count => builder.sort_with_limit(self.keys(), Some(count))?,
        };
        Ok(first.build()?)
    }

    fn first_of_parts(&self, plan: LogicalPlan, count: usize) -> Lowering<LogicalPlan> {
        let count = u64::try_from(count).map_err(|_| Stop::Beyond)?;
        let held: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
        let place = self.over(row_number())?;
        let is_first = computed_as(&place).lt_eq(lit(count));
        let numbered = LogicalPlanBuilder::from(computed(plan, vec![place], &[])?);
        Ok(numbered.filter(is_first)?.project(held)?.build()?)
    }

    /// The keys as columns that go on beside those that are given, and the order by them. A key that is such a column
    /// already keeps its name: where names move along, the library takes one for another.
    pub(super) fn carried(self) -> (Vec<Expr>, Self) {
        let mut taken = self.taken();
        let mut columns = Vec::with_capacity(self.keys.len() + self.parts.len());
        let mut carry = |value: Expr, name: fn(usize) -> String| {
            let name = carried_name(&value).unwrap_or_else(|| {
                let name = free(&taken, name);
                taken.push(name.clone());
                name
            });
            columns.push(value.alias(&name));
            column_named(name)
        };
        let parts = self
            .parts
            .into_iter()
            .map(|part| carry(part, part_name))
            .collect();
        let mut keys = Vec::with_capacity(self.keys.len());
        for key in self.keys {
            keys.push(carry(key.expr, key_name).sort(key.asc, key.nulls_first));
        }
        (columns, Self { parts, keys })
    }
}

/// The name of a key or a part that goes on as a column already.
fn carried_name(value: &Expr) -> Option<String> {
    let Expr::Column(column) = value else {
        return None;
    };
    let hidden = column.name.strip_prefix(HIDDEN)?;
    (hidden.starts_with(KEY) || hidden.starts_with(PART)).then(|| column.name.clone())
}

/// The first name of a kind that is not taken.
fn free(taken: &[String], name: fn(usize) -> String) -> String {
    (0..=taken.len())
        .map(name)
        .find(|name| !taken.contains(name))
        .unwrap_or_default()
}

/// The keys of an order, if there is one, as columns that go on, and the order by them.
pub(super) fn carried(order: Option<&Order>) -> (Vec<Expr>, Option<Order>) {
    match order.cloned().map(Order::carried) {
        Some((columns, order)) => (columns, Some(order)),
        None => (Vec::new(), None),
    }
}

fn part_name(at: usize) -> String {
    format!("{HIDDEN}{PART}{at}")
}

fn key_name(at: usize) -> String {
    format!("{HIDDEN}{KEY}{at}")
}

/// Some rows, whichever chance takes.
pub(super) fn sampled(plan: &LogicalPlan, columns: &[Column], count: usize) -> Lowering<LogicalPlan> {
    let chance = format!("{HIDDEN}chance");
    let drawn = LogicalPlanBuilder::from(plan.clone())
        .project(columns_of(columns).chain([random().alias(&chance)]))?
        .build()?;
    let order = Order {
        parts: Vec::new(),
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
