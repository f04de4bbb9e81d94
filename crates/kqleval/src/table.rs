//! Rows in memory: columns of Arrow arrays.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt64Array};
use kql::ScalarType;
use kqlfn::{Call, Cell, Column};

use crate::value::Value;
use crate::{Failure, Result};

/// Rows in memory.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns' names and types.
    pub schema: Vec<kql::bound::Column>,
    /// Their values, for each row one.
    pub columns: Vec<Column>,
    /// How many rows there are.
    pub rows: usize,
}

impl Table {
    /// Rows of columns.
    #[must_use]
    pub const fn new(schema: Vec<kql::bound::Column>, columns: Vec<Column>, rows: usize) -> Self {
        Self {
            schema,
            columns,
            rows,
        }
    }

    /// Rows of values.
    pub fn of_values(schema: Vec<kql::bound::Column>, rows: &[Vec<Value>]) -> Result<Self> {
        let mut columns = Vec::with_capacity(schema.len());
        for (at, column) in schema.iter().enumerate() {
            columns.push(column_of(column.kind, rows.len(), |row| {
                rows.get(row)
                    .and_then(|row| row.get(at))
                    .map_or(Cell::Null, Value::cell)
            })?);
        }
        Ok(Self::new(schema, columns, rows.len()))
    }

    /// A cell.
    #[must_use]
    pub fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        self.columns
            .get(column)
            .map_or(Cell::Null, |column| column.cell(row))
    }

    /// The cells of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> Vec<Cell<'_>> {
        self.columns.iter().map(|column| column.cell(row)).collect()
    }

    /// Some rows, by their places, as often and in the order given.
    pub fn take(&self, places: &[usize]) -> Result<Self> {
        let indices = UInt64Array::from_iter_values(places.iter().map(|place| *place as u64));
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let array = arrow_select::take::take(&column.array, &indices, None).map_err(broken)?;
            columns.push(Column::new(column.kind, array));
        }
        Ok(Self::new(self.schema.clone(), columns, places.len()))
    }

    /// Rows one after the other; the columns are those of the first.
    pub fn concatenate(schema: Vec<kql::bound::Column>, tables: &[Self]) -> Result<Self> {
        let rows = tables.iter().map(|table| table.rows).sum();
        let mut columns = Vec::with_capacity(schema.len());
        for (at, column) in schema.iter().enumerate() {
            let arrays: Vec<&dyn Array> = tables
                .iter()
                .filter_map(|table| table.columns.get(at).map(|column| column.array.as_ref()))
                .collect();
            let array = if arrays.is_empty() {
                empty(column.kind)?
            } else {
                arrow_select::concat::concat(&arrays).map_err(broken)?
            };
            columns.push(Column::new(column.kind, array));
        }
        Ok(Self::new(schema, columns, rows))
    }
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("rows cannot be put together: {error}"))
}

fn empty(kind: ScalarType) -> Result<ArrayRef> {
    Ok(column_of(kind, 0, |_| Cell::Null)?.array)
}

/// A column made cell by cell.
pub(crate) fn column_of<'c>(
    kind: ScalarType,
    rows: usize,
    cell: impl FnMut(usize) -> Cell<'c>,
) -> Result<Column> {
    let call = Call {
        arguments: &[],
        rows,
        gives: kind,
    };
    Ok(Column::new(kind, call.cells(cell)?))
}

/// A column with a value for each row, also where one holds for all.
pub(crate) fn spread(column: &Column, rows: usize) -> Result<Column> {
    if !column.is_constant {
        return Ok(column.clone());
    }
    let indices = UInt64Array::from(vec![0; rows]);
    let array = arrow_select::take::take(&column.array, &indices, None).map_err(broken)?;
    Ok(Column::new(column.kind, Arc::clone(&array)))
}
