//! Columns of a run made into chunks, each by its packing.

use std::collections::HashMap;
use std::hash::Hash;

use ahash::RandomState;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_schema::DataType;
use parquet::basic::Encoding;
use parquet::bloom_filter::Sbbf;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use super::bits;
use super::chunk::{Bounds, Chunk, ChunkWriter, PageInfo};
use super::layout::{BLOOM_FALSE, PAGE_ROWS, Packing};
use super::run::{Run, Stretch};
use crate::snapshot::{ColumnStats, StatValue};

/// A column written, and what the log will say of it.
pub(super) struct Encoded {
    pub(super) chunk: Chunk,
    pub(super) stats: ColumnStats,
}

/// What is to be done with a column.
pub(super) struct Task {
    /// Its place in the run.
    pub(super) column: usize,
    pub(super) descriptor: ColumnDescPtr,
    pub(super) packing: Packing,
    pub(super) bloom: bool,
}

fn unsupported(data_type: &DataType) -> ParquetError {
    ParquetError::NYI(format!("a column of {data_type}"))
}

impl Task {
    pub(super) fn encode(&self, run: &Run) -> Result<Encoded> {
        let data_type = run.schema.field(self.column).data_type();
        match data_type {
            DataType::Int32 => self.numbers::<Int32Type>(run, StatValue::Int),
            DataType::Int64 => self.numbers::<Int64Type>(run, StatValue::Long),
            DataType::Date32 => self.numbers::<Date32Type>(run, StatValue::Day),
            DataType::Timestamp(..) => self.numbers::<TimestampMicrosecondType>(run, StatValue::Instant),
            _ => self.texts(run, data_type),
        }
    }

    fn numbers<T: ArrowPrimitiveType>(&self, run: &Run, wrap: fn(T::Native) -> StatValue) -> Result<Encoded>
    where
        T::Native: Number,
    {
        let mut column = Numbers::<T::Native>::new(run.rows);
        run.each(self.column, |_, array, stretch| {
            column.add(array.as_primitive::<T>().values(), array, stretch);
        });
        let negative = column.values.iter().any(|value| value.long() < 0);
        match self.packing {
            Packing::Plain => column.plain(self, wrap),
            // Differences of 32-bit numbers of both signs may need 33 bits.
            Packing::Differences if size_of::<T::Native>() == 8 || !negative => {
                column.differences(self, wrap)
            }
            Packing::Differences | Packing::Codes => column.codes(self, wrap),
        }
    }

    fn texts(&self, run: &Run, data_type: &DataType) -> Result<Encoded> {
        let mut column = Coded::new(run.rows);
        let mut remaps: HashMap<usize, Vec<u32>> = HashMap::new();
        let mut failed = None;
        run.each(self.column, |batch, array, stretch| match array.data_type() {
            DataType::Dictionary(_, values) => {
                let dictionary = array.as_dictionary::<Int32Type>();
                let remap = remaps
                    .entry(batch)
                    .or_insert_with(|| vec![UNSEEN; dictionary.values().len()]);
                let keys = dictionary.keys();
                match **values {
                    DataType::Utf8 => {
                        let texts = dictionary.values().as_string::<i32>();
                        column.add_keys(keys.values(), array, stretch, remap, |key| {
                            texts.value(key).as_bytes()
                        });
                    }
                    DataType::Binary => {
                        let texts = dictionary.values().as_binary::<i32>();
                        column.add_keys(keys.values(), array, stretch, remap, |key| texts.value(key));
                    }
                    _ => failed = Some(unsupported(data_type)),
                }
            }
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                column.add_each(array, stretch, |row| texts.value(row).as_bytes());
            }
            DataType::Binary => {
                let texts = array.as_binary::<i32>();
                column.add_each(array, stretch, |row| texts.value(row));
            }
            other => failed = Some(unsupported(other)),
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let as_text = matches!(data_type, DataType::Utf8)
            || matches!(data_type, DataType::Dictionary(_, values) if **values == DataType::Utf8);
        let wrap = |text: &&[u8]| {
            as_text.then(|| StatValue::Text(String::from_utf8_lossy(text).into_owned()))
        };
        column.write(self, wrap)
    }

    fn writer(&self) -> Result<ChunkWriter> {
        ChunkWriter::new(self.descriptor.clone())
    }
}

/// Numbers that a column may hold.
pub(super) trait Number: Copy + Ord + Hash + Eq + Default {
    fn long(self) -> i64;
    fn append(self, out: &mut Vec<u8>);
}

impl Number for i32 {
    fn long(self) -> i64 {
        i64::from(self)
    }
    fn append(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl Number for i64 {
    fn long(self) -> i64 {
        self
    }
    fn append(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

fn bounds_of<N: Number>(values: &[N]) -> Option<(N, N)> {
    let least = values.iter().min()?;
    let largest = values.iter().max()?;
    Some((*least, *largest))
}

fn stored<N: Number>((least, largest): (N, N)) -> Bounds {
    let bytes = |number: N| {
        let mut bytes = Vec::with_capacity(8);
        number.append(&mut bytes);
        bytes
    };
    Bounds {
        least: bytes(least),
        largest: bytes(largest),
    }
}

/// A column of numbers: all rows, and which of them have a value.
struct Numbers<N> {
    values: Vec<N>,
    /// Empty as long as every row has a value.
    present: Vec<bool>,
}

impl<N: Number> Numbers<N> {
    fn new(rows: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows),
            present: Vec::new(),
        }
    }

    fn add(&mut self, values: &[N], array: &dyn Array, stretch: Stretch) {
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
                    kept.extend(rows.iter().zip(present).filter(|(_, there)| **there).map(|(value, _)| *value));
                    take(rows.len(), &kept, present)?;
                }
            }
        }
        Ok(())
    }

    fn plain(self, task: &Task, wrap: fn(N) -> StatValue) -> Result<Encoded> {
        self.write(task, wrap, Encoding::PLAIN, |out, values| {
            out.reserve(values.len() * size_of::<N>());
            values.iter().for_each(|value| value.append(out));
        })
    }

    fn differences(self, task: &Task, wrap: fn(N) -> StatValue) -> Result<Encoded> {
        let mut longs = Vec::new();
        self.write(task, wrap, Encoding::DELTA_BINARY_PACKED, move |out, values| {
            longs.clear();
            longs.extend(values.iter().map(|value| value.long()));
            bits::delta(out, &longs);
        })
    }

    fn write(
        &self,
        task: &Task,
        wrap: fn(N) -> StatValue,
        encoding: Encoding,
        mut body: impl FnMut(&mut Vec<u8>, &[N]),
    ) -> Result<Encoded> {
        let mut chunk = task.writer()?;
        let mut all: Option<(N, N)> = None;
        let mut nulls = 0;
        self.pages(|rows, values, present| {
            let bounds = bounds_of(values);
            all = wider(all, bounds);
            nulls += rows - values.len();
            let info = PageInfo {
                rows,
                nulls: rows - values.len(),
                bounds: bounds.map(stored),
                encoding,
            };
            chunk.data(
                info,
                |row| present.get(row).copied().unwrap_or(true),
                |out| body(out, values),
            )
        })?;
        Ok(Encoded {
            chunk: chunk.finish(all.map(stored).as_ref(), None)?,
            stats: ColumnStats {
                min: all.map(|(least, _)| wrap(least)),
                max: all.map(|(_, largest)| wrap(largest)),
                nulls: Some(nulls as u64),
            },
        })
    }

    fn codes(self, task: &Task, wrap: fn(N) -> StatValue) -> Result<Encoded> {
        let mut column = Coded::new(self.values.len());
        let mut last = None;
        for (row, value) in self.values.iter().enumerate() {
            if self.present.get(row) == Some(&false) {
                column.codes.push(NULL);
                column.nulls += 1;
                continue;
            }
            let code = match last {
                Some((known, code)) if known == *value => code,
                _ => column.code(*value),
            };
            last = Some((*value, code));
            column.codes.push(code);
        }
        column.write(task, |value| Some(wrap(*value)))
    }
}

fn wider<T: Copy + Ord>(all: Option<(T, T)>, more: Option<(T, T)>) -> Option<(T, T)> {
    match (all, more) {
        (Some((least, largest)), Some((low, high))) => Some((least.min(low), largest.max(high))),
        (all, more) => all.or(more),
    }
}

/// A code that no value has got yet.
const UNSEEN: u32 = u32::MAX;
/// The code of a row without a value.
const NULL: u32 = u32::MAX - 1;

/// A value that codes can stand for.
trait Value: Copy + Ord + Hash + Eq {
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
struct Coded<V> {
    codes: Vec<u32>,
    values: Vec<V>,
    code_of: HashMap<V, u32, RandomState>,
    nulls: usize,
}

impl<V: Value> Coded<V> {
    fn new(rows: usize) -> Self {
        Self {
            codes: Vec::with_capacity(rows),
            values: Vec::new(),
            code_of: HashMap::default(),
            nulls: 0,
        }
    }

    fn code(&mut self, value: V) -> u32 {
        *self.code_of.entry(value).or_insert_with(|| {
            self.values.push(value);
            // A row group has far fewer rows than there are codes.
            u32::try_from(self.values.len() - 1).unwrap_or(NULL)
        })
    }

    /// Rows of a dictionary: each of its values is looked up once.
    fn add_keys(
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

    fn add_each(&mut self, array: &dyn Array, stretch: Stretch, value: impl Fn(usize) -> V) {
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

    fn write(self, task: &Task, wrap: impl Fn(&V) -> Option<StatValue>) -> Result<Encoded> {
        let mut chunk = task.writer()?;
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

    fn coded_pages(&self, chunk: &mut ChunkWriter) -> Result<()> {
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

    fn plain_pages(&self, chunk: &mut ChunkWriter) -> Result<()> {
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
        chunk: &mut ChunkWriter,
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
            chunk.data(info, |row| rows.get(row) != Some(&NULL), |out| body(out, codes))?;
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
