//! Rows in order.

use std::cmp::Ordering;

use kql::bound::SortKey;
use kqlfn::{Cell, Column};

use crate::Result;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::order;

impl Evaluator<'_> {
    pub(crate) fn sort(&self, keys: &[SortKey], table: &Table) -> Result<Table> {
        let mut columns = Vec::new();
        for key in keys {
            columns.push((
                self.scalar(&key.value, table)?,
                key.is_descending,
                key.nulls_first,
            ));
        }
        let mut places: Vec<usize> = (0..table.rows).collect();
        places.sort_by(|left, right| {
            columns
                .iter()
                .map(|(column, is_descending, nulls_first)| {
                    compare(column, *left, *right, *is_descending, *nulls_first)
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        table.take(&places)
    }
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
