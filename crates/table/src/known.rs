//! Which records the table holds already: looked up by hash within a stretch of record times.
//!
//! The same record has the same flush time whichever way it came, so only files (and row groups) whose
//! `RecordTime` overlaps are read, and of those three columns. Steady reading of growing blobs meets
//! new times only and reads nothing.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use futures::TryStreamExt;
use model::{RecordHash, SourceId};
use parquet::arrow::ProjectionMask;
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::error::{Result, TableError};
use crate::object_reader::ObjectReader;
use crate::snapshot::{DataFile, Snapshot, StatValue};

/// Where a record is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRecord {
    /// The source that brought it.
    pub source: SourceId,
    /// The highest occurrence stored from that source.
    pub occurrence: u32,
}

/// Records by hash; hardly ever is one known from more than one source.
#[derive(Debug, Default)]
pub struct Known {
    first: HashMap<RecordHash, KnownRecord>,
    more: HashMap<RecordHash, Vec<KnownRecord>>,
}

impl Known {
    /// Every source that a record is known from.
    pub fn of(&self, hash: &RecordHash) -> impl Iterator<Item = KnownRecord> + '_ {
        let more = self.more.get(hash).into_iter().flatten().copied();
        self.first.get(hash).copied().into_iter().chain(more)
    }

    /// Enters a record.
    pub fn add(&mut self, hash: RecordHash, source: SourceId, occurrence: u32) {
        let entry = KnownRecord { source, occurrence };
        match self.first.get_mut(&hash) {
            None => drop(self.first.insert(hash, entry)),
            Some(known) if known.source == source => known.occurrence = known.occurrence.max(occurrence),
            Some(_) => {
                let list = self.more.entry(hash).or_default();
                match list.iter_mut().find(|known| known.source == source) {
                    Some(known) => known.occurrence = known.occurrence.max(occurrence),
                    None => list.push(entry),
                }
            }
        }
    }

    /// How many records are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// True if no record is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Loads what the table holds of records flushed within these times (epoch microseconds), or of
    /// records without a time.
    ///
    /// # Errors
    /// If a data file cannot be read.
    pub async fn load(snapshot: &Snapshot, times: Option<Range<i64>>) -> Result<Self> {
        let mut known = Self::default();
        for file in snapshot
            .files
            .iter()
            .filter(|file| may_hold(file, times.as_ref()))
        {
            known.load_file(snapshot, file, times.as_ref()).await?;
        }
        Ok(known)
    }

    async fn load_file(
        &mut self,
        snapshot: &Snapshot,
        file: &DataFile,
        times: Option<&Range<i64>>,
    ) -> Result<()> {
        let broken = |error| TableError::io(format!("read `{}`", file.path), error);
        let reader = ObjectReader::new(Arc::clone(&snapshot.store), &file.path, file.bytes);
        let builder = ParquetRecordBatchStreamBuilder::new(reader)
            .await
            .map_err(broken)?;
        let metadata = Arc::clone(builder.metadata());
        let groups: Vec<usize> = metadata
            .row_groups()
            .iter()
            .enumerate()
            .filter(|(_, group)| times.is_none_or(|times| group_may_hold(group, times)))
            .map(|(index, _)| index)
            .collect();
        let names = ["RecordHash", "RecordOccurrence", "SourceId"];
        let mask = ProjectionMask::columns(builder.parquet_schema(), names);
        let mut stream = builder
            .with_row_groups(groups)
            .with_projection(mask)
            .with_batch_size(64 * 1024)
            .build()
            .map_err(broken)?;
        while let Some(batch) = stream.try_next().await.map_err(broken)? {
            if self.add_batch(&batch).is_none() {
                return Err(TableError::Damaged {
                    what: format!("`{}` lacks record hashes", file.path),
                });
            }
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &RecordBatch) -> Option<()> {
        let hashes = batch.column_by_name("RecordHash")?.as_binary_opt::<i32>()?;
        let occurrences = batch
            .column_by_name("RecordOccurrence")?
            .as_primitive_opt::<Int32Type>()?;
        let sources = batch
            .column_by_name("SourceId")?
            .as_primitive_opt::<Int64Type>()?;
        let mut previous: Option<(&[u8], i32, i64)> = None;
        for ((hash, occurrence), source) in hashes.iter().zip(occurrences.values()).zip(sources.values()) {
            let hash = hash?;
            // Rows of one record lie side by side.
            if previous == Some((hash, *occurrence, *source)) {
                continue;
            }
            previous = Some((hash, *occurrence, *source));
            let occurrence = u32::try_from(*occurrence).unwrap_or(0);
            self.add(RecordHash(hash.try_into().ok()?), SourceId(*source), occurrence);
        }
        Some(())
    }
}

fn may_hold(file: &DataFile, times: Option<&Range<i64>>) -> bool {
    let Some(stats) = file.columns.get("RecordTime") else {
        return true;
    };
    match times {
        None => stats.nulls != Some(0),
        Some(times) => match (&stats.min, &stats.max) {
            (Some(StatValue::Instant(min)), Some(StatValue::Instant(max))) => {
                *min < times.end && *max >= times.start
            }
            _ => stats.nulls != Some(file.rows),
        },
    }
}

fn group_may_hold(group: &RowGroupMetaData, times: &Range<i64>) -> bool {
    let column = group
        .columns()
        .iter()
        .find(|column| column.column_path().string() == "RecordTime");
    match column.and_then(|column| column.statistics()) {
        Some(Statistics::Int64(stats)) => match (stats.min_opt(), stats.max_opt()) {
            (Some(min), Some(max)) => *min < times.end && *max >= times.start,
            _ => true,
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_be_known_from_several_sources() {
        let mut known = Known::default();
        let hash = RecordHash([1; 16]);
        known.add(hash, SourceId(1), 0);
        known.add(hash, SourceId(1), 2);
        known.add(hash, SourceId(2), 0);
        known.add(hash, SourceId(2), 1);
        let all: Vec<(i64, u32)> = known
            .of(&hash)
            .map(|known| (known.source.0, known.occurrence))
            .collect();
        assert_eq!(all, [(1, 2), (2, 1)]);
        assert_eq!(known.of(&RecordHash([0; 16])).count(), 0);
    }
}
