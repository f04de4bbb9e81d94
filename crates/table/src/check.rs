//! `table check`: whether the table is what its log says.
//!
//! The quick check looks at sizes, footers, positions and sums. The deep check reads every byte of
//! every data file besides. Neither changes anything, and neither stops at the first thing it finds.

mod beside;
mod bounds;
mod data;
pub(crate) mod guard;
mod keys;
mod orphans;

use std::collections::{HashMap, HashSet};

use model::{Sequence, Shard};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::contents::{footer, footer_rows, ingest_totals};
use crate::error;
use crate::log::{DroppedSoFar, Log};
use crate::positions::{SegmentRef, ShardState, segment_path};
use crate::reason::reason;
use crate::retain::Retained;
use crate::snapshot::{DataFile, Snapshot};
use crate::table::Table;

pub use orphans::Orphan;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Version of `Flows` that was checked.
    pub version: i64,
    /// True if every byte of the data files was read.
    pub deep: bool,
    /// Files looked at.
    pub files: u64,
    /// Files whose bytes were compared with the checksum in the log.
    pub files_summed: u64,
    /// Bytes of the files looked at, as the log says.
    pub bytes: u64,
    /// Rows counted in them.
    pub rows: u64,
    /// What is wrong. Empty: nothing that this check looks at is.
    pub problems: Vec<String>,
    /// Number and bytes of data files that compaction has replaced, kept for earlier versions.
    pub superseded: (u64, u64),
    /// Snapshots of facts, and databases of addresses.
    pub facts: u64,
    /// Number and bytes of files of rollups that count.
    pub rollups: (u64, u64),
    /// Number and bytes of files of rollups that were replaced.
    pub rollups_unneeded: (u64, u64),
    /// Files that nothing names: left by writers that died. Harmless.
    pub orphans: Vec<Orphan>,
    /// What retention has taken out of `Flows`, as the log says: the sums are compared with that.
    pub retained: Option<Retained>,
}

impl Table {
    /// Whether the table is what its log says, as far as that shows without reading the data: every
    /// file is there, has its size and a footer with its rows, every position file is there, and
    /// `IngestLog` adds up to the rows of `Flows`.
    ///
    /// # Errors
    /// If the log itself cannot be read.
    pub async fn check(&self) -> error::Result<CheckReport> {
        self.check_all(None).await
    }

    /// As [`Table::check`], and reads everything: each file's bytes against the checksum in the log,
    /// each value against the file's statistics, times against the partition's day; that no row is
    /// there twice, and that every source has as many rows as `IngestLog` says.
    ///
    /// `rows_per_pass` bounds memory ([`model::limits::CHECK_ROWS_PER_PASS`]): with more rows than that,
    /// the columns that tell rows apart are read several times, each time for a part of the rows.
    ///
    /// # Errors
    /// If the log itself cannot be read.
    pub async fn check_deep(&self, rows_per_pass: usize) -> error::Result<CheckReport> {
        self.check_all(Some(rows_per_pass)).await
    }

    async fn check_all(&self, rows_per_pass: Option<usize>) -> error::Result<CheckReport> {
        let mut report = CheckReport {
            version: self.version().0,
            deep: rows_per_pass.is_some(),
            ..CheckReport::default()
        };
        let flows = self.flows.snapshot()?;
        let [ingest_log, quarantine] = self.side_snapshots()?;
        let mut named = HashSet::new();
        let mut whole = Vec::new();
        let mut flows_rows = 0;
        for (snapshot, log) in [
            (&flows, Some(&self.flows)),
            (&ingest_log, self.ingest_log.as_ref()),
            (&quarantine, self.quarantine.as_ref()),
        ] {
            let checksums = log.map_or_else(|| Ok(HashMap::new()), Log::checksums)?;
            for file in snapshot.files.iter() {
                named.insert(full_name(snapshot, file));
                let rows = check_file(snapshot, file, &checksums, &mut report).await;
                if snapshot.table.name == model::FLOWS.name {
                    flows_rows += rows.unwrap_or(0);
                    whole.extend(rows.map(|_| file.clone()));
                }
            }
        }
        self.check_positions(&mut named, &mut report).await?;
        self.check_facts(&mut report).await?;
        self.check_rollups(&mut named, &mut report).await?;
        // With a file missing the sums differ, and which it is was said; so was the position file that
        // keeps the committed part of `IngestLog` from being known.
        let log = match self.snapshots().await {
            Ok(snapshots) if whole.len() == flows.files.len() => snapshots.into_iter().nth(1),
            _ => None,
        };
        report.retained = self.retained().await?;
        if let Some(log) = &log {
            let rows = flows_rows.saturating_add(report.retained.map_or(0, |retained| retained.rows));
            self.check_sums(log, rows, &mut report).await?;
        }
        if let Some(rows_per_pass) = rows_per_pass {
            let passes = keys::Passes::of(flows_rows, log.as_ref(), rows_per_pass);
            let from_day = report.retained.map(|retained| retained.from_day);
            match keys::check(&flows, &whole, log.as_ref(), passes, from_day).await {
                Ok(problems) => report.problems.extend(problems),
                Err(error) => report.problems.push(error.to_string()),
            }
        }
        self.find_orphans(&named, &mut report).await?;
        Ok(report)
    }

    async fn check_positions(
        &self,
        named: &mut HashSet<String>,
        report: &mut CheckReport,
    ) -> error::Result<()> {
        for shard in (0..Shard::COUNT).map(Shard) {
            let sequence = self.flows.sequence(shard).await?;
            if sequence == Sequence(0) {
                continue;
            }
            named.insert(ShardState::path(shard, sequence));
            let state = match self.shard_state(shard).await {
                Ok(state) => state,
                Err(error) => {
                    report.problems.push(error.to_string());
                    continue;
                }
            };
            if !state.is_committed(sequence) {
                report.problems.push(format!(
                    "shard {shard} does not count its own transaction {sequence}"
                ));
            }
            for segment in &state.segments {
                report.problems.extend(self.check_segment(segment).await);
                named.insert(segment_path(&segment.name));
            }
        }
        Ok(())
    }

    async fn check_segment(&self, segment: &SegmentRef) -> Option<String> {
        let path = segment_path(&segment.name);
        match self.read_position_file::<Vec<crate::Position>>(&path).await {
            Ok(positions) if positions.len() as u64 == segment.sources => None,
            Ok(positions) => Some(format!(
                "`{path}` has {} sources, the position file that names it says {}",
                positions.len(),
                segment.sources
            )),
            Err(error) => Some(error.to_string()),
        }
    }

    /// That `IngestLog` adds up, and to the rows of `Flows`, with those that retention has dropped of both.
    async fn check_sums(
        &self,
        log: &Snapshot,
        flows_rows: u64,
        report: &mut CheckReport,
    ) -> error::Result<()> {
        let totals = match ingest_totals(log).await {
            Ok(totals) => totals,
            Err(error) => {
                let problem = format!("`IngestLog` cannot be summed: {error}");
                report.problems.push(problem);
                return Ok(());
            }
        };
        let dropped = match &self.ingest_log {
            Some(own) => Self::dropped_of(own, log.version).await?,
            None => DroppedSoFar::default(),
        };
        let stored = totals.stored.saturating_add(dropped.stored);
        if stored != flows_rows {
            let gone = report.retained.map_or(0, |retained| retained.rows);
            let gone = match gone {
                0 => String::new(),
                gone => format!(", {gone} of which retention has dropped"),
            };
            report.problems.push(format!(
                "`IngestLog` says {stored} tuples were stored, `Flows` has {flows_rows}{gone}"
            ));
        }
        if !totals.add_up() {
            report
                .problems
                .push("`IngestLog`: received is not stored + skipped + quarantined".to_owned());
        }
        Ok(())
    }
}

fn full_name(snapshot: &Snapshot, file: &DataFile) -> String {
    format!("{}/{}", snapshot.table.name, file.path)
}

/// The rows of a file, if it can be read at all.
async fn check_file(
    snapshot: &Snapshot,
    file: &DataFile,
    checksums: &HashMap<String, String>,
    report: &mut CheckReport,
) -> Option<u64> {
    report.files += 1;
    report.bytes = report.bytes.saturating_add(file.bytes);
    let checksum = checksums.get(&file.path).filter(|_| report.deep);
    report.files_summed += u64::from(checksum.is_some());
    let found = if report.deep {
        deep(snapshot, file, checksum.map(String::as_str)).await
    } else {
        quick(snapshot, file).await.map(|rows| (rows, Vec::new()))
    };
    let name = full_name(snapshot, file);
    match found {
        Ok((rows, mut problems)) => {
            if let Some(claimed) = file.rows.filter(|claimed| *claimed != rows) {
                problems.push(format!("has {rows} rows, the log says {claimed}"));
            }
            let problems = problems.iter().map(|problem| format!("`{name}` {problem}"));
            report.problems.extend(problems);
            report.rows += rows;
            Some(rows)
        }
        Err(problem) => {
            report.problems.push(format!("`{name}` {problem}"));
            None
        }
    }
}

/// The rows by the footer, or what is wrong with the file as a whole, as the end of a sentence.
async fn quick(snapshot: &Snapshot, file: &DataFile) -> Result<u64, String> {
    check_size(snapshot, file).await?;
    guard::guarded(footer(snapshot, file))
        .await?
        .map(|footer| footer_rows(&footer))
        .map_err(|error| format!("cannot be read: {}", data::said(&error)))
}

async fn check_size(snapshot: &Snapshot, file: &DataFile) -> Result<(), String> {
    let meta = snapshot.store.head(&Path::from(file.path.as_str())).await;
    match meta.map(|meta| meta.size) {
        Ok(size) if size == file.bytes => Ok(()),
        Ok(size) => Err(format!("has {size} bytes, the log says {}", file.bytes)),
        Err(error) => Err(format!("cannot be opened: {}", reason(&error))),
    }
}

/// The rows that were decoded, and what is wrong with them; or what is wrong with the file as a whole.
/// The bytes come first: what is known to be damaged is not decoded.
async fn deep(
    snapshot: &Snapshot,
    file: &DataFile,
    sha256: Option<&str>,
) -> Result<(u64, Vec<String>), String> {
    check_size(snapshot, file).await?;
    if let Some(sha256) = sha256 {
        data::check_bytes(snapshot, file, sha256).await?;
    }
    let values = data::values(snapshot, file).await?;
    Ok((values.rows(), values.against(file)))
}
