//! Rows in groups: `summarize`.

use ahash::AHashMap;
use kql::ScalarType;
use kql::bound::{AggregateCall, Named};
use kqlfn::{Cell, Column};

use crate::Result;
use crate::budget::{Budget, Held};
use crate::run::Evaluator;
use crate::table::{Table, indices, taken};
use crate::value::key;

/// What a group takes beside the bytes of its key.
const GROUP_BYTES: usize = 144;

/// Rows in groups.
pub(crate) struct Groups {
    /// The rows of each group, in the order in which groups first appear.
    pub(crate) rows: Vec<Vec<usize>>,
    /// As long as they are there.
    _held: Held,
}

/// The rows with the same values of some columns.
pub(crate) fn groups(columns: &[Column], rows: usize, budget: &Budget<'_>) -> Result<Groups> {
    let mut places: AHashMap<Vec<u8>, usize> = AHashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut held = budget.hold();
    held.grow(rows.saturating_mul(size_of::<usize>()))?;
    for row in 0..rows {
        budget.tick()?;
        let cells: Vec<Cell<'_>> = columns.iter().map(|column| column.cell(row)).collect();
        let next = groups.len();
        let key = key(&cells);
        let bytes = key.len();
        let place = *places.entry(key).or_insert(next);
        if place == next {
            held.grow(GROUP_BYTES + bytes)?;
            groups.push(Vec::new());
        }
        if let Some(group) = groups.get_mut(place) {
            group.push(row);
        }
    }
    Ok(Groups {
        rows: groups,
        _held: held,
    })
}

/// The values of a column that groups have in common.
pub(crate) fn of_groups(column: &Column, groups: &[Vec<usize>], budget: &Budget<'_>) -> Result<Column> {
    let places: Vec<Option<usize>> = groups.iter().map(|rows| rows.first().copied()).collect();
    taken(column, &indices(&places, budget)?, budget)
}

impl Evaluator<'_> {
    pub(crate) fn summarize(
        &self,
        schema: Vec<kql::bound::Column>,
        by: &[Named],
        calls: &[AggregateCall],
        table: &Table,
    ) -> Result<Table> {
        let keys = by
            .iter()
            .map(|group| self.column(&group.value, table))
            .collect::<Result<Vec<_>>>()?;
        let mut groups = groups(&keys, table.rows, &self.budget)?;
        let groups = &mut groups.rows;
        // Without groups there is one, also of nothing.
        if by.is_empty() && groups.is_empty() {
            groups.push(Vec::new());
        }
        let mut held = self.budget.hold();
        let mut columns = Vec::with_capacity(schema.len());
        for column in &keys {
            columns.push(of_groups(column, groups, &self.budget)?);
        }
        for call in calls {
            for column in self.aggregate(call, table, groups)? {
                held.keep_array(&column.array)?;
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, groups.len()))
    }
}

/// True for types whose sums are of ticks.
pub(crate) const fn is_time(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Datetime | ScalarType::Timespan)
}
