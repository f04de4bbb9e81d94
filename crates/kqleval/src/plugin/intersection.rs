//! `dcount_intersect`: how many values several sets have in common, told from what `hll` keeps of each.

use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall};
use kqlfn::Cell;
use kqlfn::sketch::Distinct;

use crate::budget::Budget;
use crate::run::Evaluator;
use crate::table::{Table, column_of};
use crate::{Failure, Result};

impl Evaluator<'_> {
    pub(super) fn dcount_intersect(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
    ) -> Result<Table> {
        let mut sets = Vec::new();
        for argument in &call.arguments {
            sets.push(self.column(argument, table)?);
        }
        let mut counts: Vec<Vec<i64>> = Vec::new();
        for row in 0..table.rows {
            let sets: Vec<Option<Distinct>> = sets
                .iter()
                .map(|column| column.cell(row).dynamic().and_then(Distinct::read))
                .collect();
            counts.push(intersections(&sets, &self.budget)?);
        }
        let mut columns = table.columns.clone();
        for at in 0..sets.len() {
            columns.push(column_of(ScalarType::Long, table.rows, |row| {
                counts
                    .get(row)
                    .and_then(|counts| counts.get(at))
                    .map_or(Cell::Null, |count| Cell::Long(*count))
            })?);
        }
        Ok(Table::new(schema, columns, table.rows))
    }
}

/// How many values are in the first set, in the first two, in the first three and so on.
fn intersections(sets: &[Option<Distinct>], budget: &Budget<'_>) -> Result<Vec<i64>> {
    let mut by_last = vec![0_i64; sets.len()];
    unions(sets, 0, None, 1, &mut by_last, budget)?;
    let mut sum = 0;
    let mut common = i64::MAX;
    Ok(by_last
        .into_iter()
        .map(|of_last| {
            sum += of_last;
            // Estimates may say that more have more in common.
            common = common.min(sum.max(0));
            common
        })
        .collect())
}

/// Adds the sizes of all unions of sets, those of an even number of sets with a minus, to the place of the last of them.
fn unions(
    sets: &[Option<Distinct>],
    first: usize,
    before: Option<&Distinct>,
    sign: i64,
    by_last: &mut [i64],
    budget: &Budget<'_>,
) -> Result<()> {
    for (at, set) in sets.iter().enumerate().skip(first) {
        budget.tick()?;
        let union = match (before, set) {
            (Some(before), Some(set)) => {
                let mut union = before.clone();
                if !union.merge(set) {
                    return Err(Failure::new(
                        "results of `hll` of different accuracies cannot be merged",
                    ));
                }
                Some(union)
            }
            (before, set) => set.clone().or_else(|| before.cloned()),
        };
        if let Some(count) = by_last.get_mut(at) {
            *count += sign * union.as_ref().map_or(0, Distinct::count);
        }
        unions(sets, at + 1, union.as_ref(), -sign, by_last, budget)?;
    }
    Ok(())
}
