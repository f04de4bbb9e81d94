//! Which records the table holds already: looked up by hash within a stretch of record times.
//!
//! The same record has the same flush time whichever way it came, so only files (and row groups) whose
//! `RecordTime` overlaps are read, and of those three columns. Steady reading of growing blobs meets
//! new times only and reads nothing.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ahash::RandomState;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use model::{RecordHash, SourceId};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::error::{Result, TableError};
use crate::object_reader::{Batches, open};
use crate::snapshot::{DataFile, Snapshot, StatValue};

/// Where a record is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRecord {
    /// The source that brought it.
    pub source: SourceId,
    /// Where it stands in that source.
    pub offset: i64,
    /// Its occurrence there.
    pub occurrence: u32,
}

/// Records by hash; hardly ever is one known from more than one place.
#[derive(Debug, Default)]
pub struct Known {
    /// Sources whose records are as if they were not there.
    without: HashSet<SourceId, RandomState>,
    first: HashMap<RecordHash, KnownRecord, RandomState>,
    more: HashMap<RecordHash, Repeats, RandomState>,
    entries: usize,
}

/// The places of a record that is known from several. A file may repeat one record a million times, so each
/// question that is asked of them has its own way to the answer.
#[derive(Debug, Default)]
struct Repeats {
    places: HashMap<(SourceId, i64), u32, RandomState>,
    highest: HashMap<SourceId, u32, RandomState>,
    sources: HashMap<u32, Vec<SourceId>, RandomState>,
}

impl Repeats {
    fn add(&mut self, entry: KnownRecord) {
        self.places.insert((entry.source, entry.offset), entry.occurrence);
        let highest = self.highest.entry(entry.source).or_default();
        *highest = entry.occurrence.max(*highest);
        self.sources
            .entry(entry.occurrence)
            .or_default()
            .push(entry.source);
    }
}

impl Known {
    /// Whether a record is known from this place.
    #[must_use]
    pub fn has(&self, hash: &RecordHash, source: SourceId, offset: i64) -> bool {
        let first = self.first.get(hash);
        first.is_some_and(|known| (known.source, known.offset) == (source, offset))
            || self
                .more
                .get(hash)
                .is_some_and(|more| more.places.contains_key(&(source, offset)))
    }

    /// The highest occurrence that a source has brought of a record.
    #[must_use]
    pub fn highest(&self, hash: &RecordHash, source: SourceId) -> Option<u32> {
        let first = self.first.get(hash).filter(|known| known.source == source);
        let more = self.more.get(hash).and_then(|more| more.highest.get(&source));
        first.map(|known| known.occurrence).max(more.copied())
    }

    /// The sources that have brought this occurrence of a record.
    pub fn sources(&self, hash: &RecordHash, occurrence: u32) -> impl Iterator<Item = SourceId> + '_ {
        let first = self
            .first
            .get(hash)
            .filter(|known| known.occurrence == occurrence);
        let more = self.more.get(hash).and_then(|more| more.sources.get(&occurrence));
        first
            .map(|known| known.source)
            .into_iter()
            .chain(more.into_iter().flatten().copied())
    }

    /// Enters a record.
    pub fn add(&mut self, hash: RecordHash, entry: KnownRecord) {
        if self.has(&hash, entry.source, entry.offset) {
            return;
        }
        self.entries += 1;
        match self.first.entry(hash) {
            Entry::Vacant(place) => drop(place.insert(entry)),
            Entry::Occupied(_) => self.more.entry(hash).or_default().add(entry),
        }
    }

    /// How many records are known, each place of one counted.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries
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
        Self::load_without(snapshot, times, &[]).await
    }

    /// The same, as if some sources had brought nothing: their rows are about to be replaced.
    ///
    /// # Errors
    /// If a data file cannot be read.
    pub async fn load_without(
        snapshot: &Snapshot,
        times: Option<Range<i64>>,
        sources: &[SourceId],
    ) -> Result<Self> {
        let mut known = Self {
            without: sources.iter().copied().collect(),
            ..Self::default()
        };
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
        let open = open(snapshot, file).await?;
        let groups: Vec<usize> = open
            .metadata()
            .row_groups()
            .iter()
            .enumerate()
            .filter(|(_, group)| times.is_none_or(|times| group_may_hold(group, times)))
            .map(|(index, _)| index)
            .collect();
        let names = [
            "RecordHash",
            "RecordOccurrence",
            "RecordOffset",
            "RecordTime",
            "SourceId",
        ];
        let mut batches = Batches::of_columns(file, open.with_row_groups(groups), &names)?;
        while let Some(batch) = batches.next().await? {
            if self.add_batch(&batch, times).is_none() {
                return Err(TableError::Damaged {
                    what: format!("`{}` lacks record hashes", file.path),
                });
            }
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &RecordBatch, wanted: Option<&Range<i64>>) -> Option<()> {
        let hashes = batch.column_by_name("RecordHash")?.as_binary_opt::<i32>()?;
        let occurrences = batch
            .column_by_name("RecordOccurrence")?
            .as_primitive_opt::<Int32Type>()?;
        let sources = batch
            .column_by_name("SourceId")?
            .as_primitive_opt::<Int64Type>()?;
        let offsets = batch
            .column_by_name("RecordOffset")?
            .as_primitive_opt::<Int64Type>()?;
        let times = batch
            .column_by_name("RecordTime")?
            .as_primitive_opt::<TimestampMicrosecondType>()?;
        let mut previous = None;
        let rows = hashes
            .iter()
            .zip(times.iter())
            .zip(occurrences.values())
            .zip(offsets.values())
            .zip(sources.values());
        for ((((hash, time), occurrence), offset), source) in rows {
            let asked_for = match (wanted, time) {
                (Some(wanted), Some(time)) => wanted.contains(&time),
                (None, None) => true,
                _ => false,
            };
            if !asked_for || self.without.contains(&SourceId(*source)) {
                continue;
            }
            let hash = RecordHash(hash?.try_into().ok()?);
            let occurrence = u32::try_from(*occurrence).unwrap_or(0);
            let entry = KnownRecord {
                source: SourceId(*source),
                offset: *offset,
                occurrence,
            };
            // Rows of one record lie side by side.
            if previous != Some((hash, entry)) {
                self.add(hash, entry);
                previous = Some((hash, entry));
            }
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
            _ => stats.nulls.is_none() || stats.nulls != file.rows,
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
        let entry = |source, offset, occurrence| KnownRecord {
            source: SourceId(source),
            offset,
            occurrence,
        };
        for (source, offset, occurrence) in [(1, 0, 0), (1, 50, 1), (1, 0, 0), (2, 7, 0)] {
            known.add(hash, entry(source, offset, occurrence));
        }
        assert_eq!(known.len(), 3);
        let sources = |occurrence| known.sources(&hash, occurrence).collect::<Vec<_>>();
        assert_eq!(sources(0), [SourceId(1), SourceId(2)]);
        assert_eq!(sources(1), [SourceId(1)]);
        let highest = |source| known.highest(&hash, SourceId(source));
        assert_eq!([highest(1), highest(2), highest(3)], [Some(1), Some(0), None]);
        assert!(known.has(&hash, SourceId(1), 50) && known.has(&hash, SourceId(2), 7));
        assert!(!known.has(&hash, SourceId(2), 50));
        assert_eq!(known.sources(&RecordHash([0; 16]), 0).count(), 0);
    }

    #[test]
    fn a_record_repeated_a_hundred_thousand_times_costs_no_more_each_time() {
        let mut known = Known::default();
        let hash = RecordHash([1; 16]);
        for occurrence in 0..100_000 {
            let next = known.highest(&hash, SourceId(1)).map_or(0, |highest| highest + 1);
            assert_eq!(next, occurrence);
            known.add(
                hash,
                KnownRecord {
                    source: SourceId(1),
                    offset: i64::from(occurrence),
                    occurrence,
                },
            );
        }
        assert_eq!(known.len(), 100_000);
    }

    #[test]
    fn only_records_of_the_wanted_time_are_loaded() {
        use std::sync::Arc;

        use arrow_array::{ArrayRef, BinaryArray, Int32Array, Int64Array, TimestampMicrosecondArray};
        let hashes: Vec<[u8; 16]> = (1..=4).map(|byte| [byte; 16]).collect();
        let times = TimestampMicrosecondArray::from(vec![Some(5), Some(10), None, Some(20)]);
        let columns: [(&str, ArrayRef); 5] = [
            (
                "RecordHash",
                Arc::new(BinaryArray::from_iter_values(hashes.iter())),
            ),
            ("RecordOccurrence", Arc::new(Int32Array::from(vec![0; 4]))),
            ("RecordOffset", Arc::new(Int64Array::from(vec![0; 4]))),
            ("RecordTime", Arc::new(times)),
            ("SourceId", Arc::new(Int64Array::from(vec![1; 4]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        for (wanted, expected) in [
            (Some(10..20), vec![2]),
            (Some(0..21), vec![1, 2, 4]),
            (None, vec![3]),
        ] {
            let mut known = Known::default();
            known.add_batch(&batch, wanted.as_ref()).unwrap();
            let found: Vec<u8> = (1..=4)
                .filter(|byte| known.sources(&RecordHash([*byte; 16]), 0).count() == 1)
                .collect();
            assert_eq!(found, expected);
        }
    }
}
