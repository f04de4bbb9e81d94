//! One column of one row group: pages, their statistics and indexes, compressed.
//!
//! The library writes page headers and metadata; what stands in a page is made here, because its own way
//! looks every value of every row up in a hash table, and ours come as codes already.

use parquet::basic::{Compression, Encoding, PageType, Type, ZstdLevel};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::bits;
use super::layout::{PAGE_ROWS, ZSTD_LEVEL};

/// Bounds of texts are cut to this.
const BOUND_BYTES_MAX: usize = 64;

/// A column of a row group, ready to be appended.
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    pub(super) close: ColumnCloseResult,
}

/// The least and the largest value of some rows, as Parquet stores them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: Vec<u8>,
    pub(super) largest: Vec<u8>,
}

/// What is said of one page.
pub(super) struct PageInfo {
    pub(super) rows: usize,
    pub(super) nulls: usize,
    /// None if all rows are null.
    pub(super) bounds: Option<Bounds>,
    pub(super) encoding: Encoding,
}

pub(super) struct ChunkWriter<'z> {
    column: ColumnDescPtr,
    /// One for all columns of a row group: its tables are larger than most columns.
    compressor: &'z mut Compressor<'static>,
    sink: TrackedWrite<Vec<u8>>,
    column_index: ColumnIndexBuilder,
    offset_index: OffsetIndexBuilder,
    encodings: Vec<PageEncodingStats>,
    dictionary_at: Option<i64>,
    data_at: Option<i64>,
    compressed: i64,
    uncompressed: i64,
    rows: usize,
    nulls: usize,
    /// The page being made, used again.
    page: Vec<u8>,
}

fn external(error: std::io::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

impl<'z> ChunkWriter<'z> {
    pub(super) fn new(column: ColumnDescPtr, compressor: &'z mut Compressor<'static>) -> Self {
        Self {
            column_index: ColumnIndexBuilder::new(column.physical_type()),
            column,
            compressor,
            sink: TrackedWrite::new(Vec::new()),
            offset_index: OffsetIndexBuilder::new(),
            encodings: Vec::new(),
            dictionary_at: None,
            data_at: None,
            compressed: 0,
            uncompressed: 0,
            rows: 0,
            nulls: 0,
            page: Vec::new(),
        }
    }

    /// The distinct values; comes before the data pages.
    pub(super) fn dictionary(&mut self, bytes: &[u8], values: usize) -> Result<()> {
        let page = Page::DictionaryPage {
            buf: self.compressor.compress(bytes).map_err(external)?.into(),
            num_values: u32::try_from(values).unwrap_or(u32::MAX),
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let (at, _) = self.write(page, bytes.len(), PageType::DICTIONARY_PAGE, Encoding::PLAIN)?;
        self.dictionary_at = Some(at);
        Ok(())
    }

    /// A page of rows. `present` says which rows have a value, `body` appends the values of those.
    pub(super) fn data(
        &mut self,
        info: &PageInfo,
        present: impl Fn(usize) -> bool,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Result<()> {
        let mut plain = std::mem::take(&mut self.page);
        plain.clear();
        if self.column.max_def_level() > 0 {
            let mut levels = Vec::new();
            if info.nulls == 0 || info.nulls == info.rows {
                bits::run(&mut levels, u32::from(info.nulls == 0), info.rows, 1);
            } else {
                let each: Vec<u32> = (0..info.rows).map(|row| u32::from(present(row))).collect();
                bits::hybrid(&mut levels, &each, 1);
            }
            plain.extend_from_slice(&u32::try_from(levels.len()).unwrap_or(u32::MAX).to_le_bytes());
            plain.extend_from_slice(&levels);
        }
        body(&mut plain);
        let page = Page::DataPage {
            buf: self.compressor.compress(&plain).map_err(external)?.into(),
            num_values: u32::try_from(info.rows).unwrap_or(u32::MAX),
            encoding: info.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let (at, size) = self.write(page, plain.len(), PageType::DATA_PAGE, info.encoding)?;
        self.page = plain;
        self.data_at.get_or_insert(at);
        self.offset_index.append_row_count(signed(info.rows));
        self.offset_index
            .append_offset_and_size(at, i32::try_from(size).unwrap_or(i32::MAX));
        self.index(info);
        self.rows += info.rows;
        self.nulls += info.nulls;
        Ok(())
    }

    /// Pages of rows that are all alike: all of the value whose bounds these are, or without one. `body` appends
    /// so many of it.
    pub(super) fn alike(
        &mut self,
        rows: usize,
        bounds: Option<&Bounds>,
        encoding: Encoding,
        body: impl Fn(&mut Vec<u8>, usize),
    ) -> Result<()> {
        let there = bounds.is_some();
        for from in (0..rows).step_by(PAGE_ROWS) {
            let rows = PAGE_ROWS.min(rows - from);
            let info = PageInfo {
                rows,
                nulls: if there { 0 } else { rows },
                bounds: bounds.cloned(),
                encoding,
            };
            self.data(&info, |_| there, |out| body(out, rows))?;
        }
        Ok(())
    }

    fn index(&mut self, info: &PageInfo) {
        let nulls = signed(info.nulls);
        let shortened = info.bounds.as_ref().map(|bounds| self.shortened(bounds));
        match shortened {
            None => self.column_index.append(true, Vec::new(), Vec::new(), nulls),
            Some(Some((bounds, _))) => self
                .column_index
                .append(false, bounds.least, bounds.largest, nulls),
            // A text that cannot be cut to a larger one: no page of the column is told by its bounds.
            Some(None) => self.column_index.to_invalid(),
        }
    }

    /// Bounds as they are stored, and whether each of them is a value of the column.
    fn shortened(&self, bounds: &Bounds) -> Option<(Bounds, (bool, bool))> {
        if self.column.physical_type() != Type::BYTE_ARRAY {
            return Some((bounds.clone(), (true, true)));
        }
        let least = cut(&bounds.least);
        let mut largest = cut(&bounds.largest).to_vec();
        let exact = (
            least.len() == bounds.least.len(),
            largest.len() == bounds.largest.len(),
        );
        if !exact.1 {
            raise(&mut largest)?;
        }
        let least = least.to_vec();
        Some((Bounds { least, largest }, exact))
    }

    fn write(
        &mut self,
        page: Page,
        plain: usize,
        kind: PageType,
        encoding: Encoding,
    ) -> Result<(i64, usize)> {
        let mut writer = SerializedPageWriter::new(&mut self.sink);
        let spec = writer.write_page(CompressedPage::new(page, plain))?;
        self.compressed += signed(spec.compressed_size);
        self.uncompressed += signed(spec.uncompressed_size);
        match self.encodings.last_mut() {
            Some(stats) if stats.page_type == kind && stats.encoding == encoding => stats.count += 1,
            _ => self.encodings.push(PageEncodingStats {
                page_type: kind,
                encoding,
                count: 1,
            }),
        }
        Ok((signed(spec.offset), spec.compressed_size))
    }

    /// Ends the column. `bounds` are those of all pages.
    pub(super) fn finish(self, bounds: Option<&Bounds>, bloom_filter: Option<Sbbf>) -> Result<Chunk> {
        let statistics = self.statistics(bounds);
        let mut encodings: Vec<Encoding> = self.encodings.iter().map(|stats| stats.encoding).collect();
        encodings.push(Encoding::RLE);
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_encodings(encodings)
            .set_page_encoding_stats(self.encodings)
            .set_total_compressed_size(self.compressed)
            .set_total_uncompressed_size(self.uncompressed)
            .set_num_values(signed(self.rows))
            .set_data_page_offset(self.data_at.unwrap_or(0))
            .set_dictionary_page_offset(self.dictionary_at)
            .set_statistics(statistics)
            .build()?;
        let bytes = self.sink.into_inner()?;
        Ok(Chunk {
            close: ColumnCloseResult {
                bytes_written: bytes.len() as u64,
                rows_written: self.rows as u64,
                metadata,
                bloom_filter,
                column_index: self
                    .column_index
                    .valid()
                    .then(|| self.column_index.build())
                    .transpose()?,
                offset_index: Some(self.offset_index.build()),
            },
            bytes,
        })
    }

    fn statistics(&self, bounds: Option<&Bounds>) -> Statistics {
        let nulls = Some(self.nulls as u64);
        let stored = bounds.and_then(|bounds| self.shortened(bounds));
        match self.column.physical_type() {
            Type::INT32 => {
                let number = |bytes: &[u8]| Some(i32::from_le_bytes(*bytes.first_chunk()?));
                let least = bounds.and_then(|bounds| number(&bounds.least));
                let largest = bounds.and_then(|bounds| number(&bounds.largest));
                ValueStatistics::<i32>::new(least, largest, None, nulls, false)
                    .with_backwards_compatible_min_max(true)
                    .into()
            }
            Type::INT64 => {
                let number = |bytes: &[u8]| Some(i64::from_le_bytes(*bytes.first_chunk()?));
                let least = bounds.and_then(|bounds| number(&bounds.least));
                let largest = bounds.and_then(|bounds| number(&bounds.largest));
                ValueStatistics::<i64>::new(least, largest, None, nulls, false)
                    .with_backwards_compatible_min_max(true)
                    .into()
            }
            _ => {
                let (least, largest, exact) = match stored {
                    Some((bounds, exact)) => (
                        Some(ByteArray::from(bounds.least)),
                        Some(ByteArray::from(bounds.largest)),
                        exact,
                    ),
                    None => (None, None, (false, false)),
                };
                ValueStatistics::<ByteArray>::new(least, largest, None, nulls, false)
                    .with_min_is_exact(exact.0)
                    .with_max_is_exact(exact.1)
                    .into()
            }
        }
    }
}

/// The beginning of a text, whole characters of it.
fn cut(text: &[u8]) -> &[u8] {
    let Some(head) = text
        .get(..BOUND_BYTES_MAX)
        .filter(|_| text.len() > BOUND_BYTES_MAX)
    else {
        return text;
    };
    match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) => head.get(..error.valid_up_to()).unwrap_or(&[]),
    }
}

/// Makes the beginning of a text larger than any text that begins so; none if its last character is not ASCII.
fn raise(head: &mut [u8]) -> Option<()> {
    let last = head.last_mut()?;
    (*last < 0x7e).then(|| *last += 1)
}
