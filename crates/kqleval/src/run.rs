//! A bound query, source and steps.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use kql::ScalarType;
use kql::bound::{Answer, Bound, Named, Rows, Scalar, Source, StepKind, UnionInput};
use kqlfn::Column;

use crate::table::{Table, column_of, spread};
use crate::value::Value;
use crate::{Failure, Result};

/// Where tables come from.
pub trait Tables {
    /// The rows of a table.
    fn table(&self, name: &str) -> Result<Table>;

    /// The rows after some of the first steps, and how many steps those are, if somebody else can do them.
    fn begin(&self, _rows: &Rows, _evaluator: &Evaluator<'_>) -> Result<Option<(Table, usize)>> {
        Ok(None)
    }

    /// The text of a place outside, for `externaldata`.
    fn external(&self, place: &str) -> Result<String> {
        Err(Failure::unsupported(&format!(
            "to read `{place}` with `externaldata`"
        )))
    }

    /// Says before each step whether to go on.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// More rows than this are not made of few.
pub(crate) const ROWS_MAX: usize = 5_000_000;

/// Evaluates bound queries.
pub struct Evaluator<'t> {
    pub(crate) tables: &'t dyn Tables,
    /// What was computed once, by the address of its plan, which is held so that no other plan gets that address.
    known: RefCell<HashMap<usize, (Arc<Rows>, Table)>>,
    /// The rows of the operators around, the innermost last.
    around: RefCell<Vec<Table>>,
    /// They were read.
    has_read_around: Cell<bool>,
    /// A source of chance that begins with the same seed.
    pub(crate) seed: RefCell<u64>,
}

impl<'t> Evaluator<'t> {
    /// An evaluator over tables.
    #[must_use]
    pub fn new(tables: &'t dyn Tables, seed: u64) -> Self {
        Self {
            tables,
            known: RefCell::default(),
            around: RefCell::default(),
            has_read_around: Cell::new(false),
            seed: RefCell::new(seed | 1),
        }
    }

    /// The answers of a query.
    pub fn answers(&self, bound: &Bound) -> Result<Vec<Table>> {
        bound
            .answers
            .iter()
            .map(|Answer { rows, .. }| self.rows(rows, None))
            .collect()
    }

    /// Rows; `outer` are those of the operator around.
    pub fn rows(&self, rows: &Rows, outer: Option<&Table>) -> Result<Table> {
        let (mut table, done) = match self.tables.begin(rows, self)? {
            Some(begun) => begun,
            None => (self.source(rows, outer)?, 0),
        };
        for step in rows.steps.iter().skip(done) {
            self.tables.check()?;
            table = self.step(&step.kind, &step.columns, &table, outer)?;
            if table.rows > ROWS_MAX {
                return Err(Failure::new(format!("more than {ROWS_MAX} rows come into being")));
            }
        }
        Ok(table)
    }

    /// Rows that stand in several places are computed once.
    pub fn once(&self, rows: &Arc<Rows>) -> Result<Table> {
        let address = Arc::as_ptr(rows) as usize;
        if let Some((_, known)) = self.known.borrow().get(&address) {
            return Ok(known.clone());
        }
        let before = self.has_read_around.replace(false);
        let table = self.rows(rows, None)?;
        // What depends on the rows around holds for these alone.
        if self.has_read_around.get() {
            return Ok(table);
        }
        self.has_read_around.set(before);
        self.known
            .borrow_mut()
            .insert(address, (rows.clone(), table.clone()));
        Ok(table)
    }

    /// A number that holds for all rows.
    pub fn number(&self, scalar: &Scalar) -> Result<Option<i64>> {
        Ok(self.constant(scalar)?.cell().long())
    }

    fn source(&self, rows: &Rows, outer: Option<&Table>) -> Result<Table> {
        let schema = rows.source_columns.clone();
        match &rows.source {
            Source::Table(name) => self.tables.table(name),
            Source::Literal(cells) => self.literal(schema, cells),
            Source::Range(from, to, step) => self.range(schema, from, to, step),
            Source::Print(values) => {
                let one = Table::new(Vec::new(), Vec::new(), 1);
                let columns = values
                    .iter()
                    .map(|value| self.column(value, &one))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Table::new(schema, columns, 1))
            }
            Source::Union(_, inputs) => self.union(schema, inputs, outer),
            Source::Shared(shared) | Source::Materialized(shared) => {
                let table = self.once(shared)?;
                Ok(table)
            }
            Source::Outer => outer
                .cloned()
                .or_else(|| {
                    self.has_read_around.set(true);
                    self.around.borrow().last().cloned()
                })
                .ok_or_else(|| Failure::new("there are no rows around this query")),
            Source::External(places, properties) => self.external(&schema, places, properties),
        }
    }

    fn literal(&self, schema: Vec<kql::bound::Column>, cells: &[Vec<Scalar>]) -> Result<Table> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        let mut rows = Vec::with_capacity(cells.len());
        for row in cells {
            let mut values = Vec::with_capacity(row.len());
            for scalar in row {
                values.push(Value::from(self.scalar(scalar, &one)?.cell(0)));
            }
            rows.push(values);
        }
        Table::of_values(schema, &rows)
    }

    fn union(
        &self,
        schema: Vec<kql::bound::Column>,
        inputs: &[UnionInput],
        outer: Option<&Table>,
    ) -> Result<Table> {
        let mut tables = Vec::new();
        for input in inputs {
            let table = self.rows(&input.rows, outer)?;
            tables.push(united(&schema, input, &table)?);
        }
        Table::concatenate(schema, &tables)
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
                let places: Vec<usize> = (0..table.rows)
                    .filter(|row| condition.cell(*row).bool() == Some(true))
                    .collect();
                table.take(&places)
            }
            StepKind::Project(outputs) => self.project(schema, outputs, table),
            StepKind::Summarize(groups, calls) => self.summarize(schema, groups, calls, table),
            StepKind::Sort(keys) => self.sort(keys, table),
            StepKind::Top(count, key) => {
                let sorted = self.sort(std::slice::from_ref(key), table)?;
                self.first_rows(count, &sorted)
            }
            StepKind::Take(count) | StepKind::Sample(count) => self.first_rows(count, table),
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
            StepKind::MvExpand(expand) => self.mv_expand(schema, expand, table).map(|(table, _)| table),
            StepKind::MvApply(apply) => self.mv_apply(schema, apply, table),
            StepKind::MakeSeries(series) => self.make_series(schema, series, table),
            StepKind::Parse(parse) => self.parse(schema, parse, table),
            StepKind::ParseKv(parse) => self.parse_kv(schema, parse, table),
            StepKind::TopNested(levels) => self.top_nested(schema, levels, table),
            StepKind::Scan(scan) => self.scan(schema, scan, table),
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
        let columns = outputs
            .iter()
            .map(|output| self.column(&output.value, table))
            .collect::<Result<Vec<_>>>()?;
        Ok(Table::new(schema, columns, table.rows))
    }

    /// A scalar as a column with a value for each row.
    pub(crate) fn column(&self, scalar: &Scalar, table: &Table) -> Result<Column> {
        spread(&self.scalar(scalar, table)?, table.rows)
    }

    /// A scalar that holds for all rows.
    pub(crate) fn constant(&self, scalar: &Scalar) -> Result<Value> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        Ok(Value::from(self.scalar(scalar, &one)?.cell(0)))
    }

    pub(crate) fn first_rows(&self, count: &Scalar, table: &Table) -> Result<Table> {
        let count = self.constant(count)?.cell().long().unwrap_or(0);
        let count = usize::try_from(count).unwrap_or(0).min(table.rows);
        table.take(&(0..count).collect::<Vec<_>>())
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
        let groups = crate::grouping::groups(&column, table.rows);
        if let Some(most) = values_max.filter(|most| groups.len() > *most) {
            return Err(Failure::new(format!(
                "`partition` takes at most {most} values of its column without `hint.strategy=native` or `shuffle`"
            )));
        }
        let mut parts = Vec::new();
        for group in groups {
            parts.push(self.rows_within(query, &table.take(&group)?)?);
        }
        Table::concatenate(schema, &parts)
    }

    /// A query over the rows of an operator around it, which also queries inside of its expressions may see.
    pub(crate) fn rows_within(&self, query: &Rows, part: &Table) -> Result<Table> {
        self.around.borrow_mut().push(part.clone());
        let given = self.rows(query, Some(part));
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

/// An input's columns as the union has them.
fn united(schema: &[kql::bound::Column], input: &UnionInput, table: &Table) -> Result<Table> {
    let mut columns = Vec::new();
    let offset = usize::from(input.name.is_some());
    if let Some(name) = &input.name {
        columns.push(column_of(ScalarType::String, table.rows, |_| {
            kqlfn::Cell::String(name)
        })?);
    }
    for (place, column) in input.places.iter().zip(schema.iter().skip(offset)) {
        columns.push(match place.and_then(|place| table.columns.get(place)) {
            Some(held) => held.clone(),
            None => spread(&Column::null(column.kind), table.rows)?,
        });
    }
    Ok(Table::new(schema.to_vec(), columns, table.rows))
}
