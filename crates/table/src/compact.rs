//! `table compact`: many small files of a day become few, by our own writer (docs/adr/0007-care.md).
//!
//! Rows, their order within files and all that is said of files stay what the ingest writer makes of them;
//! only who holds which row changes. Every step is one entry of the log that takes the small files out
//! and puts the new one in. Killed at any moment, it leaves files that nothing names. It removes nothing
//! from the disk: older versions still need the small files, until `table vacuum`.

mod fold;
mod merge;
mod select;

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use model::limits::{COMPACT_MEMORY_BYTES, COMPACT_RUNS_MAX, COMPACT_TARGET_BYTES};
use model::{FLOWS, INGEST_LOG, QUARANTINE, TableDef};

use crate::committed::{Judge, transaction_of};
use crate::error::{Result, TableError};
use crate::log::{FoldTag, Log, NewFile};
use crate::pace::Pace;
use crate::snapshot::{DataFile, Snapshot};
use crate::table::Table;
use fold::Folding;
use select::{Group, files_for, groups};

pub(crate) use fold::with_day;
pub(crate) use merge::{aligned, held};
pub(crate) use select::{foldable_files, is_small};

/// How to compact.
#[derive(Clone, Debug)]
pub struct CompactOptions {
    /// Size that files should have. One of half of it is left alone.
    pub target_bytes: u64,
    /// Days to look at; none for all.
    pub days: Option<RangeInclusive<i32>>,
    /// Memory for the runs that are read at once.
    pub memory_bytes: u64,
    /// Runs that are read at once.
    pub runs_max: usize,
    /// Who goes first.
    pub pace: Pace,
}

impl Default for CompactOptions {
    fn default() -> Self {
        Self {
            target_bytes: COMPACT_TARGET_BYTES,
            days: None,
            memory_bytes: COMPACT_MEMORY_BYTES,
            runs_max: COMPACT_RUNS_MAX,
            pace: Pace::default(),
        }
    }
}

/// Files of one day that became fewer, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Name of the table.
    pub table: &'static str,
    /// Their day, since 1970-01-01.
    pub day: i32,
    /// Files before and after.
    pub files: (u64, u64),
    /// Bytes before and after; of what would be done, both are those before.
    pub bytes: (u64, u64),
    /// Rows.
    pub rows: u64,
}

/// What a compaction did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactReport {
    /// Every step, in order. A day may take several.
    pub folds: Vec<Fold>,
    /// Files of side tables with rows of transactions that never were: taken out of the table.
    pub never_committed: u64,
    /// Days left for the next time because another program changed their files meanwhile.
    pub given_up: u64,
    /// Files that are not what the log says, and were left alone.
    pub damaged: Vec<String>,
}

/// Files of one table that may be folded.
pub(crate) struct Foldable {
    pub(crate) files: Vec<DataFile>,
    /// Files whose rows will never count.
    pub(crate) never_committed: HashSet<String>,
    pub(crate) folds: HashMap<String, FoldTag>,
    pub(crate) snapshot: Snapshot,
}

/// Tries at one entry before the group is left for the next time.
pub(crate) const ATTEMPTS_MAX: u32 = 50;

impl Table {
    /// What a compaction would do. Reads the log only.
    ///
    /// # Errors
    /// If a log or a position file cannot be read.
    pub async fn compact_plan(&self, options: &CompactOptions) -> Result<CompactReport> {
        let mut report = CompactReport::default();
        for log in self.logs() {
            let foldable = self.foldable(log).await?;
            report.never_committed += foldable.never_committed.len() as u64;
            for group in groups(foldable.files, options.days.as_ref(), options.target_bytes) {
                let bytes = group.bytes();
                report.folds.push(Fold {
                    table: log.table().name,
                    day: group.day,
                    files: (group.files.len() as u64, files_for(bytes, options.target_bytes)),
                    bytes: (bytes, bytes),
                    rows: group.files.iter().filter_map(|file| file.rows).sum(),
                });
            }
        }
        Ok(report)
    }

    /// Folds small files until nothing is worth it; `told` hears of each step once it is committed.
    ///
    /// # Errors
    /// If a file or a log cannot be read or written, or the table is a newer program's. What was
    /// committed before stays.
    pub async fn compact(
        &mut self,
        options: &CompactOptions,
        now_micros: i64,
        mut told: impl FnMut(&Fold),
    ) -> Result<CompactReport> {
        self.refresh().await?;
        self.flows.check_writable()?;
        let mut report = CompactReport::default();
        for table in [&FLOWS, &INGEST_LOG, &QUARANTINE] {
            let Some(mut log) = self.log_of(table).cloned() else {
                continue;
            };
            if let Some(name) = log.unknown_columns().first() {
                // We would write its rows without that column.
                return Err(TableError::NewerColumn {
                    table: table.name.to_owned(),
                    column: name.clone(),
                });
            }
            self.drop_never_committed(&mut log, now_micros, &mut report)
                .await?;
            let mut passed_over = HashSet::new();
            loop {
                let foldable = self.foldable(&log).await?;
                let candidates = foldable
                    .files
                    .iter()
                    .filter(|file| !passed_over.contains(&file.path));
                let next = groups(candidates.cloned(), options.days.as_ref(), options.target_bytes);
                let Some(group) = next.into_iter().next() else {
                    break;
                };
                match self
                    .fold(&mut log, &foldable, &group, options, now_micros)
                    .await?
                {
                    Outcome::Folded(fold) => {
                        told(&fold);
                        report.folds.push(fold);
                    }
                    Outcome::GivenUp => {
                        report.given_up += 1;
                        passed_over.extend(group.files.into_iter().map(|file| file.path));
                    }
                    Outcome::Damaged { path, what } => {
                        report.damaged.push(format!("`{}/{path}` {what}", table.name));
                        passed_over.insert(path);
                    }
                }
            }
        }
        self.refresh().await?;
        Ok(report)
    }

    /// The tables' logs; one that was not made yet is missing.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Log> {
        let side = self.ingest_log.iter().chain(&self.quarantine);
        std::iter::once(&self.flows).chain(side)
    }

    pub(crate) fn log_of(&self, table: &TableDef) -> Option<&Log> {
        self.logs().find(|log| log.table().name == table.name)
    }

    /// The files of a log that count, and those that never will.
    pub(crate) async fn foldable(&self, log: &Log) -> Result<Foldable> {
        let (snapshot, folds) = log.snapshot_and_folds()?;
        let mut foldable = Foldable {
            files: Vec::new(),
            never_committed: HashSet::new(),
            folds,
            snapshot: snapshot.clone(),
        };
        if log.table().name == FLOWS.name {
            foldable.files = snapshot.files.to_vec();
            return Ok(foldable);
        }
        let mut judge = Judge::new(self);
        for file in snapshot.files.iter() {
            let Some((shard, sequence)) = transaction_of(&file.path) else {
                continue;
            };
            if foldable.folds.contains_key(&file.path) || judge.is_committed(shard, sequence).await? {
                foldable.files.push(file.clone());
            } else if judge.is_dead(shard, sequence).await? {
                foldable.never_committed.insert(file.path.clone());
            }
        }
        Ok(foldable)
    }

    async fn drop_never_committed(
        &self,
        log: &mut Log,
        now_micros: i64,
        report: &mut CompactReport,
    ) -> Result<()> {
        for attempt in 0..ATTEMPTS_MAX {
            let dead = self.foldable(log).await?.never_committed;
            if dead.is_empty() {
                return Ok(());
            }
            match log.drop_files(&dead, now_micros.div_euclid(1000)).await {
                Ok(_) => {
                    report.never_committed += dead.len() as u64;
                    return Ok(());
                }
                Err(TableError::Conflict) => again(log, attempt).await?,
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// One step: as many files of the group as memory allows become one, or few.
    async fn fold(
        &self,
        log: &mut Log,
        foldable: &Foldable,
        group: &Group,
        options: &CompactOptions,
        now_micros: i64,
    ) -> Result<Outcome> {
        let now_millis = now_micros.div_euclid(1000);
        let folding = Folding {
            table: log.table(),
            snapshot: &foldable.snapshot,
            folds: &foldable.folds,
            checksums: log.checksums()?,
            options,
            now_millis,
        };
        let written = match folding.write(group).await? {
            Ok(written) => written,
            Err((path, what)) => return Ok(Outcome::Damaged { path, what }),
        };
        let taken = written.taken.iter().map(|file| file.path.clone()).collect();
        let new = written.new;
        match commit(log, &taken, &new, options.target_bytes, now_millis).await {
            Ok(true) => {}
            Ok(false) => {
                folding.remove(&new).await;
                return Ok(Outcome::GivenUp);
            }
            Err(error) => return Err(error),
        }
        let bytes = |files: &mut dyn Iterator<Item = &DataFile>| files.map(|file| file.bytes).sum();
        Ok(Outcome::Folded(Fold {
            table: log.table().name,
            day: group.day,
            files: (written.taken.len() as u64, new.len() as u64),
            bytes: (
                bytes(&mut written.taken.iter()),
                bytes(&mut new.iter().map(|new| &new.written.file)),
            ),
            rows: new.iter().filter_map(|new| new.written.file.rows).sum(),
        }))
    }
}

enum Outcome {
    Folded(Fold),
    /// Another program took one of the files out, or never let us in.
    GivenUp,
    Damaged {
        path: String,
        what: String,
    },
}

/// Commits a fold; false if it must not be because one of its files is no longer in the table.
async fn commit(
    log: &mut Log,
    taken: &HashSet<String>,
    new: &[NewFile],
    target_bytes: u64,
    now_millis: i64,
) -> Result<bool> {
    for attempt in 0..ATTEMPTS_MAX {
        if !log.has_all(taken)? {
            return Ok(false);
        }
        match log.replace(taken, new, target_bytes, now_millis).await {
            Ok(_) => return Ok(true),
            Err(TableError::Conflict) => again(log, attempt).await?,
            Err(other) => return Err(other),
        }
    }
    Ok(false)
}

/// After somebody else's commit: looks at the log anew, at once at first, later after a pause.
pub(crate) async fn again(log: &mut Log, attempt: u32) -> Result<()> {
    let pause = u64::from(attempt.saturating_sub(2)) * 7;
    tokio::time::sleep(Duration::from_millis(pause.min(200))).await;
    log.refresh().await
}
