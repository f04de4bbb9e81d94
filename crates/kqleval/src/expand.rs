//! `mv-expand` and `mv-apply`: rows for the elements of arrays.

use kql::ScalarType;
use kql::bound::{MvApply, MvExpand};
use kqlfn::dynamic::{Dynamic, Writer};
use kqlfn::{Cell, Column, registry};

use crate::run::{Evaluator, ROWS_MAX};
use crate::table::{Table, column_of};
use crate::value::Value;
use crate::{Failure, Result};

impl Evaluator<'_> {
    /// The rows, and which row each came from.
    pub(crate) fn mv_expand(
        &self,
        schema: Vec<kql::bound::Column>,
        expand: &MvExpand,
        table: &Table,
    ) -> Result<(Table, Vec<usize>)> {
        let limit = match &expand.limit {
            Some(limit) => usize::try_from(self.constant(limit)?.cell().long().unwrap_or(0)).unwrap_or(0),
            None => ROWS_MAX,
        };
        let mut sources = Vec::new();
        for item in &expand.items {
            sources.push(self.column(&item.value, table)?);
        }
        let Expanded {
            origins,
            indices,
            values: expanded,
        } = expanded(&sources, table.rows, limit, expand.bags_as_arrays)?;
        let mut columns: Vec<Option<Column>> = vec![None; schema.len()];
        for (from, to) in &expand.kept {
            let column = table
                .columns
                .get(*from)
                .ok_or_else(|| Failure::new("a column is not there"))?;
            let kept = column_of(column.kind, origins.len(), |row| {
                origins.get(row).map_or(Cell::Null, |origin| column.cell(*origin))
            })?;
            place(&mut columns, *to, kept);
        }
        for (item, values) in expand.items.iter().zip(&expanded) {
            let raw = column_of(ScalarType::Dynamic, values.len(), |row| {
                let cell = values.get(row).map_or(Cell::Null, Value::cell);
                match item.to {
                    Some(kind) if !conforms(cell, kind) => Cell::Null,
                    _ => cell,
                }
            })?;
            let column = match item.to {
                None | Some(ScalarType::Dynamic) => raw,
                Some(kind) => self.cast(&raw, kind, values.len())?,
            };
            place(&mut columns, item.place, column);
        }
        if let Some(at) = expand.index {
            let numbers = column_of(ScalarType::Long, indices.len(), |row| {
                indices
                    .get(row)
                    .and_then(|at| i64::try_from(*at).ok())
                    .map_or(Cell::Null, Cell::Long)
            })?;
            place(&mut columns, at, numbers);
        }
        let columns = columns
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Failure::new("a column of the expansion is not there"))?;
        Ok((Table::new(schema, columns, origins.len()), origins))
    }

    /// Elements as values of a type.
    pub(crate) fn cast(&self, raw: &Column, kind: ScalarType, rows: usize) -> Result<Column> {
        let name = format!("to{}", kind.name());
        match registry::find(&name) {
            Some(_) => self.apply(&name, std::slice::from_ref(raw), kind, rows),
            None => Err(Failure::unsupported(&format!("elements of type {kind}"))),
        }
    }

    pub(crate) fn mv_apply(
        &self,
        schema: Vec<kql::bound::Column>,
        apply: &MvApply,
        table: &Table,
    ) -> Result<Table> {
        let mut parts: Vec<Table> = Vec::new();
        for row in 0..table.rows {
            let one = table.take(&[row])?;
            let (expanded, _) = self.mv_expand(apply.expanded.clone(), &apply.expand, &one)?;
            let given = self.rows_within(&apply.query, &expanded)?;
            let mut columns = Vec::new();
            for place in &apply.kept {
                let column = one
                    .columns
                    .get(*place)
                    .ok_or_else(|| Failure::new("a column is not there"))?;
                columns.push(column_of(column.kind, given.rows, |_| column.cell(0))?);
            }
            for place in &apply.given {
                columns.push(
                    given
                        .columns
                        .get(*place)
                        .cloned()
                        .ok_or_else(|| Failure::new("a column is not there"))?,
                );
            }
            parts.push(Table::new(schema.clone(), columns, given.rows));
        }
        Table::concatenate(schema, &parts)
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

/// The rows that come of expanding.
struct Expanded {
    /// The row that each came from.
    origins: Vec<usize>,
    /// Which element each is.
    indices: Vec<usize>,
    /// The elements of each item.
    values: Vec<Vec<Value>>,
}

fn expanded(sources: &[Column], rows_in: usize, limit: usize, bags_as_arrays: bool) -> Result<Expanded> {
    let mut origins: Vec<usize> = Vec::new();
    let mut indices: Vec<usize> = Vec::new();
    let mut expanded: Vec<Vec<Value>> = vec![Vec::new(); sources.len()];
    for row in 0..rows_in {
        let parts: Vec<Vec<Value>> = sources
            .iter()
            .map(|column| elements(column.cell(row), bags_as_arrays))
            .collect();
        // The longest tells how many rows there are; null is one row, an empty array none.
        let rows = parts.iter().map(Vec::len).max().unwrap_or(0).min(limit);
        for at in 0..rows {
            origins.push(row);
            indices.push(at);
            for (values, part) in expanded.iter_mut().zip(&parts) {
                values.push(part.get(at).cloned().unwrap_or(Value::Null));
            }
        }
        if origins.len() > ROWS_MAX {
            return Err(Failure::new(format!(
                "an expansion gives more than {ROWS_MAX} rows"
            )));
        }
    }
    Ok(Expanded {
        origins,
        indices,
        values: expanded,
    })
}

fn place(columns: &mut [Option<Column>], at: usize, column: Column) {
    if let Some(slot) = columns.get_mut(at) {
        *slot = Some(column);
    }
}

/// The elements of an array, the members of a bag; anything else is its own only element, null too.
fn elements(cell: Cell<'_>, bags_as_arrays: bool) -> Vec<Value> {
    match cell {
        Cell::Dynamic(Dynamic::Array(array)) => array.iter().map(|item| Value::from(held(item))).collect(),
        Cell::Dynamic(Dynamic::Bag(bag)) => bag
            .iter()
            .map(|(name, value)| {
                Value::Dynamic(Writer::build(|writer| {
                    if bags_as_arrays {
                        writer.array(|elements| {
                            elements.push(|writer| writer.string(name));
                            elements.value(value);
                        });
                    } else {
                        writer.bag(|members| {
                            members.push(name, |writer| writer.value(value));
                        });
                    }
                }))
            })
            .collect(),
        Cell::Null => vec![Value::Null],
        other => vec![Value::from(other)],
    }
}

fn held(item: Dynamic<'_>) -> Cell<'_> {
    if item.is_null() {
        Cell::Null
    } else {
        Cell::Dynamic(item)
    }
}
