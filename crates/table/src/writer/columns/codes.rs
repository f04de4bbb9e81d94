//! A column as codes into its distinct values: each value is looked up once, not once a row.

use std::collections::HashMap;
use std::hash::Hash;

use ahash::RandomState;
use arrow_array::Array;
use parquet::basic::Encoding;
use parquet::bloom_filter::Sbbf;
use parquet::data_type::ByteArray;
use parquet::errors::Result;

use super::numbers::Number;
use super::{Encoded, Task, wider};
use crate::snapshot::{ColumnStats, StatValue};
use crate::writer::bits;
use crate::writer::chunk::{Bounds, ChunkWriter, PageInfo};
use crate::writer::layout::{BLOOM_FALSE, PAGE_ROWS, Packing};
use crate::writer::run::Stretch;

/// A code that no value has got yet.
pub(super) const UNSEEN: u32 = u32::MAX;
/// The code of a row without a value.
pub(super) const NULL: u32 = u32::MAX - 1;

/// A value that codes can stand for.
pub(super) trait Value: Copy + Ord + Hash + Eq {
    /// As the dictionary page has it.
    fn append(&self, out: &mut Vec<u8>);
    /// As statistics have it.
    fn bytes(&self) -> Vec<u8>;
}

impl<N: Number> Value for N {
    fn append(&self, out: &mut Vec<u8>) {
        Number::append(*self, out);
    }
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8);
        Number::append(*self, &mut bytes);
        bytes
    }
}

impl Value for &[u8] {
    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&u32::try_from(self.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(self);
    }
    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

/// A column as codes into its distinct values, in the order in which they came.
pub(super) struct Coded<V> {
    pub(super) codes: Vec<u32>,
    values: Vec<V>,
    code_of: HashMap<V, u32, RandomState>,
    pub(super) nulls: usize,
}

impl<V: Value> Coded<V> {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            codes: Vec::with_capacity(rows),
            values: Vec::new(),
            code_of: HashMap::default(),
            nulls: 0,
        }
    }

    pub(super) fn code(&mut self, value: V) -> u32 {
        *self.code_of.entry(value).or_insert_with(|| {
            self.values.push(value);
            // A row group has far fewer rows than there are codes.
            u32::try_from(self.values.len() - 1).unwrap_or(NULL)
        })
    }

    /// Rows of a dictionary: each of its values is looked up once.
    pub(super) fn add_keys(
        &mut self,
        keys: &[i32],
        array: &dyn Array,
        stretch: Stretch,
        remap: &mut [u32],
        value: impl Fn(usize) -> V,
    ) {
        let keys = keys.get(stretch.start..stretch.end).unwrap_or(&[]);
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        if let (None, Some(first)) = (nulls, keys.first())
            && keys.iter().fold(0, |differs, key| differs | (key ^ first)) == 0
        {
            let code = self.mapped(*first, remap, &value);
            self.codes.resize(self.codes.len() + keys.len(), code);
            return;
        }
        for (row, key) in (stretch.start..).zip(keys) {
            let code = if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                self.nulls += 1;
                NULL
            } else {
                self.mapped(*key, remap, &value)
            };
            self.codes.push(code);
        }
    }

    #[inline]
    fn mapped(&mut self, key: i32, remap: &mut [u32], value: &impl Fn(usize) -> V) -> u32 {
        let key = usize::try_from(key).unwrap_or(usize::MAX);
        match remap.get_mut(key) {
            Some(code) if *code != UNSEEN => *code,
            Some(place) => {
                let code = self.code(value(key));
                *place = code;
                code
            }
            None => NULL,
        }
    }

    pub(super) fn add_each(&mut self, array: &dyn Array, stretch: Stretch, value: impl Fn(usize) -> V) {
        for row in stretch.start..stretch.end {
            let code = if array.is_null(row) {
                self.nulls += 1;
                NULL
            } else {
                self.code(value(row))
            };
            self.codes.push(code);
        }
    }

    pub(super) fn write(
        self,
        task: &Task,
        mut chunk: ChunkWriter<'_>,
        wrap: impl Fn(&V) -> Option<StatValue>,
    ) -> Result<Encoded> {
        if task.packing == Packing::Plain {
            self.plain_pages(&mut chunk)?;
        } else {
            self.coded_pages(&mut chunk)?;
        }
        let least = self.values.iter().min();
        let largest = self.values.iter().max();
        let bounds = least.zip(largest).map(|(least, largest)| Bounds {
            least: least.bytes(),
            largest: largest.bytes(),
        });
        let bloom = task.bloom.then(|| self.bloom()).transpose()?;
        Ok(Encoded {
            chunk: chunk.finish(bounds.as_ref(), bloom)?,
            stats: ColumnStats {
                min: least.and_then(&wrap),
                max: largest.and_then(&wrap),
                nulls: Some(self.nulls as u64),
            },
        })
    }

    fn bloom(&self) -> Result<Sbbf> {
        let mut bloom = Sbbf::new_with_ndv_fpp((self.values.len() as u64).max(64), BLOOM_FALSE)?;
        for value in &self.values {
            bloom.insert(&ByteArray::from(value.bytes()));
        }
        Ok(bloom)
    }

    /// The place of each value among all in order, so that bounds of a page are found without comparing values.
    fn ranks(&self) -> (Vec<u32>, Vec<usize>) {
        let mut in_order: Vec<usize> = (0..self.values.len()).collect();
        in_order.sort_unstable_by_key(|code| self.values.get(*code).copied());
        let mut ranks = vec![0; self.values.len()];
        for (rank, code) in (0..).zip(&in_order) {
            if let Some(place) = ranks.get_mut(*code) {
                *place = rank;
            }
        }
        (ranks, in_order)
    }

    fn coded_pages(&self, chunk: &mut ChunkWriter<'_>) -> Result<()> {
        let encoding = if self.values.is_empty() {
            Encoding::PLAIN
        } else {
            let mut bytes = Vec::new();
            self.values.iter().for_each(|value| value.append(&mut bytes));
            chunk.dictionary(&bytes, self.values.len())?;
            Encoding::RLE_DICTIONARY
        };
        let width = bits::width((self.values.len() as u64).saturating_sub(1));
        self.pages(chunk, encoding, |out, codes| {
            if encoding != Encoding::PLAIN {
                out.push(width.to_le_bytes()[0]);
                bits::hybrid(out, codes, width);
            }
        })
    }

    fn plain_pages(&self, chunk: &mut ChunkWriter<'_>) -> Result<()> {
        self.pages(chunk, Encoding::PLAIN, |out, codes| {
            for code in codes {
                if let Some(value) = self.values.get(*code as usize) {
                    value.append(out);
                }
            }
        })
    }

    fn pages(
        &self,
        chunk: &mut ChunkWriter<'_>,
        encoding: Encoding,
        body: impl Fn(&mut Vec<u8>, &[u32]),
    ) -> Result<()> {
        let (ranks, in_order) = self.ranks();
        let value_at = |rank: u32| {
            let code = in_order.get(rank as usize)?;
            Some(self.values.get(*code)?.bytes())
        };
        let mut kept = Vec::new();
        for rows in self.codes.chunks(PAGE_ROWS) {
            let codes = if self.nulls == 0 {
                rows
            } else {
                kept.clear();
                kept.extend(rows.iter().filter(|code| **code != NULL));
                kept.as_slice()
            };
            let ends = ends(codes, &ranks);
            let info = PageInfo {
                rows: rows.len(),
                nulls: rows.len() - codes.len(),
                bounds: ends.and_then(|(least, largest)| {
                    Some(Bounds {
                        least: value_at(least)?,
                        largest: value_at(largest)?,
                    })
                }),
                encoding,
            };
            chunk.data(&info, |row| rows.get(row) != Some(&NULL), |out| body(out, codes))?;
        }
        Ok(())
    }
}

/// The least and the largest rank among these codes.
fn ends(codes: &[u32], ranks: &[u32]) -> Option<(u32, u32)> {
    let mut ends = None;
    let mut last = UNSEEN;
    for code in codes {
        if *code != last {
            let rank = ranks.get(*code as usize)?;
            ends = wider(ends, Some((*rank, *rank)));
            last = *code;
        }
    }
    ends
}
