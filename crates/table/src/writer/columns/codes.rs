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

/// Numbers below this are looked up by their place, not by their hash.
const SMALL: usize = 1 << 16;

/// A value that codes can stand for.
pub(super) trait Value: Copy + Ord + Hash + Eq {
    /// The number itself if it is one below [`SMALL`].
    fn small(&self) -> Option<usize>;
    /// As the dictionary page has it.
    fn append(&self, out: &mut Vec<u8>);
    /// As statistics have it.
    fn bytes(&self) -> Vec<u8>;
}

impl<N: Number> Value for N {
    #[inline]
    fn small(&self) -> Option<usize> {
        usize::try_from(self.long()).ok().filter(|number| *number < SMALL)
    }
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
    #[inline]
    fn small(&self) -> Option<usize> {
        None
    }
    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&u32::try_from(self.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(self);
    }
    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

/// The codes of rows. Spread out only when a second one comes: a column often holds one value.
struct Codes {
    /// The code of all rows, and how many they are, for as long as nothing is spread out.
    single: u32,
    rows: usize,
    spread: Vec<u32>,
    /// How many rows will come.
    capacity: usize,
}

impl Codes {
    #[inline]
    fn extend(&mut self, code: u32, count: usize) {
        if self.spread.is_empty() {
            if self.rows == 0 || code == self.single {
                self.single = code;
                self.rows += count;
                return;
            }
            self.spread.reserve(self.capacity);
            self.spread.resize(self.rows, self.single);
        }
        if count == 1 {
            self.spread.push(code);
        } else {
            self.spread.resize(self.spread.len() + count, code);
        }
    }
}

/// A column as codes into its distinct values, in the order in which they came.
pub(super) struct Coded<V> {
    codes: Codes,
    values: Vec<V>,
    code_of: HashMap<V, u32, RandomState>,
    /// The codes of numbers below [`SMALL`], made when the first comes.
    small: Vec<u32>,
    nulls: usize,
}

impl<V: Value> Coded<V> {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            codes: Codes {
                single: NULL,
                rows: 0,
                spread: Vec::new(),
                capacity: rows,
            },
            values: Vec::new(),
            code_of: HashMap::default(),
            small: Vec::new(),
            nulls: 0,
        }
    }

    #[inline]
    fn code(&mut self, value: V) -> u32 {
        // A row group has far fewer rows than there are codes.
        let next = u32::try_from(self.values.len()).unwrap_or(NULL);
        let code = match value.small() {
            Some(place) => {
                if self.small.is_empty() {
                    self.small.resize(SMALL, UNSEEN);
                }
                let Some(code) = self.small.get_mut(place) else {
                    return NULL;
                };
                if *code == UNSEEN {
                    *code = next;
                }
                *code
            }
            None => *self.code_of.entry(value).or_insert(next),
        };
        if code == next {
            self.values.push(value);
        }
        code
    }

    fn null(&mut self) -> u32 {
        self.nulls += 1;
        NULL
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
        if let Some(nulls) = nulls {
            for (row, key) in (stretch.start..).zip(keys) {
                let code = if nulls.is_null(row) {
                    self.null()
                } else {
                    self.mapped(*key, remap, &value)
                };
                self.codes.extend(code, 1);
            }
            return;
        }
        in_runs(keys, |key, count| {
            let code = self.mapped(key, remap, &value);
            self.codes.extend(code, count);
        });
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
                self.null()
            } else {
                self.code(value(row))
            };
            self.codes.extend(code, 1);
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
        let bounds = least.zip(largest).map(bounds);
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

    /// The value that all rows have, with its code, if they have one and the same.
    fn single(&self) -> Option<(&V, u32)> {
        let alike = self.codes.spread.is_empty();
        let value = self.values.get(self.codes.single as usize);
        value.filter(|_| alike).map(|value| (value, self.codes.single))
    }

    fn coded_pages(&self, chunk: &mut ChunkWriter<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        self.values.iter().for_each(|value| value.append(&mut bytes));
        chunk.dictionary(&bytes, self.values.len())?;
        let width = bits::width((self.values.len() as u64).saturating_sub(1));
        let begin = |out: &mut Vec<u8>| out.push(width.to_le_bytes()[0]);
        let encoding = Encoding::RLE_DICTIONARY;
        if let Some((value, code)) = self.single() {
            let bounds = bounds((value, value));
            return chunk.alike(self.codes.rows, Some(&bounds), encoding, |out, rows| {
                begin(out);
                bits::run(out, code, rows, width);
            });
        }
        self.pages(chunk, encoding, |out, codes| {
            begin(out);
            bits::hybrid(out, codes, width);
        })
    }

    fn plain_pages(&self, chunk: &mut ChunkWriter<'_>) -> Result<()> {
        if let Some((value, _)) = self.single() {
            let bounds = bounds((value, value));
            return chunk.alike(self.codes.rows, Some(&bounds), Encoding::PLAIN, |out, rows| {
                (0..rows).for_each(|_| value.append(out));
            });
        }
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
        let mut seen = Seen::new(self.values.len());
        let mut kept = Vec::new();
        for rows in self.codes.spread.chunks(PAGE_ROWS) {
            let codes = if self.nulls == 0 {
                rows
            } else {
                kept.clear();
                kept.extend(rows.iter().filter(|code| **code != NULL));
                kept.as_slice()
            };
            let info = PageInfo {
                rows: rows.len(),
                nulls: rows.len() - codes.len(),
                bounds: seen.ends(codes, &self.values).map(bounds),
                encoding,
            };
            chunk.data(&info, |row| rows.get(row) != Some(&NULL), |out| body(out, codes))?;
        }
        Ok(())
    }
}

impl<N: Number> Coded<N> {
    /// Rows of numbers.
    pub(super) fn add_numbers(&mut self, numbers: &[N], array: &dyn Array, stretch: Stretch) {
        if array.null_count() > 0 {
            return self.add_each(array, stretch, |row| {
                numbers.get(row).copied().unwrap_or_default()
            });
        }
        in_runs(
            numbers.get(stretch.start..stretch.end).unwrap_or(&[]),
            |number, count| {
                let code = self.code(number);
                self.codes.extend(code, count);
            },
        );
    }
}

pub(super) fn bounds<V: Value>((least, largest): (&V, &V)) -> Bounds {
    Bounds {
        least: least.bytes(),
        largest: largest.bytes(),
    }
}

/// Which values a page has shown already: each is compared once a page, not once a row.
struct Seen {
    page: u32,
    last_page: Vec<u32>,
}

impl Seen {
    fn new(values: usize) -> Self {
        Self {
            page: 0,
            last_page: vec![0; values],
        }
    }

    /// The least and the largest value of the next page.
    fn ends<'v, V: Value>(&mut self, codes: &[u32], values: &'v [V]) -> Option<(&'v V, &'v V)> {
        self.page += 1;
        let mut ends: Option<(&V, &V)> = None;
        let mut last = UNSEEN;
        for code in codes {
            if *code == last {
                continue;
            }
            last = *code;
            let page = self.last_page.get_mut(*code as usize)?;
            if *page == self.page {
                continue;
            }
            *page = self.page;
            let value = values.get(*code as usize)?;
            ends = wider(ends, Some((value, value)));
        }
        ends
    }
}

/// A run is looked for where this many values may be equal: of short ones the end is found too late to pay.
const RUN_MIN: usize = 8;

/// Calls for each value, or for each long run of equal ones, with how many they are.
#[inline]
fn in_runs<T: Copy + Eq>(values: &[T], mut take: impl FnMut(T, usize)) {
    let mut rest = values;
    while let Some(value) = rest.first() {
        let count = if rest.get(RUN_MIN - 1) == Some(value) {
            equal_at_start(rest, *value)
        } else {
            1
        };
        take(*value, count);
        rest = rest.get(count..).unwrap_or(&[]);
    }
}

/// How many values at the start are this one.
fn equal_at_start<T: Copy + Eq>(values: &[T], value: T) -> usize {
    let (chunks, _) = values.as_chunks::<16>();
    let alike = |chunk: &&[T; 16]| chunk.iter().fold(true, |alike, other| alike & (*other == value));
    let all = chunks.iter().take_while(alike).count() * 16;
    let rest = values.get(all..).unwrap_or(&[]);
    all + rest.iter().take_while(|other| **other == value).count()
}
