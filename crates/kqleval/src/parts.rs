//! Columns made some thousand rows at a time: what is made on the way stays small, and between the parts the caller is
//! asked whether to go on.

use kql::ScalarType;
use kqlfn::{Cell, Column};

use crate::Result;
use crate::run::Evaluator;
use crate::table::{column_of, joined, part};

/// So many rows are computed at once, so that what is made on the way stays small.
pub(crate) const ROWS_TOGETHER: usize = 16_384;

/// What an array takes beside its values.
const ARRAY_BYTES: usize = 256;

impl Evaluator<'_> {
    /// A column of parts. A part that is too large is made of less rows.
    pub(crate) fn in_parts(
        &self,
        rows: usize,
        together: usize,
        mut make: impl FnMut(usize, usize) -> Result<Column>,
    ) -> Result<Column> {
        let mut together = together.clamp(1, rows.max(1));
        let (mut from, mut arrays, mut kind) = (0, Vec::new(), ScalarType::Dynamic);
        let mut held = self.budget.hold();
        loop {
            let count = together.min(rows - from);
            match make(from, count) {
                Ok(column) if column.is_constant || count == rows => return Ok(column),
                Ok(column) => {
                    held.keep_array(&column.array)?;
                    held.grow(ARRAY_BYTES)?;
                    kind = column.kind;
                    arrays.push(column.array);
                    from += count;
                }
                Err(failure) if failure.is_of_size && count > 1 => together = count.div_ceil(2),
                Err(failure) => return Err(failure),
            }
            if from == rows {
                break;
            }
            self.budget.check()?;
        }
        joined(kind, arrays)
    }

    /// The same over any number of rows.
    pub(crate) fn apply_in_parts(
        &self,
        name: &str,
        arguments: &[Column],
        gives: ScalarType,
        rows: usize,
    ) -> Result<Column> {
        self.in_parts(rows, ROWS_TOGETHER, |from, count| {
            let parts: Vec<Column> = arguments
                .iter()
                .map(|argument| part(argument, from, count))
                .collect();
            self.apply(name, &parts, gives, count)
        })
    }

    /// A column of many rows made cell by cell.
    pub(crate) fn column_in_parts<'c>(
        &self,
        kind: ScalarType,
        rows: usize,
        mut cell: impl FnMut(usize) -> Cell<'c>,
    ) -> Result<Column> {
        self.in_parts(rows, ROWS_TOGETHER, |from, count| {
            column_of(kind, count, |row| cell(from + row))
        })
    }
}
