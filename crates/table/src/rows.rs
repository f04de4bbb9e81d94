//! Rows of the side tables: what was read, and what could not be.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::ArrowError;
use model::{INGEST_LOG, QUARANTINE, Sequence, Shard, SourceId, TableDef};

/// One range read from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestRow {
    /// Address of the source.
    pub source: String,
    /// Code of the source.
    pub source_id: SourceId,
    /// How often it was begun anew.
    pub incarnation: u32,
    /// The range, in bytes as stored.
    pub range: std::ops::Range<u64>,
    /// SHA-256 of the range, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the source up to the end of the range.
    pub source_sha256: String,
    /// `none`, `gzip` or `zstd`.
    pub compression: &'static str,
    /// Bytes after decompression.
    pub bytes_decoded: u64,
    /// Bytes that held no complete record.
    pub bytes_given_up: u64,
    /// Records read whole.
    pub records: u64,
    /// Tuples received, as the parser counted them: stored + skipped + quarantined.
    pub tuples_received: u64,
    /// Tuples stored.
    pub tuples_stored: u64,
    /// Tuples of records that another source had brought.
    pub tuples_skipped: u64,
    /// Tuples that could not be read.
    pub tuples_quarantined: u64,
    /// Records that repeat an earlier one of their source.
    pub records_repeated: u64,
    /// Earliest and latest tuple stored, in epoch microseconds.
    pub times: Option<(i64, i64)>,
    /// Codes of odd things with their counts, as JSON.
    pub oddities: Option<String>,
}

/// What is taken back of all that was read of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithdrawnRow {
    pub(crate) source: String,
    pub(crate) source_id: SourceId,
    pub(crate) incarnation: u32,
    pub(crate) records: u64,
    pub(crate) stored: u64,
    pub(crate) skipped: u64,
    pub(crate) quarantined: u64,
    pub(crate) repeated: u64,
}

/// One thing that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Address of the source.
    pub source: String,
    /// Code of the source.
    pub source_id: SourceId,
    /// Why, `FG1001`.
    pub code: String,
    /// Where, in decompressed bytes.
    pub offset: u64,
    /// How long.
    pub length: u64,
    /// The record around it.
    pub record_offset: Option<u64>,
    /// Which tuple of it.
    pub tuple_index: Option<u32>,
    /// The bytes.
    pub raw: Vec<u8>,
}

/// The transaction a row belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) now_micros: i64,
    pub(crate) shard: Shard,
    pub(crate) sequence: Sequence,
}

fn long(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Columns of one type, made from rows.
struct Columns<'r, R>(&'r [(Stamp, R)]);

impl<R> Columns<'_, R> {
    fn longs(&self, value: impl Fn(&R) -> u64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            self.0.iter().map(|(_, row)| long(value(row))),
        ))
    }

    fn texts<'v>(&'v self, value: impl Fn(&'v R) -> &'v str) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            self.0.iter().map(|(_, row)| value(row)),
        ))
    }

    fn instants(&self, value: impl Fn(&Stamp, &R) -> Option<i64>) -> ArrayRef {
        let values = self.0.iter().map(|(stamp, row)| value(stamp, row));
        Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    }

    /// The columns that both tables begin with.
    fn stamped(&self, name: &str) -> Option<ArrayRef> {
        Some(match name {
            "IngestTime" => self.instants(|stamp, _| Some(stamp.now_micros)),
            "IngestDate" => Arc::new(Date32Array::from_iter_values(self.0.iter().map(|(stamp, _)| {
                i32::try_from(stamp.now_micros.div_euclid(86_400_000_000)).unwrap_or(0)
            }))),
            "Shard" => Arc::new(Int32Array::from_iter_values(
                self.0.iter().map(|(stamp, _)| i32::from(stamp.shard.0)),
            )),
            "Sequence" => Arc::new(Int64Array::from_iter_values(
                self.0.iter().map(|(stamp, _)| stamp.sequence.0),
            )),
            _ => return None,
        })
    }
}

fn batch(table: &TableDef, column: impl Fn(&str) -> Option<ArrayRef>) -> Result<RecordBatch, ArrowError> {
    let schema = table.batch_schema();
    let columns = schema
        .fields()
        .iter()
        .map(|field| {
            column(field.name())
                .ok_or_else(|| ArrowError::SchemaError(format!("column `{}` has no writer", field.name())))
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema, columns)
}

/// `IngestLog` rows as a batch.
pub(crate) fn ingest_batch(rows: &[(Stamp, IngestRow)]) -> Result<RecordBatch, ArrowError> {
    let all = Columns(rows);
    batch(&INGEST_LOG, |name| {
        Some(match name {
            "SourceId" => Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|(_, row)| row.source_id.0),
            )),
            "Source" => all.texts(|row| &row.source),
            "Incarnation" => Arc::new(Int32Array::from_iter_values(
                rows.iter()
                    .map(|(_, row)| i32::try_from(row.incarnation).unwrap_or(i32::MAX)),
            )),
            "RangeStart" => all.longs(|row| row.range.start),
            "RangeEnd" => all.longs(|row| row.range.end),
            "Sha256" => all.texts(|row| &row.sha256),
            "SourceSha256" => all.texts(|row| &row.source_sha256),
            "Compression" => all.texts(|row| row.compression),
            "BytesDecoded" => all.longs(|row| row.bytes_decoded),
            "BytesGivenUp" => all.longs(|row| row.bytes_given_up),
            "Records" => all.longs(|row| row.records),
            "TuplesReceived" => all.longs(|row| row.tuples_received),
            "TuplesStored" => all.longs(|row| row.tuples_stored),
            "TuplesSkipped" => all.longs(|row| row.tuples_skipped),
            "TuplesQuarantined" => all.longs(|row| row.tuples_quarantined),
            "RecordsRepeated" => all.longs(|row| row.records_repeated),
            "TimeMin" => all.instants(|_, row| row.times.map(|(min, _)| min)),
            "TimeMax" => all.instants(|_, row| row.times.map(|(_, max)| max)),
            "Oddities" => Arc::new(
                rows.iter()
                    .map(|(_, row)| row.oddities.as_deref())
                    .collect::<StringArray>(),
            ),
            _ => return all.stamped(name),
        })
    })
}

/// `IngestLog` rows that take back what earlier ones say: their counts are negative, and no bytes were read for them.
pub(crate) fn withdrawn_batch(rows: &[(Stamp, WithdrawnRow)]) -> Result<RecordBatch, ArrowError> {
    let all = Columns(rows);
    let less = |value: &dyn Fn(&WithdrawnRow) -> u64| -> ArrayRef {
        let values = rows.iter().map(|(_, row)| -long(value(row)));
        Arc::new(Int64Array::from_iter_values(values))
    };
    batch(&INGEST_LOG, |name| {
        Some(match name {
            "SourceId" => Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|(_, row)| row.source_id.0),
            )),
            "Source" => all.texts(|row| &row.source),
            "Incarnation" => Arc::new(Int32Array::from_iter_values(
                rows.iter()
                    .map(|(_, row)| i32::try_from(row.incarnation).unwrap_or(i32::MAX)),
            )),
            "RangeStart" | "RangeEnd" | "BytesDecoded" | "BytesGivenUp" => all.longs(|_| 0),
            "Sha256" | "SourceSha256" => all.texts(|_| ""),
            "Compression" => all.texts(|_| "none"),
            "Records" => less(&|row| row.records),
            "TuplesReceived" => less(&|row| row.stored + row.skipped + row.quarantined),
            "TuplesStored" => less(&|row| row.stored),
            "TuplesSkipped" => less(&|row| row.skipped),
            "TuplesQuarantined" => less(&|row| row.quarantined),
            "RecordsRepeated" => less(&|row| row.repeated),
            "TimeMin" | "TimeMax" => all.instants(|_, _| None),
            "Oddities" => Arc::new(rows.iter().map(|_| None::<&str>).collect::<StringArray>()),
            _ => return all.stamped(name),
        })
    })
}

/// `Quarantine` rows as a batch.
pub(crate) fn quarantine_batch(rows: &[(Stamp, QuarantineRow)]) -> Result<RecordBatch, ArrowError> {
    let all = Columns(rows);
    batch(&QUARANTINE, |name| {
        Some(match name {
            "SourceId" => Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|(_, row)| row.source_id.0),
            )),
            "Source" => all.texts(|row| &row.source),
            "Code" => all.texts(|row| &row.code),
            "Offset" => all.longs(|row| row.offset),
            "Length" => all.longs(|row| row.length),
            "RecordOffset" => Arc::new(
                rows.iter()
                    .map(|(_, row)| row.record_offset.map(long))
                    .collect::<Int64Array>(),
            ),
            "TupleIndex" => Arc::new(
                rows.iter()
                    .map(|(_, row)| row.tuple_index.and_then(|index| i32::try_from(index).ok()))
                    .collect::<Int32Array>(),
            ),
            "Raw" => Arc::new(BinaryArray::from_iter_values(
                rows.iter().map(|(_, row)| row.raw.as_slice()),
            )),
            _ => return all.stamped(name),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_side_tables_has_a_writer() {
        assert_eq!(ingest_batch(&[]).unwrap().num_rows(), 0);
        assert_eq!(quarantine_batch(&[]).unwrap().num_rows(), 0);
        assert_eq!(withdrawn_batch(&[]).unwrap().num_rows(), 0);
    }
}
