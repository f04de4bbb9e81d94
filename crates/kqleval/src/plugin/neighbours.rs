//! Plugins over rows near each other: by their order, or by a window that rolls over bins.

use std::collections::{BTreeMap, BTreeSet};

use kql::bound::{Column as Named, PluginCall};
use kqlfn::{Cell, Column};

use super::timeline::{Windows, place};
use crate::gathering::Gathering;
use crate::grouping::groups;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, whole};
use crate::{Failure, Result};

/// What a window takes beside the numbers of its rows.
const HEAD_BYTES: usize = 192;

impl Evaluator<'_> {
    /// The rows around those for which a condition holds.
    pub(super) fn rows_near(&self, call: &PluginCall, table: &Table) -> Result<Table> {
        let [condition, before, after] = call.arguments.as_slice() else {
            return Err(Failure::new(
                "`rows_near` takes a condition and two numbers of rows",
            ));
        };
        let condition = self.column(condition, table)?;
        let number = |argument| -> Result<usize> {
            let number = self.constant(argument)?.cell().long().unwrap_or(-1);
            usize::try_from(number).map_err(|_| Failure::new("`rows_near` takes numbers of rows from 0 on"))
        };
        let (before, after) = (number(before)?, number(after)?);
        let mut places: Vec<usize> = Vec::new();
        for row in 0..table.rows {
            self.budget.tick()?;
            if condition.cell(row).bool() != Some(true) {
                continue;
            }
            let next = places.last().map_or(0, |last| last + 1);
            let last = row.saturating_add(after).min(table.rows - 1);
            places.extend(row.saturating_sub(before).max(next)..=last);
        }
        table.take(&places, &self.budget)
    }

    /// A percentile of the values in the bins up to each; the arguments are place, bin, bins and dimensions.
    pub(super) fn rolling_percentile(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
    ) -> Result<Table> {
        let ([index, size, bins, dimensions @ ..], Some(percentile)) =
            (call.arguments.as_slice(), call.aggregates.first())
        else {
            return Err(Failure::new("`rolling_percentile` takes more arguments"));
        };
        let index = self.column(index, table)?;
        let windows = Windows::of(&self.constant(size)?, 0)?;
        let bins = usize::try_from(self.constant(bins)?.cell().long().unwrap_or(0)).unwrap_or(0);
        if bins == 0 {
            return Err(Failure::new("`rolling_percentile` takes at least one bin"));
        }
        let dimensions = dimensions
            .iter()
            .map(|dimension| self.column(dimension, table))
            .collect::<Result<Vec<Column>>>()?;
        let bin_of = |row: &usize| place(index.cell(*row)).map(|at| windows.floor(at));
        let all: BTreeSet<i64> = (0..table.rows).filter_map(|row| bin_of(&row)).collect();
        let all = match (all.first(), all.last()) {
            (Some(first), Some(last)) => windows.between(*first, *last)?,
            _ => Vec::new(),
        };
        let mut parts: Vec<Vec<usize>> = Vec::new();
        let mut heads: Vec<Vec<Value>> = Vec::new();
        let mut held = self.budget.hold();
        for rows in &groups(&dimensions, table.rows, &self.budget)?.rows {
            for (bin, part) in rolled(rows, &all, bins, bin_of) {
                self.budget.tick()?;
                held.grow(HEAD_BYTES + part.len() * size_of::<usize>())?;
                let mut head = vec![whole(index.kind, bin)];
                head.extend(
                    dimensions
                        .iter()
                        .map(|column| Value::from(rows.first().map_or(Cell::Null, |row| column.cell(*row)))),
                );
                heads.push(head);
                parts.push(part);
            }
        }
        let found = self.aggregate(percentile, table, &parts)?;
        let mut out = Gathering::new(&self.budget, schema);
        for (mut head, row) in heads.into_iter().zip(0..) {
            head.push(Value::from(
                found.first().map_or(Cell::Null, |column| column.cell(row)),
            ));
            out.row(head)?;
        }
        out.whole()
    }
}

/// The bins with the rows of the windows that end with them, where there are any.
fn rolled(
    rows: &[usize],
    all: &[i64],
    bins: usize,
    bin_of: impl Fn(&usize) -> Option<i64>,
) -> impl Iterator<Item = (i64, Vec<usize>)> {
    let mut by_bin: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for row in rows {
        if let Some(bin) = bin_of(row) {
            by_bin.entry(bin).or_default().push(*row);
        }
    }
    all.iter().enumerate().filter_map(move |(number, bin)| {
        let first = all
            .get((number + 1).saturating_sub(bins))
            .copied()
            .unwrap_or(*bin);
        let window = by_bin.range(first..=*bin).flat_map(|(_, rows)| rows);
        let part: Vec<usize> = window.copied().collect();
        (!part.is_empty()).then_some((*bin, part))
    })
}
