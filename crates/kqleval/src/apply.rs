//! `mv-apply`: the rows that each row becomes go through a query. Where the query looks at one row at a time, or at groups
//! of them, the rows of many go through it together, with the number of the row that each comes from behind its columns.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, UInt32Array};
use kql::bound::{Column as Named, MvApply, Rows, Scalar, ScalarKind, SortKey, Source, Step, StepKind};
use kql::{ScalarType, Span};
use kqlfn::Column;

use crate::gathering::Gathering;
use crate::probe::asks_for_rows;
use crate::run::Evaluator;
use crate::table::{Table, indices, taken};
use crate::{Failure, Result};

/// So many rows go through the query together: each may become many.
const ROWS_TOGETHER: usize = 1024;

/// The column of the row that each comes from.
const ORIGIN: &str = "\u{1f}origin";

impl Evaluator<'_> {
    pub(crate) fn mv_apply(&self, schema: &[Named], apply: &MvApply, table: &Table) -> Result<Table> {
        let mut parts = Gathering::new(&self.budget, schema.to_vec());
        let together = go_together(&apply.query);
        let step = if together { ROWS_TOGETHER } else { 1 };
        for from in (0..table.rows).step_by(step) {
            let part = table.slice(from, step.min(table.rows - from));
            let (given, origins) = match together {
                true => self.applied_together(apply, &part)?,
                false => {
                    let expanded = self.mv_expand(apply.expanded.clone(), &apply.expand, &part)?;
                    let given = self.rows_within(&apply.query, &expanded)?;
                    let origins = UInt32Array::from(vec![0; given.rows]);
                    (given, origins)
                }
            };
            let missing = || Failure::new("a column is not there");
            let mut columns = Vec::with_capacity(schema.len());
            for place in &apply.kept {
                let column = part.columns.get(*place).ok_or_else(missing)?;
                columns.push(taken(column, &origins, &self.budget)?);
            }
            for place in &apply.given {
                columns.push(given.columns.get(*place).cloned().ok_or_else(missing)?);
            }
            parts.table(Table::new(schema.to_vec(), columns, given.rows))?;
        }
        parts.whole()
    }

    /// The rows that the query gives of all rows, and the row that each comes from.
    fn applied_together(&self, apply: &MvApply, table: &Table) -> Result<(Table, UInt32Array)> {
        let numbers = (0_i64..).take(table.rows);
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
        let mut numbered = table.clone();
        numbered.schema.push(Named::new(ORIGIN, ScalarType::Long));
        numbered.columns.push(Column::new(ScalarType::Long, numbers));
        let mut expand = apply.expand.clone();
        expand.kept.push((table.columns.len(), apply.expanded.len()));
        let mut rows = self.mv_expand(with_origin(&apply.expanded), &expand, &numbered)?;
        for step in &apply.query.steps {
            self.budget.check()?;
            let next = self.step_together(step, &rows, table.rows);
            rows = next.map_err(|failure| failure.settled().at(step.span))?;
        }
        let origins = origins(&rows)?;
        let places = origins.iter().map(|origin| usize::try_from(*origin).ok());
        let places = indices(&places.collect::<Vec<_>>(), &self.budget)?;
        Ok((rows, places))
    }

    /// A step within the rows of each origin. Rows of one origin stand together, in the order of the origins.
    fn step_together(&self, step: &Step, rows: &Table, count: usize) -> Result<Table> {
        let origin = origin_of(&rows.schema);
        let one_more = |kind| Step {
            kind,
            columns: with_origin(&step.columns),
            span: step.span,
        };
        match &step.kind {
            StepKind::Project(outputs) => {
                let mut outputs = outputs.clone();
                outputs.push(kql::bound::Named {
                    name: ORIGIN.into(),
                    value: origin,
                });
                self.one_step(&one_more(StepKind::Project(outputs)), rows)
            }
            StepKind::Summarize(groups, calls) => {
                let mut all = groups.clone();
                all.push(kql::bound::Named {
                    name: ORIGIN.into(),
                    value: origin,
                });
                let at = groups.len();
                let mut columns = step.columns.clone();
                columns.insert(at.min(columns.len()), Named::new(ORIGIN, ScalarType::Long));
                let grouping = Step {
                    kind: StepKind::Summarize(all, calls.clone()),
                    columns,
                    span: step.span,
                };
                let mut grouped = self.one_step(&grouping, rows)?;
                let (named, column) = (grouped.schema.remove(at), grouped.columns.remove(at));
                grouped.schema.push(named);
                grouped.columns.push(column);
                if groups.is_empty() {
                    return self.with_nothing(step, rows, grouped, count);
                }
                Ok(grouped)
            }
            StepKind::Sort(keys) => self.sort(&within(&origin, keys), rows),
            StepKind::Top(wanted, key) => {
                let sorted = self.sort(&within(&origin, std::slice::from_ref(key)), rows)?;
                self.first_of_each(wanted, &sorted)
            }
            StepKind::Take(wanted) => self.first_of_each(wanted, rows),
            kind => self.one_step(&one_more(kind.clone()), rows),
        }
    }

    fn one_step(&self, step: &Step, rows: &Table) -> Result<Table> {
        let mut query = Rows::new(Source::Outer, rows.schema.clone());
        query.steps.push(step.clone());
        self.rows(&query, Some(rows))
    }

    /// Totals of each origin, also of those that have no rows.
    fn with_nothing(&self, step: &Step, rows: &Table, grouped: Table, count: usize) -> Result<Table> {
        if grouped.rows == count {
            return Ok(grouped);
        }
        let mut nothing = self.one_step(step, &rows.slice(0, 0))?;
        let no_origin = Column::null(ScalarType::Long);
        nothing
            .columns
            .push(Column::new(ScalarType::Long, no_origin.array));
        nothing.schema.push(Named::new(ORIGIN, ScalarType::Long));
        let mut places: Vec<usize> = vec![grouped.rows; count];
        for (row, origin) in origins(&grouped)?.iter().enumerate() {
            if let Some(place) = usize::try_from(*origin).ok().and_then(|at| places.get_mut(at)) {
                *place = row;
            }
        }
        let both = Table::concatenate(grouped.schema.clone(), vec![grouped, nothing])?;
        let mut all = both.take(&places, &self.budget)?;
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0_i64..).take(count)));
        if let Some(last) = all.columns.last_mut() {
            *last = Column::new(ScalarType::Long, numbers);
        }
        Ok(all)
    }

    /// The first rows of each origin.
    fn first_of_each(&self, wanted: &Scalar, rows: &Table) -> Result<Table> {
        let wanted = usize::try_from(self.number(wanted)?.unwrap_or(0)).unwrap_or(0);
        let mut places = Vec::new();
        let (mut last, mut taken) = (None, 0);
        for (row, origin) in origins(rows)?.iter().enumerate() {
            self.budget.tick()?;
            if last != Some(*origin) {
                (last, taken) = (Some(*origin), 0);
            }
            if taken < wanted {
                places.push(row);
                taken += 1;
            }
        }
        rows.take(&places, &self.budget)
    }
}

/// True if the rows of several origins may go through the query together.
fn go_together(query: &Rows) -> bool {
    let is_plain = |scalar: &Scalar| !scalar.has_window() && !asks_for_rows(scalar) && !packs_all(scalar);
    matches!(query.source, Source::Outer)
        && query.steps.iter().all(|step| match &step.kind {
            StepKind::Filter(_) | StepKind::Project(_) | StepKind::Summarize(..) | StepKind::Sort(_) => {
                step.kind.scalars().unwrap_or_default().into_iter().all(is_plain)
            }
            StepKind::Top(count, key) => is_plain(&key.value) && is_plain(count),
            StepKind::Take(count) => is_plain(count),
            _ => false,
        })
}

/// True if it takes all columns, whatever they are.
fn packs_all(scalar: &Scalar) -> bool {
    matches!(scalar.kind, ScalarKind::PackAll(_)) || scalar.parts().into_iter().any(packs_all)
}

fn with_origin(columns: &[Named]) -> Vec<Named> {
    let origin = Named::new(ORIGIN, ScalarType::Long);
    columns.iter().cloned().chain([origin]).collect()
}

fn origin_of(columns: &[Named]) -> Scalar {
    Scalar::column(columns.len().saturating_sub(1), ScalarType::Long, Span::default())
}

/// The same order within each origin.
fn within(origin: &Scalar, keys: &[SortKey]) -> Vec<SortKey> {
    let first = SortKey {
        value: origin.clone(),
        is_descending: false,
        nulls_first: true,
    };
    std::iter::once(first).chain(keys.iter().cloned()).collect()
}

fn origins(rows: &Table) -> Result<&[i64]> {
    let last = rows.columns.last();
    let numbers = last.and_then(|column| column.array.as_primitive_opt::<Int64Type>());
    let numbers = numbers.ok_or_else(|| Failure::new("rows come from no row"))?;
    Ok(numbers.values())
}
