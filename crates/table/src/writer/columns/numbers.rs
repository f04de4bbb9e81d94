//! A column of numbers: as they are, as differences, or as codes.

use std::hash::Hash;

use arrow_array::Array;
use parquet::basic::Encoding;
use parquet::errors::Result;

use super::codes::bounds;
use super::{Encoded, wider};
use crate::snapshot::{ColumnStats, StatValue};
use crate::writer::bits;
use crate::writer::chunk::{ChunkWriter, PageInfo};
use crate::writer::layout::PAGE_ROWS;
use crate::writer::run::Stretch;

/// Numbers that a column may hold.
pub(super) trait Number: Copy + Ord + Hash + Eq + Default {
    fn long(self) -> i64;
    fn append(self, out: &mut Vec<u8>);
    /// Appends all of them: in one go, where one by one would check the room each time.
    fn append_all(numbers: &[Self], out: &mut Vec<u8>);
}

/// Makes room for as many numbers, each of so many bytes, and gives their places.
fn room<const BYTES: usize>(out: &mut Vec<u8>, numbers: usize) -> &mut [[u8; BYTES]] {
    let from = out.len();
    out.resize(from + numbers * BYTES, 0);
    out.get_mut(from..).unwrap_or_default().as_chunks_mut().0
}

macro_rules! numbers {
    ($($name:ident)*) => {$(
        impl Number for $name {
            fn long(self) -> i64 {
                i64::from(self)
            }
            fn append(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn append_all(numbers: &[Self], out: &mut Vec<u8>) {
                for (place, number) in room(out, numbers.len()).iter_mut().zip(numbers) {
                    *place = number.to_le_bytes();
                }
            }
        }
    )*};
}
numbers!(i32 i64);

fn ends_of<N: Number>(values: &[N]) -> Option<(N, N)> {
    let first = *values.first()?;
    // In one pass, without a branch.
    let ends = values.iter().fold((first, first), |(least, largest), value| {
        (least.min(*value), largest.max(*value))
    });
    Some(ends)
}

/// A column of numbers: all rows, and which of them have a value.
pub(super) struct Numbers<N> {
    values: Vec<N>,
    /// Empty as long as every row has a value.
    present: Vec<bool>,
}

impl<N: Number> Numbers<N> {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows),
            present: Vec::new(),
        }
    }

    pub(super) fn has_negative(&self) -> bool {
        self.values.iter().any(|value| value.long() < 0)
    }

    pub(super) fn add(&mut self, values: &[N], array: &dyn Array, stretch: Stretch) {
        let before = self.values.len();
        let values = values.get(stretch.start..stretch.end).unwrap_or(&[]);
        self.values.extend_from_slice(values);
        if array.null_count() > 0 && self.present.is_empty() {
            self.present.resize(before, true);
        }
        if array.null_count() > 0 {
            self.present
                .extend((stretch.start..stretch.end).map(|row| array.is_valid(row)));
        } else if !self.present.is_empty() {
            self.present.resize(self.values.len(), true);
        }
    }

    /// Calls for each page with its number of rows, the values that are there, and what is present.
    fn pages(&self, mut take: impl FnMut(usize, &[N], &[bool]) -> Result<()>) -> Result<()> {
        let mut kept = Vec::new();
        for (page, rows) in self.values.chunks(PAGE_ROWS).enumerate() {
            let from = page * PAGE_ROWS;
            match self.present.get(from..from + rows.len()) {
                None => take(rows.len(), rows, &[])?,
                Some(present) => {
                    kept.clear();
                    kept.extend(
                        rows.iter()
                            .zip(present)
                            .filter(|(_, there)| **there)
                            .map(|(value, _)| *value),
                    );
                    take(rows.len(), &kept, present)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn plain(self, chunk: ChunkWriter<'_>, wrap: fn(N) -> StatValue) -> Result<Encoded> {
        self.write(chunk, wrap, Encoding::PLAIN, |out, values| {
            N::append_all(values, out);
        })
    }

    pub(super) fn differences(self, chunk: ChunkWriter<'_>, wrap: fn(N) -> StatValue) -> Result<Encoded> {
        let mut longs = Vec::new();
        self.write(chunk, wrap, Encoding::DELTA_BINARY_PACKED, move |out, values| {
            longs.clear();
            longs.extend(values.iter().map(|value| value.long()));
            bits::delta(out, &longs);
        })
    }

    fn write(
        &self,
        mut chunk: ChunkWriter<'_>,
        wrap: fn(N) -> StatValue,
        encoding: Encoding,
        mut body: impl FnMut(&mut Vec<u8>, &[N]),
    ) -> Result<Encoded> {
        let mut all: Option<(N, N)> = None;
        let mut nulls = 0;
        self.pages(|rows, values, present| {
            let ends = ends_of(values);
            all = wider(all, ends);
            nulls += rows - values.len();
            let info = PageInfo {
                rows,
                nulls: rows - values.len(),
                bounds: ends.as_ref().map(|(least, largest)| bounds((least, largest))),
                encoding,
            };
            chunk.data(
                &info,
                |row| present.get(row).copied().unwrap_or(true),
                |out| body(out, values),
            )
        })?;
        Ok(Encoded {
            chunk: chunk.finish(
                all.as_ref()
                    .map(|(least, largest)| bounds((least, largest)))
                    .as_ref(),
                None,
            )?,
            stats: ColumnStats {
                min: all.map(|(least, _)| wrap(least)),
                max: all.map(|(_, largest)| wrap(largest)),
                nulls: Some(nulls as u64),
            },
        })
    }
}
