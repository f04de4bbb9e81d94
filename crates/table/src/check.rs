//! `table stats` and `table check`: what is in the table, and whether it is what the log says.

use std::collections::{BTreeMap, HashSet};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::TryStreamExt;
use model::{Sequence, Shard};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::file::metadata::ParquetMetaData;
use std::sync::Arc;

use crate::error::{Result, TableError};
use crate::object_reader::ObjectReader;
use crate::positions::{POSITIONS, SegmentRef, ShardState, segment_path};
use crate::snapshot::{DataFile, Snapshot, StatValue};
use crate::store::TEMPORARY_PREFIX;
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

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Version of `Flows` that was checked.
    pub version: i64,
    /// Files looked at.
    pub files: u64,
    /// Rows counted in them.
    pub rows: u64,
    /// What is wrong. Empty: the table is whole.
    pub problems: Vec<String>,
    /// Files that nothing names: left by writers that died. Harmless.
    pub orphans: Vec<String>,
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
            ..TableStats::default()
        };
        let mut columns: Vec<(String, u64)> = Vec::new();
        for file in snapshots.first().into_iter().flat_map(|flows| flows.files.iter()) {
            stats.rows += file.rows;
            stats.files += 1;
            stats.bytes += file.bytes;
            let day = stats.days.entry(file.day).or_default();
            day.0 += file.rows;
            day.1 += file.bytes;
            merge_times(&mut stats.times, file);
        }
        if let Some(flows) = snapshots.first() {
            for file in flows.files.iter() {
                let footer = footer(flows, file).await?;
                for group in footer.row_groups() {
                    for (index, column) in group.columns().iter().enumerate() {
                        let bytes = u64::try_from(column.compressed_size()).unwrap_or(0);
                        match columns.get_mut(index) {
                            Some((_, sum)) => *sum += bytes,
                            None => columns.push((column.column_path().string(), bytes)),
                        }
                    }
                }
            }
        }
        stats.columns = columns;
        for shard in (0..Shard::COUNT).map(Shard) {
            let state = self.shard_state(shard).await?;
            stats.sources += state.open.len() as u64;
            stats.sources += state.segments.iter().map(|segment| segment.sources).sum::<u64>();
        }
        if let Some(log) = snapshots.get(1) {
            stats.ingest = ingest_totals(log).await?;
        }
        Ok(stats)
    }

    /// Whether the table is what its log says: every file is there and whole, every position file is
    /// there, and `IngestLog` adds up to the rows of `Flows`.
    ///
    /// # Errors
    /// If the log itself cannot be read.
    pub async fn check(&self) -> Result<CheckReport> {
        let mut report = CheckReport {
            version: self.version().0,
            ..CheckReport::default()
        };
        let mut named: HashSet<String> = HashSet::new();
        let mut flows_rows = 0;
        for (index, log) in [&self.flows, &self.ingest_log, &self.quarantine]
            .into_iter()
            .enumerate()
        {
            let snapshot = log.snapshot()?;
            for file in snapshot.files.iter() {
                named.insert(format!("{}/{}", snapshot.table.name, file.path));
                let rows = self.check_file(&snapshot, file, &mut report).await;
                if index == 0 {
                    flows_rows += rows;
                }
            }
        }
        self.check_positions(&mut named, &mut report).await?;
        self.check_sums(flows_rows, &mut report).await?;
        self.find_orphans(&named, &mut report).await?;
        Ok(report)
    }

    async fn check_file(&self, snapshot: &Snapshot, file: &DataFile, report: &mut CheckReport) -> u64 {
        report.files += 1;
        let name = format!("{}/{}", snapshot.table.name, file.path);
        let size = snapshot
            .store
            .head(&Path::from(file.path.as_str()))
            .await
            .map(|meta| meta.size);
        match size {
            Err(error) => report
                .problems
                .push(format!("`{name}` cannot be opened: {error}")),
            Ok(size) if size != file.bytes => {
                report
                    .problems
                    .push(format!("`{name}` has {size} bytes, the log says {}", file.bytes));
            }
            Ok(_) => match footer(snapshot, file).await {
                Err(error) => report.problems.push(format!("`{name}`: {error}")),
                Ok(footer) => {
                    let rows = u64::try_from(footer.file_metadata().num_rows()).unwrap_or(0);
                    if rows != file.rows {
                        report
                            .problems
                            .push(format!("`{name}` has {rows} rows, the log says {}", file.rows));
                    }
                    report.rows += rows;
                    return rows;
                }
            },
        }
        0
    }

    async fn check_positions(&self, named: &mut HashSet<String>, report: &mut CheckReport) -> Result<()> {
        for shard in (0..Shard::COUNT).map(Shard) {
            let sequence = self.flows.sequence(shard).await?;
            if sequence == Sequence(0) {
                continue;
            }
            named.insert(ShardState::path(shard, sequence));
            match self.shard_state(shard).await {
                Err(error) => report.problems.push(error.to_string()),
                Ok(state) => {
                    if !state.is_committed(sequence) {
                        report.problems.push(format!(
                            "shard {shard} does not count its own transaction {sequence}"
                        ));
                    }
                    for SegmentRef { name, sources, .. } in &state.segments {
                        let path = segment_path(name);
                        match self.read_position_file::<Vec<crate::Position>>(&path).await {
                            Ok(positions) if positions.len() as u64 == *sources => {}
                            Ok(_) => report
                                .problems
                                .push(format!("`{path}` has another number of sources than named")),
                            Err(error) => report.problems.push(error.to_string()),
                        }
                        named.insert(path);
                    }
                }
            }
        }
        Ok(())
    }

    async fn check_sums(&self, flows_rows: u64, report: &mut CheckReport) -> Result<()> {
        let snapshots = match self.snapshots().await {
            Ok(snapshots) => snapshots,
            // The missing position file has been reported.
            Err(TableError::Damaged { .. }) => return Ok(()),
            Err(other) => return Err(other),
        };
        let Some(log) = snapshots.get(1) else {
            return Ok(());
        };
        match ingest_totals(log).await {
            Err(error) => report
                .problems
                .push(format!("`IngestLog` cannot be summed: {error}")),
            Ok(totals) => {
                if totals.stored != flows_rows {
                    report.problems.push(format!(
                        "`IngestLog` says {} tuples were stored, `Flows` has {flows_rows}",
                        totals.stored
                    ));
                }
                if totals.received != totals.stored + totals.skipped + totals.quarantined {
                    report
                        .problems
                        .push("`IngestLog`: received is not stored + skipped + quarantined".to_owned());
                }
            }
        }
        Ok(())
    }

    /// Data, position and hidden files that nothing names. Superseded position files are not counted:
    /// they are history.
    async fn find_orphans(&self, named: &HashSet<String>, report: &mut CheckReport) -> Result<()> {
        let mut sequences = BTreeMap::new();
        for shard in (0..Shard::COUNT).map(Shard) {
            sequences.insert(shard.to_string(), self.flows.sequence(shard).await?.0);
        }
        let superseded = |path: &str| {
            let mut parts = path.strip_prefix(&format!("{POSITIONS}/shard-"))?.split('/');
            let newest = sequences.get(parts.next()?)?;
            let number: i64 = parts.next()?.strip_suffix(".json.zst")?.parse().ok()?;
            Some(number < *newest)
        };
        let mut files = self.store.list(None);
        let listed = |error| TableError::io("list the table's folder", error);
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let path = meta.location.to_string();
            let hidden = path
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
            let ours = hidden
                || path.starts_with(POSITIONS)
                || (path.ends_with(".parquet") && !path.contains("/_delta_log/"));
            if ours && !named.contains(&path) && superseded(&path) != Some(true) {
                report.orphans.push(path);
            }
        }
        report.orphans.sort();
        Ok(())
    }
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

async fn footer(snapshot: &Snapshot, file: &DataFile) -> Result<Arc<ParquetMetaData>> {
    let reader = ObjectReader::new(Arc::clone(&snapshot.store), &file.path, file.bytes);
    let builder = ParquetRecordBatchStreamBuilder::new(reader)
        .await
        .map_err(|error| TableError::io(format!("read `{}`", file.path), error))?;
    Ok(Arc::clone(builder.metadata()))
}

const SUMMED: [&str; 6] = [
    "RangeStart",
    "RangeEnd",
    "TuplesReceived",
    "TuplesStored",
    "TuplesSkipped",
    "TuplesQuarantined",
];

async fn ingest_totals(log: &Snapshot) -> Result<IngestTotals> {
    let mut totals = IngestTotals::default();
    for file in log.files.iter() {
        let broken = |error| TableError::io(format!("read `{}`", file.path), error);
        let reader = ObjectReader::new(Arc::clone(&log.store), &file.path, file.bytes);
        let builder = ParquetRecordBatchStreamBuilder::new(reader)
            .await
            .map_err(broken)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), SUMMED);
        let mut stream = builder.with_projection(mask).build().map_err(broken)?;
        while let Some(batch) = stream.try_next().await.map_err(broken)? {
            let sum = |name: &str| -> u64 {
                batch
                    .column_by_name(name)
                    .and_then(|column| column.as_primitive_opt::<Int64Type>())
                    .map_or(0, |column| {
                        column
                            .iter()
                            .flatten()
                            .filter_map(|value| u64::try_from(value).ok())
                            .sum()
                    })
            };
            totals.ranges += batch.num_rows() as u64;
            totals.bytes += sum("RangeEnd") - sum("RangeStart");
            totals.received += sum("TuplesReceived");
            totals.stored += sum("TuplesStored");
            totals.skipped += sum("TuplesSkipped");
            totals.quarantined += sum("TuplesQuarantined");
        }
    }
    Ok(totals)
}
