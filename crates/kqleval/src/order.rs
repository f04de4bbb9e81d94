//! Rows in order.

use std::cmp::Ordering;

use kql::bound::SortKey;
use kqlfn::{Cell, Column};

use crate::Result;
use crate::budget::Budget;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::order;

impl Evaluator<'_> {
    pub(crate) fn sort(&self, keys: &[SortKey], table: &Table) -> Result<Table> {
        self.first_sorted(keys, table, table.rows)
    }

    /// So many rows from the beginning of their order.
    pub(crate) fn first_sorted(&self, keys: &[SortKey], table: &Table, count: usize) -> Result<Table> {
        let mut columns = Vec::new();
        for key in keys {
            columns.push((
                self.scalar(&key.value, table)?,
                key.is_descending,
                key.nulls_first,
            ));
        }
        let compare = |left: &usize, right: &usize| {
            columns
                .iter()
                .map(|(column, is_descending, nulls_first)| {
                    compare(column, *left, *right, *is_descending, *nulls_first)
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        let mut held = self.budget.hold();
        held.grow(table.rows.saturating_mul(2 * size_of::<usize>()))?;
        let places = if count < table.rows {
            self.first_places(table.rows, count, compare)?
        } else {
            (0..table.rows).collect()
        };
        let places = sorted(places, compare, &self.budget)?;
        table.take(&places, &self.budget)
    }

    /// The places of the first so many rows, not yet in order.
    fn first_places(
        &self,
        rows: usize,
        count: usize,
        compare: impl Fn(&usize, &usize) -> Ordering,
    ) -> Result<Vec<usize>> {
        // Where rows are the same, the first that came is the first.
        let compare = |left: &usize, right: &usize| compare(left, right).then(left.cmp(right));
        let together = count.max(1024);
        let mut places: Vec<usize> = Vec::new();
        for from in (0..rows).step_by(together) {
            self.budget.check()?;
            places.extend(from..rows.min(from + together));
            if count < places.len() {
                places.select_nth_unstable_by(count, compare);
                places.truncate(count);
            }
        }
        places.sort_unstable();
        Ok(places)
    }
}

/// So many values are put in order without asking whether to go on.
const VALUES_TOGETHER: usize = 4096;

/// Values in order, those that are the same as they stood: short runs first, then two and two of them together.
pub(crate) fn sorted<T: Copy>(
    mut values: Vec<T>,
    compare: impl Fn(&T, &T) -> Ordering,
    budget: &Budget<'_>,
) -> Result<Vec<T>> {
    for run in values.chunks_mut(VALUES_TOGETHER) {
        budget.check()?;
        run.sort_by(&compare);
    }
    let mut length = VALUES_TOGETHER;
    while length < values.len() {
        let mut merged = Vec::with_capacity(values.len());
        for pair in values.chunks(length.saturating_mul(2)) {
            let (left, right) = pair.split_at(length.min(pair.len()));
            let (Some(last), Some(first)) = (left.last(), right.first()) else {
                merged.extend(pair);
                continue;
            };
            // Much comes in order, or in the opposite one.
            if compare(last, first).is_le() {
                merged.extend(pair);
                continue;
            }
            if left
                .first()
                .zip(right.last())
                .is_some_and(|(first, last)| compare(first, last).is_gt())
            {
                merged.extend(right);
                merged.extend(left);
                continue;
            }
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
                budget.tick()?;
                let next = if compare(first, second).is_gt() {
                    right.next()
                } else {
                    left.next()
                };
                merged.extend(next);
            }
            merged.extend(left);
            merged.extend(right);
        }
        values = merged;
        length = length.saturating_mul(2);
    }
    Ok(values)
}

fn compare(column: &Column, left: usize, right: usize, is_descending: bool, nulls_first: bool) -> Ordering {
    let (left, right) = (column.cell(left), column.cell(right));
    // What is no number stands with the nulls.
    let is_nothing = |cell: Cell<'_>| cell.is_null() || matches!(cell, Cell::Real(value) if value.is_nan());
    match (is_nothing(left), is_nothing(right)) {
        (false, false) => {
            let order = order(left, right);
            if is_descending { order.reverse() } else { order }
        }
        (true, true) => {
            let order = left.is_null().cmp(&right.is_null()).reverse();
            if nulls_first { order } else { order.reverse() }
        }
        (true, false) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
    }
}
