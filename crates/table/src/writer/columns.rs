//! Columns of a run made into chunks, each by its packing.

mod codes;
mod numbers;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::DataType;
use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::chunk::{Chunk, ChunkWriter};
use super::layout::{Packing, WORTH_IT};
use super::run::Run;
use crate::snapshot::{ColumnStats, StatValue};
use codes::{Coded, UNSEEN};
use numbers::{Number, Numbers};

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
    /// The column, and the packing that it was given: what is smallest is found out by trying.
    pub(super) fn encode(
        &self,
        run: &Run,
        compressor: &mut Compressor<'static>,
    ) -> Result<(Encoded, Packing)> {
        if run.all_null(self.column) {
            return Ok((self.nulls(run.rows, compressor)?, self.packing));
        }
        let Packing::Smallest(packings) = self.packing else {
            return Ok((self.packed(run, compressor)?, self.packing));
        };
        let mut chosen: Option<(Encoded, Packing)> = None;
        for packing in packings {
            // What is as small as this cannot be made clearly smaller.
            if let Some((known, _)) = &chosen
                && known.chunk.bytes.len() <= run.rows / WORTH_IT
            {
                break;
            }
            let encoded = self.with(*packing).packed(run, compressor)?;
            let size = encoded.chunk.bytes.len();
            let margin = size.max(run.rows) / WORTH_IT;
            if chosen
                .as_ref()
                .is_none_or(|(known, _)| size + margin < known.chunk.bytes.len())
            {
                chosen = Some((encoded, *packing));
            }
        }
        chosen.ok_or_else(|| ParquetError::General("a column that no packing is for".to_owned()))
    }

    /// A column without a value.
    fn nulls(&self, rows: usize, compressor: &mut Compressor<'static>) -> Result<Encoded> {
        let mut chunk = self.writer(compressor);
        chunk.alike(rows, None, Encoding::PLAIN, |_, _| ())?;
        Ok(Encoded {
            chunk: chunk.finish(None, None)?,
            stats: ColumnStats {
                nulls: Some(rows as u64),
                ..ColumnStats::default()
            },
        })
    }

    fn packed(&self, run: &Run, compressor: &mut Compressor<'static>) -> Result<Encoded> {
        let data_type = run.schema.field(self.column).data_type();
        match data_type {
            DataType::Int32 => self.numbers::<Int32Type>(run, compressor, StatValue::Int),
            DataType::Int64 => self.numbers::<Int64Type>(run, compressor, StatValue::Long),
            DataType::Date32 => self.numbers::<Date32Type>(run, compressor, StatValue::Day),
            DataType::Timestamp(..) => {
                self.numbers::<TimestampMicrosecondType>(run, compressor, StatValue::Instant)
            }
            _ => self.texts(run, compressor, data_type),
        }
    }

    fn numbers<T: ArrowPrimitiveType<Native: Number>>(
        &self,
        run: &Run,
        compressor: &mut Compressor<'static>,
        wrap: fn(T::Native) -> StatValue,
    ) -> Result<Encoded> {
        match self.packing {
            Packing::Plain => self.flat::<T>(run).plain(self.writer(compressor), wrap),
            Packing::Differences => {
                let column = self.flat::<T>(run);
                // Differences of 32-bit numbers of both signs may need 33 bits.
                if size_of::<T::Native>() < 8 && column.has_negative() {
                    return self.coded::<T>(run, compressor, wrap);
                }
                column.differences(self.writer(compressor), wrap)
            }
            Packing::Codes | Packing::Smallest(_) => self.coded::<T>(run, compressor, wrap),
        }
    }

    fn flat<T: ArrowPrimitiveType<Native: Number>>(&self, run: &Run) -> Numbers<T::Native> {
        let mut numbers = Numbers::new(run.rows);
        run.each(self.column, |_, array, stretch| {
            numbers.add(array.as_primitive::<T>().values(), array, stretch);
        });
        numbers
    }

    fn coded<T: ArrowPrimitiveType<Native: Number>>(
        &self,
        run: &Run,
        compressor: &mut Compressor<'static>,
        wrap: fn(T::Native) -> StatValue,
    ) -> Result<Encoded> {
        let mut column = Coded::new(run.rows);
        run.each(self.column, |_, array, stretch| {
            column.add_numbers(array.as_primitive::<T>().values(), array, stretch);
        });
        column.write(self, self.writer(compressor), |value| Some(wrap(*value)))
    }

    /// The same with another packing.
    fn with(&self, packing: Packing) -> Self {
        Self {
            descriptor: self.descriptor.clone(),
            packing,
            ..*self
        }
    }

    fn texts(
        &self,
        run: &Run,
        compressor: &mut Compressor<'static>,
        data_type: &DataType,
    ) -> Result<Encoded> {
        let mut column = Coded::new(run.rows);
        // Of each batch, the codes of its dictionary.
        let mut remaps: Vec<Vec<u32>> = vec![Vec::new(); run.batches.len()];
        let mut failed = None;
        run.each(self.column, |batch, array, stretch| match array.data_type() {
            DataType::Dictionary(_, values) => {
                let dictionary = array.as_dictionary::<Int32Type>();
                let Some(remap) = remaps.get_mut(batch) else {
                    return;
                };
                remap.resize(dictionary.values().len(), UNSEEN);
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
        let wrap =
            |text: &&[u8]| as_text.then(|| StatValue::Text(String::from_utf8_lossy(text).into_owned()));
        column.write(self, self.writer(compressor), wrap)
    }

    fn writer<'z>(&self, compressor: &'z mut Compressor<'static>) -> ChunkWriter<'z> {
        ChunkWriter::new(self.descriptor.clone(), compressor)
    }
}

/// Bounds that hold for both.
fn wider<T: Copy + Ord>(all: Option<(T, T)>, more: Option<(T, T)>) -> Option<(T, T)> {
    match (all, more) {
        (Some((least, largest)), Some((low, high))) => Some((least.min(low), largest.max(high))),
        (all, more) => all.or(more),
    }
}
