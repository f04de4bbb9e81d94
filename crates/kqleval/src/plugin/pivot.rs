//! `pivot`: each value of a column becomes a column.

use std::collections::{BTreeMap, HashMap};

use kql::bound::{Column as Named, PluginCall};
use kqlfn::Column;

use crate::budget::Held;
use crate::grouping::{groups, of_groups};
use crate::run::Evaluator;
use crate::table::Table;
use crate::{Failure, Result};

/// What a row takes among those of a value of a column.
const PIVOTED_BYTES: usize = 96;

impl Evaluator<'_> {
    /// Each value of a column becomes a column.
    pub(super) fn pivot(&self, call: &PluginCall, table: &Table) -> Result<Table> {
        let pivot = self.plain(call, 0)?;
        let kept = (1..call.arguments.len())
            .map(|at| self.plain(call, at))
            .collect::<Result<Vec<_>>>()?;
        let aggregate = call
            .aggregates
            .first()
            .ok_or_else(|| Failure::new("`pivot` has no aggregate"))?;
        let keys: Vec<Column> = kept
            .iter()
            .filter_map(|place| table.columns.get(*place).cloned())
            .collect();
        let groups = groups(&keys, table.rows, &self.budget)?;
        let rows_of = &groups.rows;
        let mut schema: Vec<Named> = kept
            .iter()
            .filter_map(|place| table.schema.get(*place).cloned())
            .collect();
        let mut columns = Vec::new();
        for key in &keys {
            columns.push(of_groups(key, rows_of, &self.budget)?);
        }
        let mut held = self.budget.hold();
        for (name, mut rows) in self.pivot_names(pivot, table, rows_of, &mut held)? {
            let mut parts = Vec::with_capacity(rows_of.len());
            for group in 0..rows_of.len() {
                self.budget.tick()?;
                parts.push(rows.remove(&group).unwrap_or_default());
            }
            let mut given = self.aggregate(aggregate, table, &parts)?;
            if let Some(column) = given.pop() {
                held.keep_array(&column.array)?;
                schema.push(Named::new(name, column.kind));
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows_of.len()))
    }

    /// For each value of a column the rows of each group that have it, in the order of the values.
    fn pivot_names(
        &self,
        pivot: usize,
        table: &Table,
        groups: &[Vec<usize>],
        held: &mut Held,
    ) -> Result<BTreeMap<String, HashMap<usize, Vec<usize>>>> {
        let mut names: BTreeMap<String, HashMap<usize, Vec<usize>>> = BTreeMap::new();
        // Beside the rows of one value at a time there are those of all values.
        held.grow(groups.len().saturating_mul(size_of::<Vec<usize>>()))?;
        for (group, rows) in groups.iter().enumerate() {
            for row in rows {
                self.budget.tick()?;
                held.grow(PIVOTED_BYTES)?;
                let text = table.cell(pivot, *row).text();
                match names.get_mut(&*text) {
                    Some(of_groups) => of_groups.entry(group).or_default().push(*row),
                    None => {
                        let of_groups = HashMap::from([(group, vec![*row])]);
                        names.insert(text.into_owned(), of_groups);
                    }
                }
            }
        }
        Ok(names)
    }
}
