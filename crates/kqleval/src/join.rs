//! Joins by equal keys. A null is equal to a null here.

use ahash::AHashMap;
use arrow_array::UInt32Array;
use kql::bound::{JoinKind, Scalar};
use kqlfn::Cell;

use crate::budget::{Budget, Held};
use crate::run::Evaluator;
use crate::table::{Table, taken};
use crate::value::key;
use crate::{Failure, Result};

/// What a key takes in a map beside its bytes.
const KEY_BYTES: usize = 48;

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
        let mut held = self.budget.hold();
        held.keep(right)?;
        let (of_left, of_right): (Vec<&Scalar>, Vec<&Scalar>) =
            keys.iter().map(|(left, right)| (left, right)).unzip();
        let of_left = Keys::of(self, &of_left, left, &mut held)?;
        let of_right = Keys::of(self, &of_right, right, &mut held)?;
        let mut pairs = Pairs {
            left: Vec::new(),
            right: Vec::new(),
            held: self.budget.hold(),
        };
        pairs.of(kind, &of_left, &of_right, &self.budget)?;
        drop((of_left, of_right));
        let mut columns = Vec::with_capacity(schema.len());
        let rows = pairs.left.len();
        let sides = [
            (left, left_places, UInt32Array::from(pairs.left)),
            (right, right_places, UInt32Array::from(pairs.right)),
        ];
        for (table, places, rows) in sides {
            for place in places {
                let column = table
                    .columns
                    .get(*place)
                    .ok_or_else(|| Failure::new("a column is not there"))?;
                let column = taken(column, &rows, &self.budget)?;
                held.keep_array(&column.array)?;
                columns.push(column);
            }
        }
        Ok(Table::new(schema, columns, rows))
    }
}

/// The keys of all rows, one behind the other.
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn of(evaluator: &Evaluator<'_>, keys: &[&Scalar], table: &Table, held: &mut Held) -> Result<Self> {
        let mut columns = Vec::new();
        for scalar in keys {
            columns.push(evaluator.column(scalar, table)?);
        }
        let mut bytes = Vec::new();
        let mut ends = Vec::with_capacity(table.rows);
        for row in 0..table.rows {
            evaluator.budget.tick()?;
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| column.cell(row)).collect();
            let key = key(&cells);
            held.grow(key.len() + size_of::<usize>())?;
            bytes.extend(key);
            ends.push(bytes.len());
        }
        Ok(Self { bytes, ends })
    }

    fn key(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(row).copied().unwrap_or(0);
        self.bytes
            .get(start.copied().unwrap_or(0)..end)
            .unwrap_or_default()
    }

    const fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Rows of the right that have the same key, each with the next one.
struct Partners<'k> {
    /// The first and the last of each key.
    ends: AHashMap<&'k [u8], (u32, u32)>,
    next: Vec<Option<u32>>,
}

impl<'k> Partners<'k> {
    fn of(keys: &'k Keys, budget: &Budget<'_>, held: &mut Held) -> Result<Self> {
        let mut partners = Self {
            ends: AHashMap::new(),
            next: vec![None; keys.len()],
        };
        held.grow(keys.len() * size_of::<Option<u32>>())?;
        for row in 0..keys.len() {
            budget.tick()?;
            let number = number(row, budget)?;
            match partners.ends.get_mut(keys.key(row)) {
                Some((_, last)) => {
                    if let Some(next) = partners.next.get_mut(*last as usize) {
                        *next = Some(number);
                    }
                    *last = number;
                }
                None => {
                    held.grow(KEY_BYTES)?;
                    partners.ends.insert(keys.key(row), (number, number));
                }
            }
        }
        Ok(partners)
    }

    fn of_key(&self, key: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let first = self.ends.get(key).map(|(first, _)| *first);
        std::iter::successors(first, |row| self.next.get(*row as usize).copied().flatten())
    }
}

/// Which rows stand side by side.
struct Pairs {
    left: Vec<Option<u32>>,
    right: Vec<Option<u32>>,
    held: Held,
}

impl Pairs {
    fn push(&mut self, left: Option<u32>, right: Option<u32>, budget: &Budget<'_>) -> Result<()> {
        budget.tick()?;
        // As they are here, and as they are taken.
        self.held.grow(2 * size_of::<(Option<u32>, u32)>())?;
        self.left.push(left);
        self.right.push(right);
        Ok(())
    }

    fn of(&mut self, kind: JoinKind, left: &Keys, right: &Keys, budget: &Budget<'_>) -> Result<()> {
        let mut held = budget.hold();
        let partners = Partners::of(right, budget, &mut held)?;
        let is_unique = kind == JoinKind::InnerUnique;
        // Which keys of the left came before: those of the right's that were met.
        let mut seen = vec![false; if is_unique { right.len() } else { 0 }];
        let mut used = vec![false; right.len()];
        for row in 0..left.len() {
            budget.tick()?;
            let number = number(row, budget)?;
            let mut found = partners.of_key(left.key(row)).peekable();
            let first = found.peek().copied();
            match kind {
                JoinKind::LeftSemi | JoinKind::LeftAnti => {
                    if first.is_some() == (kind == JoinKind::LeftSemi) {
                        self.push(Some(number), None, budget)?;
                    }
                    continue;
                }
                JoinKind::InnerUnique => match first.and_then(|first| seen.get_mut(first as usize)) {
                    Some(seen) if *seen => continue,
                    Some(seen) => *seen = true,
                    None => {}
                },
                JoinKind::LeftOuter | JoinKind::FullOuter if first.is_none() => {
                    self.push(Some(number), None, budget)?;
                }
                _ => {}
            }
            let gives_rows = !matches!(kind, JoinKind::RightSemi | JoinKind::RightAnti);
            // What was used once was used with all others of its key.
            if !gives_rows && first.is_some_and(|first| used.get(first as usize) == Some(&true)) {
                continue;
            }
            for partner in found {
                if let Some(used) = used.get_mut(partner as usize) {
                    *used = true;
                }
                if gives_rows {
                    self.push(Some(number), Some(partner), budget)?;
                }
            }
        }
        self.of_right_alone(kind, &used, budget)
    }

    /// Rows of the right for which there is none of the left.
    fn of_right_alone(&mut self, kind: JoinKind, used: &[bool], budget: &Budget<'_>) -> Result<()> {
        for (row, is_used) in used.iter().enumerate() {
            let wanted = match kind {
                JoinKind::RightSemi => *is_used,
                JoinKind::RightAnti | JoinKind::RightOuter | JoinKind::FullOuter => !is_used,
                _ => false,
            };
            if wanted {
                self.push(None, Some(number(row, budget)?), budget)?;
            }
        }
        Ok(())
    }
}

/// Rows have numbers of 32 bits.
fn number(row: usize, budget: &Budget<'_>) -> Result<u32> {
    u32::try_from(row).map_err(|_| budget.exceeded())
}
