//! `table stats`: what is in the table, from the log, the footers and `IngestLog`. It judges nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use model::Shard;
use model::limits::COMPACT_TARGET_BYTES;
use parquet::file::metadata::ParquetMetaData;

use crate::compact::{CompactOptions, Fold, is_small};
use crate::error::Result;
use crate::object_reader::{Batches, open};
use crate::retain::Retained;
use crate::snapshot::{DataFile, Snapshot, StatValue};
use crate::table::Table;

/// What is in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableStats {
    /// Version of `Flows`.
    pub version: i64,
    /// Rows of `Flows`.
    pub rows: u64,
    /// Data files of `Flows`.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Earliest and latest `TimeGenerated`, in epoch microseconds.
    pub times: Option<(i64, i64)>,
    /// Rows and bytes by day.
    pub days: BTreeMap<i32, (u64, u64)>,
    /// Compressed bytes by column, in the files' order.
    pub columns: Vec<(String, u64)>,
    /// Sources whose position is known.
    pub sources: u64,
    /// Sums over `IngestLog`.
    pub ingest: IngestTotals,
    /// Number and bytes of the data files that are so small that compaction looks at them.
    pub small: (u64, u64),
    /// What `table compact` would do now, in all tables.
    pub compact: Vec<Fold>,
    /// What retention has taken out of `Flows`.
    pub retained: Option<Retained>,
}

/// Sums over `IngestLog`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestTotals {
    /// Ranges read.
    pub ranges: u64,
    /// Tuples received.
    pub received: u64,
    /// Tuples stored.
    pub stored: u64,
    /// Tuples refused because another source had brought them.
    pub skipped: u64,
    /// Tuples that could not be read.
    pub quarantined: u64,
    /// Bytes read, as stored at the source.
    pub bytes: u64,
}

impl Table {
    /// What is in the table. Reads the footers of the data files.
    ///
    /// # Errors
    /// If the log or a file cannot be read.
    pub async fn stats(&self) -> Result<TableStats> {
        let snapshots = self.snapshots().await?;
        let mut stats = TableStats {
            version: self.version().0,
            retained: self.retained().await?,
            ..TableStats::default()
        };
        if let Some(flows) = snapshots.first() {
            for file in flows.files.iter() {
                let footer = footer(flows, file).await?;
                stats.add_file(file, &footer);
            }
        }
        for shard in (0..Shard::COUNT).map(Shard) {
            let state = self.shard_state(shard).await?;
            stats.sources += state.open.len() as u64;
            stats.sources += state.segments.iter().map(|segment| segment.sources).sum::<u64>();
        }
        stats.compact = self.compact_plan(&CompactOptions::default()).await?.folds;
        if let Some(log) = snapshots.get(1) {
            stats.ingest = ingest_totals(log).await?;
        }
        Ok(stats)
    }
}

impl TableStats {
    fn add_file(&mut self, file: &DataFile, footer: &ParquetMetaData) {
        // The footer knows the rows where the log does not say.
        let rows = file.rows.unwrap_or_else(|| footer_rows(footer));
        self.rows += rows;
        self.files += 1;
        self.bytes += file.bytes;
        if is_small(file, COMPACT_TARGET_BYTES) {
            self.small.0 += 1;
            self.small.1 += file.bytes;
        }
        let day = self.days.entry(file.day).or_default();
        day.0 += rows;
        day.1 += file.bytes;
        merge_times(&mut self.times, file);
        for group in footer.row_groups() {
            for (index, column) in group.columns().iter().enumerate() {
                let bytes = u64::try_from(column.compressed_size()).unwrap_or(0);
                match self.columns.get_mut(index) {
                    Some((_, sum)) => *sum += bytes,
                    None => self.columns.push((column.column_path().string(), bytes)),
                }
            }
        }
    }
}

pub(crate) fn footer_rows(footer: &ParquetMetaData) -> u64 {
    u64::try_from(footer.file_metadata().num_rows()).unwrap_or(0)
}

fn merge_times(times: &mut Option<(i64, i64)>, file: &DataFile) {
    let bounds = file
        .columns
        .get("TimeGenerated")
        .map(|stats| (&stats.min, &stats.max));
    if let Some((Some(StatValue::Instant(min)), Some(StatValue::Instant(max)))) = bounds {
        *times = Some(times.map_or((*min, *max), |(first, last)| (first.min(*min), last.max(*max))));
    }
}

pub(crate) async fn footer(snapshot: &Snapshot, file: &DataFile) -> Result<Arc<ParquetMetaData>> {
    Ok(Arc::clone(open(snapshot, file).await?.metadata()))
}

const SUMMED: [&str; 6] = [
    "RangeStart",
    "RangeEnd",
    "TuplesReceived",
    "TuplesStored",
    "TuplesSkipped",
    "TuplesQuarantined",
];

pub(crate) async fn ingest_totals(log: &Snapshot) -> Result<IngestTotals> {
    let (mut totals, mut withdrawn) = (IngestTotals::default(), IngestTotals::default());
    for file in log.files.iter() {
        let mut batches = Batches::of_columns(file, open(log, file).await?, &SUMMED)?;
        while let Some(batch) = batches.next().await? {
            totals.add(&batch);
            withdrawn.add_withdrawn(&batch);
        }
    }
    Ok(totals.less(&withdrawn))
}

fn longs<'b>(batch: &'b RecordBatch, name: &str) -> impl Iterator<Item = i64> + use<'b> {
    let column = batch.column_by_name(name);
    let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    column.into_iter().flat_map(|column| column.iter().flatten())
}

impl IngestTotals {
    /// Adds rows of `IngestLog`. Damaged numbers may be any: sums stop at the largest.
    fn add(&mut self, batch: &RecordBatch) {
        let received = longs(batch, "TuplesReceived");
        let ranges = received.filter(|tuples| *tuples >= 0).count() as u64;
        self.ranges = self.ranges.saturating_add(ranges);
        let sum = |name| longs(batch, name).filter_map(|value| u64::try_from(value).ok());
        let sum = |name| sum(name).fold(0, u64::saturating_add);
        let bytes = sum("RangeEnd").saturating_sub(sum("RangeStart"));
        self.bytes = self.bytes.saturating_add(bytes);
        self.add_tuples(sum);
    }

    /// Adds what rows of `IngestLog` take back of earlier ones, for sources that were replaced: their counts are negative.
    fn add_withdrawn(&mut self, batch: &RecordBatch) {
        let sum = |name| {
            longs(batch, name)
                .filter(|value| *value < 0)
                .map(i64::unsigned_abs)
        };
        self.add_tuples(|name| sum(name).fold(0, u64::saturating_add));
    }

    fn add_tuples(&mut self, sum: impl Fn(&'static str) -> u64) {
        let add = |total: &mut u64, more: u64| *total = total.saturating_add(more);
        add(&mut self.received, sum("TuplesReceived"));
        add(&mut self.stored, sum("TuplesStored"));
        add(&mut self.skipped, sum("TuplesSkipped"));
        add(&mut self.quarantined, sum("TuplesQuarantined"));
    }

    fn less(self, withdrawn: &Self) -> Self {
        Self {
            received: self.received.saturating_sub(withdrawn.received),
            stored: self.stored.saturating_sub(withdrawn.stored),
            skipped: self.skipped.saturating_sub(withdrawn.skipped),
            quarantined: self.quarantined.saturating_sub(withdrawn.quarantined),
            ..self
        }
    }

    /// True if every tuple received is accounted for.
    pub(crate) fn add_up(&self) -> bool {
        let parts = u128::from(self.stored) + u128::from(self.skipped) + u128::from(self.quarantined);
        u128::from(self.received) == parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array};

    #[test]
    fn damaged_numbers_do_not_overflow_the_sums() {
        let column = |values: [i64; 2]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
        let batch = RecordBatch::try_from_iter([
            ("RangeStart", column([100, 100])),
            ("RangeEnd", column([10, -5])),
            ("TuplesReceived", column([i64::MAX, i64::MAX])),
            ("TuplesStored", column([i64::MAX, i64::MAX])),
        ])
        .unwrap();
        let mut totals = IngestTotals::default();
        for _ in 0..3 {
            totals.add(&batch);
        }
        assert_eq!((totals.bytes, totals.received, totals.ranges), (0, u64::MAX, 6));
        assert!(totals.add_up());
        totals.skipped = 1;
        assert!(!totals.add_up());
    }
}
