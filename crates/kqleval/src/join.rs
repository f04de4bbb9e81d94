//! Joins by equal keys. A null is equal to a null here.

use std::collections::{HashMap, HashSet};

use kql::bound::{JoinKind, Scalar};
use kqlfn::{Cell, Column};

use crate::run::{Evaluator, ROWS_MAX};
use crate::table::{Table, column_of};
use crate::value::key;
use crate::{Failure, Result};

impl Evaluator<'_> {
    #[expect(clippy::too_many_arguments, reason = "both sides, and what is given of each")]
    pub(crate) fn join(
        &self,
        schema: Vec<kql::bound::Column>,
        kind: JoinKind,
        left: &Table,
        right: &Table,
        keys: &[(Scalar, Scalar)],
        left_places: &[usize],
        right_places: &[usize],
    ) -> Result<Table> {
        let mut left_keys = Vec::new();
        let mut right_keys = Vec::new();
        for (of_left, of_right) in keys {
            left_keys.push(self.column(of_left, left)?);
            right_keys.push(self.column(of_right, right)?);
        }
        let pairs = matched(
            kind,
            &keyed(&left_keys, left.rows),
            &keyed(&right_keys, right.rows),
        )?;
        let mut columns = Vec::with_capacity(schema.len());
        let sides = [(left, left_places, true), (right, right_places, false)];
        for (table, places, is_left) in sides {
            for place in places {
                let column = table
                    .columns
                    .get(*place)
                    .ok_or_else(|| Failure::new("a column is not there"))?;
                columns.push(column_of(column.kind, pairs.len(), |row| {
                    let pair = pairs.get(row);
                    let place = pair.and_then(|(left, right)| if is_left { *left } else { *right });
                    match place {
                        Some(place) => column.cell(place),
                        None if column.kind == kql::ScalarType::String => Cell::String(""),
                        None => Cell::Null,
                    }
                })?);
            }
        }
        Ok(Table::new(schema, columns, pairs.len()))
    }
}

fn keyed(columns: &[Column], rows: usize) -> Vec<Vec<u8>> {
    (0..rows)
        .map(|row| {
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| column.cell(row)).collect();
            key(&cells)
        })
        .collect()
}

/// Which rows stand side by side.
fn matched(
    kind: JoinKind,
    left: &[Vec<u8>],
    right: &[Vec<u8>],
) -> Result<Vec<(Option<usize>, Option<usize>)>> {
    let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (row, key) in right.iter().enumerate() {
        places.entry(key).or_default().push(row);
    }
    let mut pairs = Vec::new();
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let mut used: HashSet<usize> = HashSet::new();
    for (row, key) in left.iter().enumerate() {
        let partners = places.get(key.as_slice());
        match kind {
            JoinKind::LeftSemi if partners.is_some() => pairs.push((Some(row), None)),
            JoinKind::LeftAnti if partners.is_none() => pairs.push((Some(row), None)),
            JoinKind::LeftSemi | JoinKind::LeftAnti => {}
            JoinKind::RightSemi | JoinKind::RightAnti => used.extend(partners.into_iter().flatten()),
            JoinKind::InnerUnique if !seen.insert(key) => {}
            _ => {
                for partner in partners.into_iter().flatten() {
                    pairs.push((Some(row), Some(*partner)));
                    used.insert(*partner);
                }
                if partners.is_none() && matches!(kind, JoinKind::LeftOuter | JoinKind::FullOuter) {
                    pairs.push((Some(row), None));
                }
            }
        }
        if pairs.len() > ROWS_MAX {
            return Err(Failure::new(format!("a join gives more than {ROWS_MAX} rows")));
        }
    }
    for row in 0..right.len() {
        let wanted = match kind {
            JoinKind::RightSemi => used.contains(&row),
            JoinKind::RightAnti | JoinKind::RightOuter | JoinKind::FullOuter => !used.contains(&row),
            _ => false,
        };
        if wanted {
            pairs.push((None, Some(row)));
        }
    }
    Ok(pairs)
}
