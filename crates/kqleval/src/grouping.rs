//! Rows in groups: `summarize` and `top-nested`.

use ahash::AHashMap;
use kql::ScalarType;
use kql::bound::{AggregateCall, Named, TopNestedLevel};
use kqlfn::{Cell, Column};

use crate::Result;
use crate::budget::{Budget, Held};
use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::{Table, indices, taken};
use crate::value::{Value, key, order};

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

    pub(crate) fn top_nested(
        &self,
        schema: Vec<kql::bound::Column>,
        levels: &[TopNestedLevel],
        table: &Table,
    ) -> Result<Table> {
        let mut rows = Gathering::new(&self.budget, schema);
        let all: Vec<usize> = (0..table.rows).collect();
        self.nested_level(levels, table, &all, &[], false, &mut rows)?;
        rows.whole()
    }

    fn nested_level(
        &self,
        levels: &[TopNestedLevel],
        table: &Table,
        places: &[usize],
        before: &[Value],
        of_others: bool,
        rows: &mut Gathering<'_, '_>,
    ) -> Result<()> {
        let Some((level, deeper)) = levels.split_first() else {
            return rows.row(before.to_vec());
        };
        let part = table.take(places, &self.budget)?;
        let mut held = self.budget.hold();
        held.keep(&part)?;
        let keys = vec![self.column(&level.of.value, &part)?];
        let groups = groups(&keys, part.rows, &self.budget)?;
        let groups = &groups.rows;
        let values = self.nested_values(level, &part, groups)?;
        let order_of = ordered(&values, level.is_ascending);
        let count = match &level.count {
            Some(count) => usize::try_from(self.constant(count)?.cell().long().unwrap_or(0)).unwrap_or(0),
            None => groups.len(),
        };
        let global = |local: &usize| places.get(*local).copied();
        if !of_others {
            for at in order_of.iter().take(count) {
                let (Some(group), Some(value)) = (groups.get(*at), values.get(*at)) else {
                    continue;
                };
                let first = group.first().map_or(Cell::Null, |row| {
                    keys.first().map_or(Cell::Null, |key| key.cell(*row))
                });
                let mut cells = before.to_vec();
                cells.push(Value::from(first));
                cells.push(value.clone());
                let inner: Vec<usize> = group.iter().filter_map(global).collect();
                self.nested_level(deeper, table, &inner, &cells, false, rows)?;
            }
        }
        let are_given = level.others.is_some() || deeper.iter().any(|level| level.others.is_some());
        if !are_given {
            return Ok(());
        }
        let rest: Vec<usize> = if of_others {
            (0..part.rows).collect()
        } else {
            order_of
                .iter()
                .skip(count)
                .filter_map(|at| groups.get(*at))
                .flatten()
                .copied()
                .collect()
        };
        let mut cells = before.to_vec();
        if let Some(others) = &level.others {
            cells.push(self.constant(others)?);
            let value = self.nested_values(level, &part, std::slice::from_ref(&rest))?;
            cells.push(value.into_iter().next().unwrap_or(Value::Null));
        } else if rest.is_empty() {
            return Ok(());
        } else {
            // They have no name here, and one further down.
            cells.extend([Value::Null, Value::Null]);
        }
        let inner: Vec<usize> = rest.iter().filter_map(global).collect();
        self.nested_level(deeper, table, &inner, &cells, true, rows)
    }

    /// What each group is ordered by.
    fn nested_values(
        &self,
        level: &TopNestedLevel,
        part: &Table,
        groups: &[Vec<usize>],
    ) -> Result<Vec<Value>> {
        let (mut columns, mut schema) = (Vec::new(), Vec::new());
        for call in &level.by {
            columns.extend(self.aggregate(call, part, groups)?);
            schema.extend(call.columns.iter().cloned());
        }
        let aggregated = Table::new(schema, columns, groups.len());
        let column = self.column(&level.value, &aggregated)?;
        Ok((0..groups.len())
            .map(|group| Value::from(column.cell(group)))
            .collect())
    }
}

/// True for types whose sums are of ticks.
pub(crate) const fn is_time(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Datetime | ScalarType::Timespan)
}

/// The places of values in their order.
fn ordered(values: &[Value], is_ascending: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|left, right| {
        let cell = |at: &usize| values.get(*at).map_or(Cell::Null, Value::cell);
        let order = order(cell(left), cell(right));
        if is_ascending { order } else { order.reverse() }
    });
    places
}
