//! `mv-expand`: rows for the elements of arrays.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, UInt32Array};
use kql::ScalarType;
use kql::bound::{ExpandedColumn, MvExpand};
use kqlfn::dynamic::{Dynamic, Writer};
use kqlfn::{Call, Cell, Column, registry};

use crate::budget::Held;
use crate::parts::ROWS_TOGETHER;
use crate::run::Evaluator;
use crate::table::{Table, part, taken};
use crate::{Failure, Result};

impl Evaluator<'_> {
    /// A row for each element.
    pub(crate) fn mv_expand(
        &self,
        schema: Vec<kql::bound::Column>,
        expand: &MvExpand,
        table: &Table,
    ) -> Result<Table> {
        let limit = match &expand.limit {
            Some(limit) => usize::try_from(self.constant(limit)?.cell().long().unwrap_or(0)).unwrap_or(0),
            None => usize::MAX,
        };
        let mut held = self.budget.hold();
        let mut sources = Vec::new();
        for item in &expand.items {
            let source = self.column(&item.value, table)?;
            held.keep_array(&source.array)?;
            sources.push(source);
        }
        let rows = Numbered::new(self.origins(&sources, table.rows, limit, &mut held)?);
        let places = UInt32Array::from_iter_values(rows.origins.iter().copied());
        let mut columns: Vec<Option<Column>> = vec![None; schema.len()];
        for (from, to) in &expand.kept {
            let column = table
                .columns
                .get(*from)
                .ok_or_else(|| Failure::new("a column is not there"))?;
            let kept = taken(column, &places, &self.budget)?;
            held.keep_array(&kept.array)?;
            place(&mut columns, *to, kept);
        }
        for (item, source) in expand.items.iter().zip(&sources) {
            let column = self.expanded_item(item, source, &rows, expand.bags_as_arrays)?;
            held.keep_array(&column.array)?;
            place(&mut columns, item.place, column);
        }
        if let Some(at) = expand.index {
            let numbers = (0..rows.origins.len()).map(|row| i64::try_from(rows.element(row).1).unwrap_or(0));
            let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
            place(&mut columns, at, Column::new(ScalarType::Long, numbers));
        }
        let columns = columns
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Failure::new("a column of the expansion is not there"))?;
        Ok(Table::new(schema, columns, rows.origins.len()))
    }

    /// The row that each row comes from: the longest item tells how many there are; null is one, an empty array none.
    fn origins(&self, sources: &[Column], rows: usize, limit: usize, held: &mut Held) -> Result<Vec<u32>> {
        let mut origins = Vec::new();
        for row in 0..rows {
            self.budget.tick()?;
            let lengths = sources.iter().map(|column| length(column.cell(row)));
            let count = lengths.max().unwrap_or(0).min(limit);
            // They are written down twice.
            held.grow(count.saturating_mul(8))?;
            let origin = u32::try_from(row).map_err(|_| self.budget.exceeded())?;
            origins.extend(std::iter::repeat_n(origin, count));
        }
        Ok(origins)
    }

    /// The elements of one item.
    fn expanded_item(
        &self,
        item: &ExpandedColumn,
        source: &Column,
        rows: &Numbered,
        bags_as_arrays: bool,
    ) -> Result<Column> {
        self.in_parts(rows.origins.len(), ROWS_TOGETHER, |from, count| {
            let call = Call {
                arguments: &[],
                rows: count,
                gives: ScalarType::Dynamic,
                bytes_max: self.budget.room(),
            };
            let raw = call.dynamics(|row, writer| {
                let (origin, at) = rows.element(from + row);
                element(source.cell(origin), at, item.to, bags_as_arrays, writer);
            });
            let raw = Column::new(ScalarType::Dynamic, self.computed(raw)?);
            match item.to {
                None | Some(ScalarType::Dynamic) => Ok(raw),
                Some(kind) => self.cast_part(&raw, kind, count),
            }
        })
    }

    /// Elements as values of a type.
    pub(crate) fn cast(&self, raw: &Column, kind: ScalarType, rows: usize) -> Result<Column> {
        self.in_parts(rows, ROWS_TOGETHER, |from, count| {
            self.cast_part(&part(raw, from, count), kind, count)
        })
    }

    fn cast_part(&self, raw: &Column, kind: ScalarType, rows: usize) -> Result<Column> {
        let name = format!("to{}", kind.name());
        match registry::find(&name) {
            Some(_) => self.apply(&name, std::slice::from_ref(raw), kind, rows),
            None => Err(Failure::unsupported(&format!("elements of type {kind}"))),
        }
    }
}

/// Rows by the row that each comes from, and its number among those.
struct Numbered {
    origins: Vec<u32>,
    /// Where the rows of each origin begin.
    starts: Vec<u32>,
}

impl Numbered {
    fn new(origins: Vec<u32>) -> Self {
        let mut starts = Vec::new();
        for (row, origin) in (0..).zip(&origins) {
            // What became no rows begins nowhere.
            if starts.len() <= *origin as usize {
                starts.resize(*origin as usize + 1, row);
            }
        }
        Self { origins, starts }
    }

    fn element(&self, row: usize) -> (usize, usize) {
        let origin = self.origins.get(row).map_or(0, |origin| *origin as usize);
        let start = self.starts.get(origin).map_or(0, |start| *start as usize);
        (origin, row.saturating_sub(start))
    }
}

/// True unless an element would have to be read, or taken for something else, to be of a type.
const fn conforms(cell: Cell<'_>, kind: ScalarType) -> bool {
    match (cell.plain(), kind) {
        (Cell::String(_), kind) => !kind.is_number() && !matches!(kind, ScalarType::Bool),
        (
            Cell::Bool(_) | Cell::Int(_) | Cell::Long(_) | Cell::Real(_) | Cell::Decimal(_),
            ScalarType::Datetime | ScalarType::Timespan | ScalarType::Guid,
        ) => false,
        _ => true,
    }
}

fn place(columns: &mut [Option<Column>], at: usize, column: Column) {
    if let Some(slot) = columns.get_mut(at) {
        *slot = Some(column);
    }
}

/// How many elements an array has, or members a bag; anything else is its own only element, null too.
const fn length(cell: Cell<'_>) -> usize {
    match cell {
        Cell::Dynamic(Dynamic::Array(array)) => array.len(),
        Cell::Dynamic(Dynamic::Bag(bag)) => bag.len(),
        _ => 1,
    }
}

/// Writes an element: nothing behind the last, and nothing that is not of the type.
fn element(cell: Cell<'_>, at: usize, to: Option<ScalarType>, bags_as_arrays: bool, writer: &mut Writer) {
    let fits = |cell| to.is_none_or(|kind| conforms(cell, kind));
    match cell {
        Cell::Dynamic(Dynamic::Array(array)) => {
            if let Some(item) = array.get(at).filter(|item| fits(Cell::Dynamic(*item))) {
                writer.value(item);
            }
        }
        Cell::Dynamic(Dynamic::Bag(bag)) if at < bag.len() => {
            let (name, value) = bag.member(at);
            if bags_as_arrays {
                writer.array(|elements| {
                    elements.push(|writer| writer.string(name));
                    elements.raw(value);
                });
            } else {
                writer.bag(|members| members.raw(name, value));
            }
        }
        cell if at == 0 && fits(cell) => cell.write(writer),
        _ => {}
    }
}
