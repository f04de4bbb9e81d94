//! Bound steps to plans, from the source on, as far as the plan algebra can follow. What a condition says in plain
//! comparisons stays plain, so that files, row groups and pages are passed over.

mod aggregate;
mod expand;
mod inputs;
mod join;
mod lookup;
mod order;
mod parse;
mod parts;
mod predicate;
mod scalar;
mod window;

use std::cell::Cell;
use std::sync::Arc;

use arrow_schema::Field;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column as PlanColumn, DataFusionError, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use kql::bound::{Column, Named, Rows, Source, Step, StepKind, UnionInput};
use kqleval::{Evaluator, Failure, FailureKind, Table};

use super::needed::{Needed, needed};
use super::reach::opened;
use super::reading::reads_tables;
use super::rows_table::RowsTable;
use super::table_value::{is_text, made};
use crate::known::Functions;
use order::Order;
pub(super) use scalar::is_chance;
use scalar::{Scope, column_named, columns_of, null};

/// A plan reads tables so many times before it holds on to what it reads again.
const SCANS_MAX: usize = 8;

/// And so many times at most where that is more than memory holds.
const SCANS_AT_ALL: usize = 64;

/// Why rows have no plan.
#[derive(Debug)]
pub(super) enum Stop {
    /// The plan algebra has nothing like it: what is left runs in memory.
    Beyond,
    /// Something failed that belongs to the query.
    Failed(Failure),
    /// The query library failed.
    Plan(DataFusionError),
}

impl From<DataFusionError> for Stop {
    fn from(error: DataFusionError) -> Self {
        Self::Plan(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) type Lowering<T> = Result<T, Stop>;

/// A plan, and how many of the steps it does.
pub(super) struct Lowered {
    pub(super) plan: LogicalPlan,
    pub(super) steps: usize,
    pub(super) columns: Vec<Column>,
    /// The order that the rows are to have at their end.
    order: Option<Order>,
    /// The rows, where they were computed beforehand and nothing was done to them since.
    pub(super) table: Option<Table>,
}

/// Makes plans of rows.
pub(super) struct Lowerer<'l> {
    /// The tables by name.
    pub(super) tables: &'l [(String, Arc<dyn TableProvider>)],
    /// Computes what a plan needs to know beforehand.
    pub(super) evaluator: &'l Evaluator<'l>,
    /// The functions that ask facts.
    pub(super) known: &'l Functions,
    /// What the rows take that were computed beforehand and are held by the plan alone.
    pub(super) held_bytes: Cell<usize>,
    /// How many times a table is read.
    pub(super) scans: Cell<usize>,
}

impl Lowerer<'_> {
    /// Lowers the beginning of rows; none if nothing of them reads a table, for memory is quicker then.
    pub(super) fn begin(&self, rows: &Rows) -> Lowering<Option<Lowered>> {
        if !reads_tables(rows) {
            return Ok(None);
        }
        let needed = needed(&rows.steps, rows.source_columns.len());
        match self.prefix(rows, &needed) {
            Ok(lowered) => {
                let lowered = match needed.get(lowered.steps) {
                    Some(needed) => lowered.finished()?.without_others(needed)?,
                    None => lowered.finished()?,
                };
                Ok(Some(lowered))
            }
            Err(Stop::Beyond) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// A plan of as many steps as there can be; needed are the columns before each step, and after the last.
    fn prefix(&self, rows: &Rows, needed: &[Needed]) -> Lowering<Lowered> {
        let (mut lowered, mut steps) = self.source(rows)?;
        while let (Some(step), Some(needed)) = (rows.steps.get(steps), needed.get(steps + 1)) {
            match self.step(&lowered, step, needed) {
                Ok(next) => {
                    self.parts_are_few(rows, steps)?;
                    lowered = next;
                }
                Err(Stop::Beyond) => match self.over_groups(rows, steps, &lowered)? {
                    Some(given) => lowered = given,
                    None => break,
                },
                Err(stop) => return Err(stop),
            }
            steps += 1;
            lowered.steps = steps;
        }
        Ok(lowered)
    }

    /// Counts rows that the plan holds.
    fn hold(&self, table: &Table) {
        let held = self.held_bytes.get().saturating_add(table.bytes());
        self.held_bytes.set(held);
    }

    /// A plan of all of it: what cannot be planned is computed beforehand.
    fn whole(&self, rows: &Rows) -> Lowering<Lowered> {
        match self.complete(rows)? {
            Some(lowered) => Ok(lowered),
            None => {
                let table = self.evaluator.rows(rows, None)?;
                self.hold(&table);
                in_memory(&table)
            }
        }
    }

    /// A plan of all steps, if each has one and there is a table to read.
    fn complete(&self, rows: &Rows) -> Lowering<Option<Lowered>> {
        if !reads_tables(rows) {
            return Ok(None);
        }
        let opened = opened(rows, self.evaluator);
        let rows = opened.as_ref().unwrap_or(rows);
        let needed = needed(&rows.steps, rows.source_columns.len());
        match self.prefix(rows, &needed) {
            Ok(lowered) => Ok((lowered.steps == rows.steps.len()).then_some(lowered)),
            Err(Stop::Beyond) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// The source, and how many steps were done beneath it.
    fn source(&self, rows: &Rows) -> Lowering<(Lowered, usize)> {
        let lowered = match &rows.source {
            Source::Table(name) => return self.scan(rows, name),
            Source::Union(_, inputs) => self.union(inputs, &rows.source_columns)?,
            Source::Shared(shared) => self.shared(shared)?,
            Source::Materialized(shared) => in_memory(&self.evaluator.once(shared)?)?,
            Source::Literal(_) | Source::Range(..) | Source::Print(_) => {
                let alone = Rows::new(rows.source.clone(), rows.source_columns.clone());
                in_memory(&self.evaluator.rows(&alone, None)?)?
            }
            // Views are opened before they come here.
            Source::View(..) | Source::Outer | Source::External(..) => return Err(Stop::Beyond),
        };
        Ok((Lowered { steps: 0, ..lowered }, 0))
    }

    /// Rows that stand in several places. Each place reads for itself what it needs, unless they are very many: names
    /// of names, each used twice, would else read the table a thousand times. A single row is made once.
    fn shared(&self, shared: &Arc<Rows>) -> Lowering<Lowered> {
        if let Some(table) = self.evaluator.known(shared) {
            return in_memory(&table);
        }
        if is_one_row(shared) {
            return in_memory(&self.evaluator.once(shared)?);
        }
        if self.scans.get() >= SCANS_MAX {
            match self.evaluator.once(shared) {
                Err(failure) if failure.kind == FailureKind::Memory && self.scans.get() < SCANS_AT_ALL => {}
                table => return in_memory(&table?),
            }
        }
        match self.complete(shared)? {
            Some(lowered) => Ok(lowered),
            None => in_memory(&self.evaluator.once(shared)?),
        }
    }

    /// A table. Conditions that stand first speak of its columns as they are stored, so that they are looked up in
    /// bounds and blooms.
    fn scan(&self, rows: &Rows, name: &str) -> Lowering<(Lowered, usize)> {
        let found = self.tables.iter().find(|(held, _)| held == name);
        let Some((_, table)) = found else {
            return Err(Failure::new(format!("there is no table `{name}`")).into());
        };
        self.scans.set(self.scans.get() + 1);
        let schema = table.schema();
        let source = provider_as_source(Arc::clone(table));
        let mut builder = LogicalPlanBuilder::scan(TableReference::bare(name), source, None)?;
        let stored =
            |field: &Field| Expr::Column(PlanColumn::new(Some(TableReference::bare(name)), field.name()));
        let shown: Vec<Expr> = schema
            .fields()
            .iter()
            .map(|field| made(stored(field), field))
            .collect();
        let texts = schema
            .fields()
            .iter()
            .map(|field| is_text(field).then(|| stored(field)));
        let scope = Scope::of_scan(self, shown.clone(), texts.collect());
        let mut steps = 0;
        while let Some(StepKind::Filter(condition)) = rows.steps.get(steps).map(|step| &step.kind) {
            self.evaluator.probe(condition, &rows.source_columns)?;
            match scope.predicate(condition) {
                Ok(condition) => builder = builder.filter(condition)?,
                Err(Stop::Beyond) => break,
                Err(stop) => return Err(stop),
            }
            steps += 1;
        }
        let named = shown
            .into_iter()
            .zip(schema.fields())
            .map(|(column, field)| column.alias(field.name()));
        let lowered = Lowered {
            plan: builder.project(named)?.build()?,
            steps,
            columns: rows.source_columns.clone(),
            order: None,
            table: None,
        };
        Ok((lowered, steps))
    }

    /// Fails where a step would fail for any rows: here the places of its expressions are known.
    fn probe(&self, step: &StepKind, columns: &[Column]) -> Lowering<()> {
        for scalar in step.scalars().unwrap_or_default() {
            self.evaluator.probe(scalar, columns)?;
        }
        Ok(())
    }

    /// The plan of one more step, of whose columns some are needed.
    fn step(&self, before: &Lowered, step: &Step, needed: &Needed) -> Lowering<Lowered> {
        self.probe(&step.kind, &before.columns)?;
        let scope = Scope::of_plan(self, &before.columns);
        let columns = step.columns.clone();
        let after = |plan: LogicalPlan, order: Option<Order>| Lowered {
            plan,
            steps: 0,
            columns: columns.clone(),
            order,
            table: None,
        };
        Ok(match &step.kind {
            StepKind::Filter(condition) if condition.has_window() => return Err(Stop::Beyond),
            StepKind::Filter(condition) => {
                let plan =
                    LogicalPlanBuilder::from(before.plan.clone()).filter(scope.predicate(condition)?)?;
                after(plan.build()?, before.order.clone())
            }
            StepKind::Project(outputs) => return self.project(before, outputs, columns, needed),
            StepKind::Summarize(groups, calls) => {
                let (plan, order) = aggregate::summarized(
                    &scope,
                    before.plan.clone(),
                    before.order.as_ref(),
                    groups,
                    calls,
                    &columns,
                )?;
                after(plan, order)
            }
            StepKind::Sort(keys) => {
                let order = Order::by(&scope, keys)?.within(before.order.as_ref());
                let (plan, order) = order.placed(&before.plan, &before.columns)?;
                after(plan, Some(order))
            }
            StepKind::Sample(count) if !before.is_parted() => {
                after(order::sampled(&before.plan, &columns, scope.count(count)?)?, None)
            }
            StepKind::Take(count) => {
                let count = scope.count(count)?;
                let plan = before.plan.clone();
                let plan = match &before.order {
                    Some(order) => order.first(plan, count)?,
                    None => LogicalPlanBuilder::from(plan).limit(0, Some(count))?.build()?,
                };
                after(plan, before.order.clone())
            }
            StepKind::Top(count, key) => {
                let count = scope.count(count)?;
                let order = Order::by(&scope, std::slice::from_ref(key))?.within(before.order.as_ref());
                let (plan, order) = order.placed(&before.plan, &before.columns)?;
                after(order.first(plan, count)?, Some(order))
            }
            StepKind::Join { right, .. } if !before.is_parted() => {
                let right = self.whole(right)?;
                after(join::joined(self, before, &right, &step.kind, &columns)?, None)
            }
            StepKind::Partition { by, query, .. } => return self.partition(before, *by, query, needed),
            StepKind::MvExpand(expand) => return expand::expanded(&scope, before, expand, &columns, needed),
            StepKind::MvApply(apply) => return expand::applied(&scope, before, apply, &columns, needed),
            StepKind::Parse(_) | StepKind::ParseKv(_) => return parse::parsed(&scope, before, step, needed),
            _ => return Err(Stop::Beyond),
        })
    }

    /// New columns; those that nobody looks at are not made.
    fn project(
        &self,
        before: &Lowered,
        outputs: &[Named],
        columns: Vec<Column>,
        needed: &Needed,
    ) -> Lowering<Lowered> {
        let scope = Scope::of_plan(self, &before.columns).ordered(before.order.as_ref());
        let outputs = outputs.iter().enumerate();
        let made = outputs
            .map(|(place, output)| {
                let value = if needed.has(place) {
                    scope.value(&output.value)?
                } else {
                    null(output.value.gives)?
                };
                Ok(value.alias(&*output.name))
            })
            .collect::<Lowering<Vec<_>>>()?;
        let (keys, order) = order::carried(before.order.as_ref());
        let plan = window::projected(before.plan.clone(), made, keys)?;
        Ok(Lowered {
            plan,
            steps: 0,
            columns,
            order,
            table: None,
        })
    }

    /// Rows of several inputs.
    fn union(&self, inputs: &[UnionInput], columns: &[Column]) -> Lowering<Lowered> {
        let mut plans = Vec::with_capacity(inputs.len());
        for input in inputs {
            let lowered = self.whole(&input.rows)?.finished()?;
            plans.push(united(lowered, input, columns)?);
        }
        let mut plans = plans.into_iter();
        let mut builder = LogicalPlanBuilder::from(plans.next().ok_or(Stop::Beyond)?);
        for plan in plans {
            builder = builder.union(plan)?;
        }
        Ok(Lowered {
            plan: builder.build()?,
            steps: 0,
            columns: columns.to_vec(),
            order: None,
            table: None,
        })
    }
}

impl Lowered {
    /// True inside of `partition`.
    fn is_parted(&self) -> bool {
        self.order.as_ref().is_some_and(|order| !order.parts().is_empty())
    }

    /// The plan with its rows in order, and no columns but those that are given.
    fn finished(self) -> Lowering<Self> {
        let Some(order) = self.order else {
            return Ok(self);
        };
        let sorted = LogicalPlanBuilder::from(self.plan).sort(order.keys())?;
        Ok(Self {
            plan: sorted.project(columns_of(&self.columns))?.build()?,
            order: None,
            ..self
        })
    }
}

impl Lowered {
    /// The plan without the values of columns that nobody looks at: they need not be read.
    fn without_others(self, needed: &Needed) -> Lowering<Self> {
        if needed.is_all() {
            return Ok(self);
        }
        let columns = self.columns.iter().enumerate().map(|(place, column)| {
            let held = if needed.has(place) {
                column_named(&*column.name)
            } else {
                null(column.kind)?
            };
            Ok(held.alias(&*column.name))
        });
        let columns = columns.collect::<Lowering<Vec<_>>>()?;
        Ok(Self {
            plan: LogicalPlanBuilder::from(self.plan).project(columns)?.build()?,
            ..self
        })
    }
}

/// True if it is certain that there is no more than one row: all were put together at last.
fn is_one_row(rows: &Rows) -> bool {
    let mut steps = rows.steps.iter().rev();
    let last = steps.find(|step| {
        !matches!(
            step.kind,
            StepKind::Filter(_) | StepKind::Project(_) | StepKind::Sort(_)
        )
    });
    matches!(last.map(|step| &step.kind), Some(StepKind::Summarize(groups, _)) if groups.is_empty())
}

/// Rows in memory as a plan.
fn in_memory(table: &Table) -> Lowering<Lowered> {
    Ok(Lowered {
        plan: RowsTable::new(table)?.planned()?,
        steps: 0,
        columns: table.schema.clone(),
        order: None,
        table: None,
    })
}

/// An input's columns as the union has them.
fn united(input: Lowered, place: &UnionInput, columns: &[Column]) -> Lowering<LogicalPlan> {
    let mut outputs = Vec::with_capacity(columns.len());
    let offset = usize::from(place.name.is_some());
    if let (Some(name), Some(first)) = (&place.name, columns.first()) {
        outputs.push(
            datafusion::logical_expr::lit(datafusion::common::ScalarValue::Utf8View(Some(name.clone())))
                .alias(&*first.name),
        );
    }
    for (place, column) in place.places.iter().zip(columns.iter().skip(offset)) {
        let held = match place.and_then(|place| input.columns.get(place)) {
            Some(held) => column_named(&*held.name),
            None => null(column.kind)?,
        };
        outputs.push(held.alias(&*column.name));
    }
    Ok(LogicalPlanBuilder::from(input.plan).project(outputs)?.build()?)
}
