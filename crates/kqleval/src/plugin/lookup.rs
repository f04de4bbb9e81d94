//! `ipv4_lookup` and `ipv6_lookup`: the rows of a table whose ranges an address is in.

use arrow_array::UInt32Array;
use kql::bound::{Column as Named, PluginCall};
use kqlfn::{Cell, Networks};

use crate::run::Evaluator;
use crate::table::{Table, taken};
use crate::value::key;
use crate::{Failure, Result};

/// What a pair of rows takes on its way into columns.
const PAIR_BYTES: usize = 16;

impl Evaluator<'_> {
    pub(super) fn address_lookup(
        &self,
        schema: Vec<Named>,
        call: &PluginCall,
        table: &Table,
        outer: Option<&Table>,
    ) -> Result<Table> {
        let lookup = match call.tables.first() {
            Some(rows) => self.rows(rows, outer)?,
            None => return Err(Failure::new(format!("`{}` takes a table", call.name))),
        };
        let [address, range, unmatched, keys @ ..] = call.arguments.as_slice() else {
            return Err(Failure::new(format!(
                "`{}` takes an address and ranges",
                call.name
            )));
        };
        let address = self.column(address, table)?;
        let range = self.column(range, &lookup)?;
        let keeps_unmatched = self.constant(unmatched)?.cell().bool() == Some(true);
        let mut pairs = Vec::new();
        for pair in keys.chunks(2) {
            if let [left, right] = pair {
                pairs.push((self.column(left, table)?, self.column(right, &lookup)?));
            }
        }
        let ranges = (0..lookup.rows).map(|row| text(range.cell(row)));
        let networks = Networks::new(call.name == "ipv6_lookup", ranges);
        let mut held = self.budget.hold();
        held.keep(&lookup)?;
        let (mut left_places, mut right_places) = (Vec::new(), Vec::new());
        for row in 0..table.rows {
            self.budget.tick()?;
            let before = left_places.len();
            for partner in networks.holding(text(address.cell(row))) {
                self.budget.tick()?;
                let is_partner = pairs
                    .iter()
                    .all(|(left, right)| key(&[left.cell(row)]) == key(&[right.cell(partner)]));
                if is_partner {
                    held.grow(PAIR_BYTES)?;
                    left_places.push(u32::try_from(row).ok());
                    right_places.push(u32::try_from(partner).ok());
                }
            }
            if left_places.len() == before && keeps_unmatched {
                held.grow(PAIR_BYTES)?;
                left_places.push(u32::try_from(row).ok());
                right_places.push(None);
            }
        }
        let mut sides = [(table, left_places), (&lookup, right_places)];
        if call.name == "ipv6_lookup" {
            sides.reverse();
        }
        self.side_by_side(schema, sides)
    }

    /// Rows of two tables, by the places that belong together.
    fn side_by_side(&self, schema: Vec<Named>, sides: [(&Table, Vec<Option<u32>>); 2]) -> Result<Table> {
        let rows = sides.iter().map(|(_, places)| places.len()).max().unwrap_or(0);
        let mut held = self.budget.hold();
        let mut columns = Vec::new();
        for (table, places) in sides {
            let places = UInt32Array::from(places);
            for column in &table.columns {
                let column = taken(column, &places, &self.budget)?;
                held.keep_array(&column.array)?;
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows))
    }
}

const fn text(cell: Cell<'_>) -> &str {
    match cell {
        Cell::String(text) => text,
        _ => "",
    }
}
