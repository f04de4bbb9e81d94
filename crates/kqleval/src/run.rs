//! A bound query, source and steps.

use std::cell::RefCell;
use std::sync::Arc;

use kql::ScalarType;
use kql::bound::{Answer, Bound, Named, Rows, Scalar, Source, Step, StepKind, UnionInput};
use kqlfn::{Call, Cell, Column, Computed};

use crate::base::Base;
use crate::budget::Budget;
use crate::gathering::Gathering;
use crate::grouping::groups;
use crate::known::Known;
use crate::names::{source_name, step_name};
use crate::scalar::constant_column;
use crate::table::{Table, spread};
use crate::value::Value;
use crate::{Failure, Result};

/// The beginning of rows that somebody else has done.
pub enum Begun<'b> {
    /// All of them.
    Whole(Table),
    /// One part after the other, for a step that needs no more than one.
    Parts(Box<dyn Iterator<Item = Result<Table>> + 'b>),
}

/// Where tables come from.
pub trait Tables {
    /// The rows of a table.
    fn table(&self, name: &str) -> Result<Table>;

    /// The rows after some of the first steps, and how many steps those are, if somebody else can do them.
    fn begin(&self, _rows: &Rows, _evaluator: &Evaluator<'_>) -> Result<Option<(Begun<'_>, usize)>> {
        Ok(None)
    }

    /// The same rows with the inside of the view that they begin with, of which only those may be made that are asked for.
    fn opened(&self, _rows: &Rows, _evaluator: &Evaluator<'_>) -> Option<Rows> {
        None
    }

    /// The text of a place outside, for `externaldata`.
    fn external(&self, place: &str) -> Result<String> {
        Err(Failure::unsupported(&format!(
            "to read `{place}` with `externaldata`"
        )))
    }

    /// What a function gives that asks for what is known beside the rows, if anything is ([`kqlfn::registry::asks_facts`]).
    fn answered_by_facts(&self, _function: &str, _call: &Call<'_>) -> Option<Computed> {
        None
    }

    /// Says whether to go on: asked before each step, and once in some thousand rows.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// How many bytes all rows that are held may take together.
    fn memory_bytes(&self) -> usize {
        1 << 30
    }
}

/// Evaluates bound queries.
pub struct Evaluator<'t> {
    pub(crate) tables: &'t dyn Tables,
    pub(crate) budget: Budget<'t>,
    pub(crate) known: Known,
    /// The rows of the operators around, the innermost last.
    around: RefCell<Vec<Table>>,
    /// A source of chance that begins with the same seed.
    pub(crate) seed: RefCell<u64>,
}

impl<'t> Evaluator<'t> {
    /// An evaluator over tables.
    #[must_use]
    pub fn new(tables: &'t dyn Tables, seed: u64) -> Self {
        Self {
            tables,
            budget: Budget::of(tables),
            known: Known::default(),
            around: RefCell::default(),
            seed: RefCell::new(seed | 1),
        }
    }

    /// The answers of a query.
    pub fn answers(&self, bound: &Bound) -> Result<Vec<Table>> {
        let mut held = self.budget.hold();
        let mut answers = Vec::with_capacity(bound.answers.len());
        for Answer { rows, .. } in &bound.answers {
            let table = self.rows(rows, None)?;
            held.keep(&table)?;
            answers.push(table);
        }
        Ok(answers)
    }

    /// How many bytes of memory are left.
    #[must_use]
    pub fn room(&self) -> usize {
        self.budget.room()
    }

    /// Rows; `outer` are those of the operator around.
    pub fn rows(&self, rows: &Rows, outer: Option<&Table>) -> Result<Table> {
        let _around = self.budget.inside();
        let mut held = self.budget.hold();
        let opened = self.tables.opened(rows, self);
        let rows = opened.as_ref().unwrap_or(rows);
        let (mut table, done) = match self.tables.begin(rows, self).map_err(Failure::settled)? {
            Some((Begun::Whole(table), steps)) => (table, steps),
            Some((Begun::Parts(parts), steps)) => (self.step_over_parts(rows, steps, parts)?, steps + 1),
            None => {
                self.budget.work(source_name(&rows.source), 0);
                let at = |failure: Failure| failure.settled().at(rows.span);
                match self.short_range(rows).map_err(at)? {
                    Some(short) => (short, 1),
                    None => (self.source(rows, outer).map_err(at)?, 0),
                }
            }
        };
        held.keep(&table).map_err(|failure| failure.at(rows.span))?;
        for step in rows.steps.iter().skip(done) {
            self.budget.check()?;
            self.budget.work(step_name(&step.kind), held.bytes());
            let mut after = self.budget.hold();
            let next = self
                .step(&step.kind, &step.columns, &table, outer)
                .and_then(|next| {
                    self.budget.settled()?;
                    after.keep(&next)?;
                    Ok(next)
                });
            table = next.map_err(|failure| failure.settled().at(step.span))?;
            held = after;
        }
        Ok(table)
    }

    /// The step behind so many, over rows that come in parts.
    fn step_over_parts(
        &self,
        rows: &Rows,
        at: usize,
        parts: Box<dyn Iterator<Item = Result<Table>> + '_>,
    ) -> Result<Table> {
        let step = rows
            .steps
            .get(at)
            .ok_or_else(|| Failure::new("there is no step for the rows"))?;
        let columns = match at.checked_sub(1).and_then(|before| rows.steps.get(before)) {
            Some(before) => &before.columns,
            None => &rows.source_columns,
        };
        self.budget.work(step_name(&step.kind), 0);
        let given = match &step.kind {
            StepKind::Scan(scan) => self.scan(step.columns.clone(), scan, columns, parts),
            _ => {
                let mut rows = Gathering::new(&self.budget, columns.clone());
                for part in parts {
                    rows.table(part?)?;
                }
                self.step(&step.kind, &step.columns, &rows.whole()?, None)
            }
        };
        given.map_err(|failure| failure.settled().at(step.span))
    }

    /// Rows that stand in several places are computed once.
    pub fn once(&self, rows: &Arc<Rows>) -> Result<Table> {
        self.known.once(rows, &self.budget, || self.rows(rows, None))
    }

    /// The same, if they were computed.
    #[must_use]
    pub fn known(&self, rows: &Arc<Rows>) -> Option<Table> {
        self.known.table(rows)
    }

    /// A number that holds for all rows.
    pub fn number(&self, scalar: &Scalar) -> Result<Option<i64>> {
        Ok(self.constant(scalar)?.cell().long())
    }

    /// A moment that holds for all rows, in ticks.
    pub fn moment(&self, scalar: &Scalar) -> Result<Option<i64>> {
        Ok(match self.constant(scalar)?.cell() {
            Cell::Datetime(ticks) => Some(ticks),
            _ => None,
        })
    }

    /// Whether a condition without columns holds.
    pub fn truth(&self, condition: &Scalar) -> Result<Option<bool>> {
        Ok(self.constant(condition)?.cell().bool())
    }

    fn source(&self, rows: &Rows, outer: Option<&Table>) -> Result<Table> {
        let schema = rows.source_columns.clone();
        match &rows.source {
            Source::Table(name) => self.tables.table(name),
            Source::Literal(cells) => self.literal(schema, cells),
            Source::Range(from, to, step) => self.range(schema, from, to, step, usize::MAX),
            Source::Print(values) => {
                let one = Table::new(Vec::new(), Vec::new(), 1);
                let columns = values
                    .iter()
                    .map(|value| self.column(value, &one))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Table::new(schema, columns, 1))
            }
            Source::Union(_, inputs) => self.union(&schema, inputs, outer),
            Source::Shared(shared) | Source::Materialized(shared) => {
                let table = self.once(shared)?;
                Ok(table)
            }
            Source::View(_, rows) => self.rows(rows, outer),
            Source::Outer => outer
                .cloned()
                .or_else(|| {
                    self.known.depends();
                    self.around.borrow().last().cloned()
                })
                .ok_or_else(|| Failure::new("there are no rows around this query")),
            Source::External(places, properties) => self.external(&schema, places, properties),
        }
    }

    fn literal(&self, schema: Vec<kql::bound::Column>, cells: &[Vec<Scalar>]) -> Result<Table> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        let mut rows = Gathering::new(&self.budget, schema);
        for row in cells {
            let mut values = Vec::with_capacity(row.len());
            for scalar in row {
                values.push(Value::from(self.scalar(scalar, &one)?.cell(0)));
            }
            rows.row(values)?;
        }
        rows.whole()
    }

    fn union(
        &self,
        schema: &[kql::bound::Column],
        inputs: &[UnionInput],
        outer: Option<&Table>,
    ) -> Result<Table> {
        let mut rows = Gathering::new(&self.budget, schema.to_vec());
        for input in inputs {
            let table = self.rows(&input.rows, outer)?;
            rows.table(united(schema, input, &table, &self.budget)?)?;
        }
        rows.whole()
    }

    /// What a step makes of rows that it looks at only in groups; none where it looks at rows. Those before it are read
    /// as often as it asks for them.
    pub fn over_groups(&self, before: Rows, step: &Step) -> Result<Option<Table>> {
        let base = Base::of_rows(before);
        let schema = step.columns.clone();
        match &step.kind {
            StepKind::TopNested(levels) => self.top_nested(schema, levels, &base),
            StepKind::Plugin(call) if call.name == "pivot" => self.pivot(call, &base),
            _ => return Ok(None),
        }
        .map(Some)
        .map_err(|failure| failure.settled().at(step.span))
    }

    fn step(
        &self,
        kind: &StepKind,
        schema: &[kql::bound::Column],
        table: &Table,
        outer: Option<&Table>,
    ) -> Result<Table> {
        let schema = schema.to_vec();
        match kind {
            StepKind::Filter(condition) => {
                let condition = self.scalar(condition, table)?;
                let mut places = Vec::new();
                for row in 0..table.rows {
                    self.budget.tick()?;
                    if condition.cell(row).bool() == Some(true) {
                        places.push(row);
                    }
                }
                table.take(&places, &self.budget)
            }
            StepKind::Project(outputs) => self.project(schema, outputs, table),
            StepKind::Summarize(groups, calls) => self.summarize(schema, groups, calls, table),
            StepKind::Sort(keys) => self.sort(keys, table),
            StepKind::Top(count, key) => {
                let count = self.count(count, table)?;
                self.first_sorted(std::slice::from_ref(key), table, count)
            }
            StepKind::Take(count) => self.first_rows(count, table),
            StepKind::Sample(count) => self.sample(count, table),
            StepKind::Join {
                kind,
                right,
                keys,
                left_places,
                right_places,
            } => {
                let right = self.rows(right, outer)?;
                self.join(schema, *kind, table, &right, keys, left_places, right_places)
            }
            StepKind::MvExpand(expand) => self.mv_expand(schema, expand, table),
            StepKind::MvApply(apply) => self.mv_apply(&schema, apply, table),
            StepKind::MakeSeries(series) => self.make_series(schema, series, table),
            StepKind::Parse(parse) => self.parse(schema, parse, table),
            StepKind::ParseKv(parse) => self.parse_kv(schema, parse, table),
            StepKind::TopNested(levels) => self.top_nested(schema, levels, &Base::of_table(table)),
            StepKind::Scan(scan) => {
                let parts = std::iter::once(Ok(table.clone()));
                self.scan(schema, scan, &table.schema, parts)
            }
            StepKind::Partition {
                by,
                query,
                values_max,
            } => self.partition(schema, *by, query, *values_max, table),
            StepKind::Plugin(call) => self.plugin(schema, call, table, outer),
        }
    }

    pub(crate) fn project(
        &self,
        schema: Vec<kql::bound::Column>,
        outputs: &[Named],
        table: &Table,
    ) -> Result<Table> {
        let mut held = self.budget.hold();
        let mut columns = Vec::with_capacity(outputs.len());
        for output in outputs {
            let column = self.column(&output.value, table)?;
            held.keep_passing(&column).map_err(Failure::settled)?;
            columns.push(column);
        }
        Ok(Table::new(schema, columns, table.rows))
    }

    /// A scalar as a column with a value for each row.
    pub(crate) fn column(&self, scalar: &Scalar, table: &Table) -> Result<Column> {
        spread(&self.scalar(scalar, table)?, table.rows, &self.budget)
    }

    /// A scalar that holds for all rows.
    pub(crate) fn constant(&self, scalar: &Scalar) -> Result<Value> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        Ok(Value::from(self.scalar(scalar, &one)?.cell(0)))
    }

    pub(crate) fn first_rows(&self, count: &Scalar, table: &Table) -> Result<Table> {
        let count = self.count(count, table)?;
        table.take(&(0..count).collect::<Vec<_>>(), &self.budget)
    }

    /// So many rows as there are at most.
    fn count(&self, count: &Scalar, table: &Table) -> Result<usize> {
        let count = self.constant(count)?.cell().long().unwrap_or(0);
        Ok(usize::try_from(count).unwrap_or(0).min(table.rows))
    }

    /// Some rows by chance, each as likely as the others, in their order.
    fn sample(&self, count: &Scalar, table: &Table) -> Result<Table> {
        let mut wanted = self.count(count, table)?;
        let mut places = Vec::with_capacity(wanted);
        for row in 0..table.rows {
            self.budget.tick()?;
            #[expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^53")]
            let is_taken = self.chance() * ((table.rows - row) as f64) < wanted as f64;
            if is_taken {
                places.push(row);
                wanted -= 1;
            }
        }
        table.take(&places, &self.budget)
    }

    fn partition(
        &self,
        schema: Vec<kql::bound::Column>,
        at: usize,
        query: &Rows,
        values_max: Option<usize>,
        table: &Table,
    ) -> Result<Table> {
        let column = table.columns.get(at).cloned().into_iter().collect::<Vec<_>>();
        let groups = groups(&column, table.rows, &self.budget)?;
        parts_are_few(groups.rows.len(), values_max)?;
        let mut parts = Gathering::new(&self.budget, schema);
        for group in &groups.rows {
            let part = table.take(group, &self.budget)?;
            parts.table(self.rows_within(query, &part)?)?;
        }
        parts.whole()
    }

    /// A query over the rows of an operator around it, which also queries inside of its expressions may see.
    pub(crate) fn rows_within(&self, query: &Rows, part: &Table) -> Result<Table> {
        self.around.borrow_mut().push(part.clone());
        let given = self.known.within(|| self.rows(query, Some(part)));
        self.around.borrow_mut().pop();
        given
    }

    /// A number from 0 to 1.
    pub(crate) fn chance(&self) -> f64 {
        let mut seed = self.seed.borrow_mut();
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let number = (*seed >> 11) as f64;
        number / 9_007_199_254_740_992.0
    }
}

/// Fails if there are more parts than `partition` may have.
pub fn parts_are_few(parts: usize, values_max: Option<usize>) -> Result<()> {
    match values_max {
        Some(most) if parts > most => Err(Failure::new(format!(
            "`partition` takes at most {most} values of its column without `hint.strategy=native` or `shuffle`"
        ))),
        _ => Ok(()),
    }
}

/// An input's columns as the union has them.
fn united(
    schema: &[kql::bound::Column],
    input: &UnionInput,
    table: &Table,
    budget: &Budget<'_>,
) -> Result<Table> {
    let mut columns = Vec::new();
    let offset = usize::from(input.name.is_some());
    if let Some(name) = &input.name {
        let name = constant_column(&Value::String(name.clone()), ScalarType::String)?;
        columns.push(spread(&name, table.rows, budget)?);
    }
    for (place, column) in input.places.iter().zip(schema.iter().skip(offset)) {
        columns.push(match place.and_then(|place| table.columns.get(place)) {
            Some(held) => held.clone(),
            None => spread(&Column::null(column.kind), table.rows, budget)?,
        });
    }
    Ok(Table::new(schema.to_vec(), columns, table.rows))
}
