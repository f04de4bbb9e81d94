//! `pivot`: each value of a column becomes a column. Rows are grouped by what is kept and by that value; then the groups
//! find their places.

use std::collections::{BTreeMap, HashSet};

use ahash::AHashMap;
use kql::ScalarType;
use kql::bound::{Column as Named, PluginCall, Scalar, ScalarKind};
use kqlfn::{Cell, Column};

use crate::base::{Base, Grouping};
use crate::run::Evaluator;
use crate::table::{Table, indices, taken};
use crate::value::key;
use crate::{Failure, Result};

/// What a row takes beside the bytes of its key.
const ROW_BYTES: usize = 96;

/// What a group takes.
const GROUP_BYTES: usize = 32;

impl Evaluator<'_> {
    /// Each value of a column becomes a column.
    pub(crate) fn pivot(&self, call: &PluginCall, base: &Base<'_>) -> Result<Table> {
        let missing = || Failure::new("`pivot` has no column or no aggregate");
        let pivot = call.arguments.first().ok_or_else(missing)?;
        let aggregate = call.aggregates.first().ok_or_else(missing)?;
        for at in 0..call.arguments.len() {
            self.plain(call, at)?;
        }
        let name = Scalar {
            kind: ScalarKind::Call("tostring".to_owned(), vec![pivot.clone()]),
            gives: ScalarType::String,
            span: pivot.span,
        };
        let kept = call.arguments.iter().skip(1);
        let keys: Vec<&Scalar> = kept.chain([&name]).collect();
        let mut grouping = Grouping {
            keys: &keys,
            groups: keys.len(),
            calls: std::slice::from_ref(aggregate),
            among: None,
            not_among: None,
            span: pivot.span,
        };
        let grouped = base.grouped(self, &grouping)?;
        grouping.groups = 0;
        let nothing = base.nothing()?;
        let of_nothing = Base::of_table(&nothing).grouped(self, &grouping)?;
        let spread = self.spread_out(&grouped, keys.len() - 1, of_nothing.columns.last())?;
        let kept = call.arguments.iter().skip(1);
        let kept = kept.filter_map(|argument| match argument.kind {
            ScalarKind::Column(place) => base.columns().get(place).cloned(),
            _ => None,
        });
        let schema = kept.chain(spread.schema.iter().skip(keys.len() - 1).cloned());
        let mut names = HashSet::new();
        let schema = schema.map(|column| Named::new(unique(&column.name, &mut names), column.kind));
        let given = Table::new(schema.collect(), spread.columns, spread.rows);
        self.as_declared(call, given)
    }

    /// The groups of so many first columns as rows, with a column for each name that stands behind them, in the order of
    /// the names. The last column has the values.
    fn spread_out(&self, grouped: &Table, kept: usize, nothing: Option<&Column>) -> Result<Table> {
        let mut held = self.budget.hold();
        let mut rows: AHashMap<Vec<u8>, usize> = AHashMap::new();
        let mut firsts = Vec::new();
        let mut names: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for group in 0..grouped.rows {
            self.budget.tick()?;
            let cells: Vec<Cell<'_>> = (0..kept).map(|place| grouped.cell(place, group)).collect();
            let key = key(&cells);
            let next = firsts.len();
            held.grow(GROUP_BYTES)?;
            let bytes = key.len();
            let row = *rows.entry(key).or_insert(next);
            if row == next {
                held.grow(ROW_BYTES + bytes)?;
                firsts.push(Some(group));
            }
            let name = grouped.cell(kept, group).text();
            match names.get_mut(&*name) {
                Some(groups) => groups.push((row, group)),
                None => {
                    names.insert(name.into_owned(), vec![(row, group)]);
                }
            }
        }
        let places = indices(&firsts, &self.budget)?;
        let mut table = Table::new(Vec::new(), Vec::new(), firsts.len());
        for (column, named) in grouped.columns.iter().zip(&grouped.schema).take(kept) {
            table.columns.push(taken(column, &places, &self.budget)?);
            table.schema.push(named.clone());
        }
        let values = grouped.columns.last();
        for (name, groups) in names {
            let mut places = vec![None; firsts.len()];
            for (row, group) in groups {
                if let Some(place) = places.get_mut(row) {
                    *place = Some(group);
                }
            }
            let kind = values.map_or(ScalarType::Dynamic, |column| column.kind);
            let column = self.column_in_parts(kind, firsts.len(), |row| {
                match (places.get(row).copied().flatten(), values, nothing) {
                    (Some(group), Some(values), _) => values.cell(group),
                    (None, _, Some(nothing)) => nothing.cell(0),
                    _ => Cell::Null,
                }
            })?;
            held.keep_array(&column.array)?;
            table.schema.push(Named::new(name, kind));
            table.columns.push(column);
        }
        Ok(table)
    }
}

/// The name, with a number behind it where it is there already.
fn unique(name: &str, names: &mut HashSet<String>) -> String {
    let numbered = (1..).map(|number| format!("{name}{number}"));
    let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
    let free = candidates.find(|candidate| !names.contains(candidate));
    let free = free.unwrap_or_default();
    names.insert(free.clone());
    free
}
