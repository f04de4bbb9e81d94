//! Rows that come one after the other, as values or as tables, counted while they come.

use kqlfn::Column;

use crate::Result;
use crate::budget::{Budget, Held, weight};
use crate::table::Table;
use crate::texts::compact;
use crate::value::Value;

/// So many bytes of values are put into arrays together.
const BYTES_TOGETHER: usize = 1 << 20;

/// So many tables are put together to one.
const TABLES_TOGETHER: usize = 512;

/// Rows that come one after the other.
pub(crate) struct Gathering<'b, 't> {
    budget: &'b Budget<'t>,
    schema: Vec<kql::bound::Column>,
    /// Values that are in no array yet.
    values: Vec<Vec<Value>>,
    values_bytes: usize,
    /// Small tables that came last.
    small: Vec<Table>,
    small_held: Held,
    /// What was put together.
    parts: Vec<Table>,
    held: Held,
}

impl<'b, 't> Gathering<'b, 't> {
    pub(crate) fn new(budget: &'b Budget<'t>, schema: Vec<kql::bound::Column>) -> Self {
        Self {
            budget,
            schema,
            values: Vec::new(),
            values_bytes: 0,
            small: Vec::new(),
            small_held: budget.hold(),
            parts: Vec::new(),
            held: budget.hold(),
        }
    }

    /// One more row.
    pub(crate) fn row(&mut self, values: Vec<Value>) -> Result<()> {
        self.budget.tick()?;
        self.values_bytes += weight(&values);
        self.values.push(values);
        if self.values_bytes > BYTES_TOGETHER.min(self.budget.room()) {
            self.put_values()?;
        }
        Ok(())
    }

    /// Some more rows.
    pub(crate) fn table(&mut self, table: Table) -> Result<()> {
        self.budget.tick()?;
        self.put_values()?;
        if table.rows == 0 {
            return Ok(());
        }
        self.small_held.keep(&table)?;
        self.small.push(table);
        if self.small.len() >= TABLES_TOGETHER {
            self.put_together()?;
        }
        Ok(())
    }

    /// All rows.
    pub(crate) fn whole(mut self) -> Result<Table> {
        self.put_values()?;
        let mut parts = self.parts;
        parts.extend(self.small);
        Table::concatenate(self.schema, parts)
    }

    fn put_values(&mut self) -> Result<()> {
        if self.values.is_empty() {
            return Ok(());
        }
        self.put_together()?;
        let table = Table::of_values(self.schema.clone(), &self.values)?;
        self.values.clear();
        self.values_bytes = 0;
        self.held.keep(&table)?;
        self.parts.push(table);
        Ok(())
    }

    /// Small tables become one, whose texts take no more room than they need.
    fn put_together(&mut self) -> Result<()> {
        if self.small.is_empty() {
            return Ok(());
        }
        let mut table = Table::concatenate(self.schema.clone(), std::mem::take(&mut self.small))?;
        for column in &mut table.columns {
            *column = Column::new(column.kind, compact(&column.array));
        }
        self.small_held = self.budget.hold();
        self.held.keep(&table)?;
        self.parts.push(table);
        Ok(())
    }
}
