//! Rows in memory: columns of Arrow arrays.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringViewArray, UInt32Array};
use kql::ScalarType;
use kqlfn::{Call, Cell, Column};

use crate::budget::Budget;
use crate::texts::in_few_buffers;
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

    /// How many bytes its columns take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns = self.columns.iter();
        columns.map(|column| column.array.get_array_memory_size()).sum()
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
    pub(crate) fn take(&self, places: &[usize], budget: &Budget<'_>) -> Result<Self> {
        let number = |place: &usize| u32::try_from(*place).map_err(|_| budget.exceeded());
        let indices: UInt32Array = places.iter().map(number).collect::<Result<Vec<_>>>()?.into();
        self.taken(&indices, budget)
    }

    /// Rows by their places; where there is no place there is a row without values.
    pub(crate) fn take_some(&self, places: &[Option<usize>], budget: &Budget<'_>) -> Result<Self> {
        self.taken(&indices(places, budget)?, budget)
    }

    fn taken(&self, indices: &UInt32Array, budget: &Budget<'_>) -> Result<Self> {
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut held = budget.hold();
        for column in &self.columns {
            let column = taken(column, indices, budget)?;
            if indices.len() > 1 {
                held.keep_passing(&column).map_err(Failure::settled)?;
            }
            columns.push(column);
        }
        Ok(Self::new(self.schema.clone(), columns, indices.len()))
    }

    /// Rows that follow one another, without copying them.
    pub(crate) fn slice(&self, from: usize, rows: usize) -> Self {
        let columns = self.columns.iter().map(|column| part(column, from, rows));
        Self::new(self.schema.clone(), columns.collect(), rows)
    }

    /// Rows one after the other; the columns are those of the first. The tables go away column by column.
    pub(crate) fn concatenate(schema: Vec<kql::bound::Column>, tables: Vec<Self>) -> Result<Self> {
        let rows = tables.iter().map(|table| table.rows).sum();
        let mut left: Vec<_> = tables
            .into_iter()
            .map(|table| table.columns.into_iter())
            .collect();
        let mut columns = Vec::with_capacity(schema.len());
        for column in &schema {
            let arrays: Vec<ArrayRef> = left
                .iter_mut()
                .filter_map(|columns| columns.next().map(|column| column.array))
                .collect();
            columns.push(joined(column.kind, arrays)?);
        }
        Ok(Self::new(schema, columns, rows))
    }
}

/// Places as an array, of which there may be none.
pub(crate) fn indices(places: &[Option<usize>], budget: &Budget<'_>) -> Result<UInt32Array> {
    let number = |place: &Option<usize>| match place {
        Some(place) => u32::try_from(*place).map(Some).map_err(|_| budget.exceeded()),
        None => Ok(None),
    };
    let places = places.iter().map(number).collect::<Result<Vec<_>>>()?;
    Ok(places.into())
}

/// Arrays one after the other.
pub(crate) fn joined(kind: ScalarType, arrays: Vec<ArrayRef>) -> Result<Column> {
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    let array = match parts.as_slice() {
        [] => empty(kind)?,
        [_] => arrays.into_iter().next().map_or_else(|| empty(kind), Ok)?,
        parts => {
            let together = arrow_select::concat::concat(parts);
            in_few_buffers(together.map_err(|error| Failure::putting_together(&error))?)
        }
    };
    Ok(Column::new(kind, array))
}

/// Values that follow one another; what holds for all rows does so for these.
pub(crate) fn part(column: &Column, from: usize, rows: usize) -> Column {
    if column.is_constant {
        return column.clone();
    }
    Column::new(column.kind, column.array.slice(from, rows))
}

/// Values by their places, of which there may be none; whether they fit is known before.
pub(crate) fn taken(column: &Column, places: &UInt32Array, budget: &Budget<'_>) -> Result<Column> {
    budget.fits(bytes_of(column, places))?;
    let array = arrow_select::take::take(&column.array, places, None)
        .map_err(|error| Failure::putting_together(&error))?;
    let array = match array.as_string_view_opt() {
        // Where there is no place there is the empty text, which is no null.
        Some(texts) if column.kind == ScalarType::String && texts.null_count() > 0 => {
            let views = texts.views().iter().enumerate();
            let views: Vec<u128> = views
                .map(|(row, view)| if texts.is_null(row) { 0 } else { *view })
                .collect();
            let buffers = texts.data_buffers().to_vec();
            let texts = StringViewArray::try_new(views.into(), buffers, None)
                .map_err(|error| Failure::putting_together(&error))?;
            Arc::new(texts)
        }
        _ => array,
    };
    Ok(Column::new(column.kind, array))
}

/// What the values at some places take.
fn bytes_of(column: &Column, places: &UInt32Array) -> usize {
    let each = match column.kind {
        ScalarType::Bool => 1,
        ScalarType::Int => 4,
        ScalarType::Dynamic => {
            let Some(values) = column.dynamics() else {
                return 0;
            };
            let length = |place: u32| {
                let place = place as usize;
                if place < values.len() {
                    usize::try_from(values.value_length(place)).unwrap_or(0)
                } else {
                    0
                }
            };
            let lengths: usize = places.iter().flatten().map(length).sum();
            return lengths.saturating_add(places.len() * 4);
        }
        ScalarType::String | ScalarType::Decimal | ScalarType::Guid => 16,
        _ => 8,
    };
    places.len().saturating_mul(each)
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
        bytes_max: usize::MAX,
    };
    Ok(Column::new(kind, call.cells(cell)?))
}

/// A column with a value for each row, also where one holds for all.
pub(crate) fn spread(column: &Column, rows: usize, budget: &Budget<'_>) -> Result<Column> {
    if !column.is_constant {
        return Ok(column.clone());
    }
    taken(column, &UInt32Array::from(vec![0; rows]), budget)
}
