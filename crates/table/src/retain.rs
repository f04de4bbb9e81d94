//! Retention: whole days that are too old leave the tables, by their logs alone (docs/adr/0019-upkeep.md).
//!
//! The entry that drops files says how many rows went so far, so that `table check` knows what to expect. Nothing is removed
//! from the disk: earlier versions still need the files, until `table vacuum`. Positions stay, so that what was read once is
//! not read again. What is kept by the hour of dropped days goes as well.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use model::{FLOWS, INGEST_LOG, QUARANTINE, TableVersion};

use crate::compact::{ATTEMPTS_MAX, again};
use crate::contents::{footer, footer_rows, ingest_totals};
use crate::error::{Result, TableError};
use crate::log::{DroppedSoFar, Log};
use crate::snapshot::{DataFile, Snapshot, StatValue};
use crate::table::Table;

pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// What was dropped of one table, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Name of the table.
    pub table: &'static str,
    /// The days, since 1970-01-01.
    pub days: BTreeSet<i32>,
    /// Files, which go from the disk with a later vacuum.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
}

/// What retention came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetainReport {
    /// The first day that is kept.
    pub from_day: i32,
    /// By table; those of which nothing went are missing.
    pub dropped: Vec<Dropped>,
    /// Pieces of rollups that went with their rows.
    pub rollups: u64,
}

/// What retention has taken out of `Flows` so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retained {
    /// The days before this one were dropped.
    pub from_day: i32,
    /// How many rows went.
    pub rows: u64,
}

/// The first day to keep, if so many days are kept before the one that is.
#[must_use]
pub fn first_day(days: u32, now_micros: i64) -> i32 {
    let today = now_micros.div_euclid(DAY_MICROS);
    i32::try_from(today.saturating_sub(i64::from(days))).unwrap_or(i32::MIN)
}

/// What is to go of one table.
struct Going {
    so_far: DroppedSoFar,
    dropped: Dropped,
    paths: HashSet<String>,
}

impl Table {
    /// Drops the days before `from_day` from all tables. `IngestLog` and `Quarantine` lose what was read on those days. Rows of
    /// these days that come later stay until this is asked for again.
    ///
    /// # Errors
    /// If a log or a file cannot be read or written, or others kept committing. What was dropped before stays dropped.
    pub async fn retain(&mut self, from_day: i32, dry_run: bool, now_micros: i64) -> Result<RetainReport> {
        self.refresh().await?;
        self.flows.check_writable()?;
        let mut report = RetainReport {
            from_day,
            ..RetainReport::default()
        };
        for table in [&FLOWS, &INGEST_LOG, &QUARANTINE] {
            let Some(mut log) = self.log_of(table).cloned() else {
                continue;
            };
            let dropped = self.drop_before(&mut log, from_day, dry_run, now_micros).await?;
            report.dropped.extend(dropped);
        }
        if !dry_run {
            self.refresh().await?;
            report.rollups = self
                .forget_rollups(i64::from(from_day).saturating_mul(DAY_MICROS))
                .await?;
        }
        Ok(report)
    }

    /// What retention has taken out of `Flows`; none if nothing ever was.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn retained(&self) -> Result<Option<Retained>> {
        let so_far = self.flows.dropped_so_far().await?;
        Ok(so_far.map(|DroppedSoFar { from_day, rows, .. }| Retained { from_day, rows }))
    }

    /// What retention has taken out of times from this instant on; none if rows of the instant's day, or of earlier ones, are
    /// there. The log is asked only where there are none.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn retained_since(&self, from_micros: i64) -> Result<Option<Retained>> {
        let day = from_micros.div_euclid(DAY_MICROS);
        let flows = self.flows.snapshot()?;
        if flows.files.iter().any(|file| i64::from(file.day) <= day) {
            return Ok(None);
        }
        let retained = self.retained().await?;
        Ok(retained.filter(|retained| i64::from(retained.from_day) > day))
    }

    /// The first day of which `Flows` has rows, since 1970-01-01.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn first_day_there(&self) -> Result<Option<i32>> {
        let flows = self.flows.snapshot()?;
        Ok(flows.files.iter().map(|file| file.day).min())
    }

    async fn drop_before(
        &self,
        log: &mut Log,
        from_day: i32,
        dry_run: bool,
        now_micros: i64,
    ) -> Result<Option<Dropped>> {
        for attempt in 0..ATTEMPTS_MAX {
            let Some(going) = self.going(log, from_day).await? else {
                return Ok(None);
            };
            if dry_run {
                return Ok(Some(going.dropped));
            }
            let now_millis = now_micros.div_euclid(1000);
            match log.drop_for_good(&going.paths, &going.so_far, now_millis).await {
                Ok(_) => return Ok(Some(going.dropped)),
                Err(TableError::Conflict) => again(log, attempt).await?,
                Err(other) => return Err(other),
            }
        }
        Err(TableError::ConflictAgain {
            attempts: ATTEMPTS_MAX,
        })
    }

    /// What is to go of the loaded version of a log; none if nothing is.
    async fn going(&self, log: &Log, from_day: i32) -> Result<Option<Going>> {
        let snapshot = log.snapshot()?;
        if snapshot.files.iter().all(|file| file.day >= from_day) {
            return Ok(None);
        }
        // Of a side table only what counts: what never will is compaction's to drop.
        let mut files = self.foldable(log).await?.files;
        let from_micros = i64::from(from_day).saturating_mul(DAY_MICROS);
        let is_log = log.table().name == INGEST_LOG.name;
        files.retain(|file| file.day < from_day && !(is_log && may_tell_of(file, from_micros)));
        if files.is_empty() {
            return Ok(None);
        }
        let gone = Snapshot {
            files: Arc::new(files),
            ..snapshot
        };
        let before = log.dropped_so_far().await?;
        let mut so_far = before.unwrap_or_default();
        let mut dropped = Dropped {
            table: log.table().name,
            bytes: gone.bytes(),
            files: gone.files.len() as u64,
            ..Dropped::default()
        };
        for file in gone.files.iter() {
            dropped.days.insert(file.day);
            dropped.rows += match file.rows {
                Some(rows) => rows,
                None => footer_rows(footer(&gone, file).await?.as_ref()),
            };
        }
        so_far.from_day = before.map_or(from_day, |before| before.from_day.max(from_day));
        so_far.rows = so_far.rows.saturating_add(dropped.rows);
        if is_log {
            let stored = ingest_totals(&gone).await?.stored;
            so_far.stored = so_far.stored.saturating_add(stored);
        }
        Ok(Some(Going {
            so_far,
            dropped,
            paths: gone.files.iter().map(|file| file.path.clone()).collect(),
        }))
    }

    /// As of one version of a log of this table, in case another one is loaded.
    pub(crate) async fn dropped_of(log: &Log, version: TableVersion) -> Result<DroppedSoFar> {
        let found = match log.version() == version {
            true => log.dropped_so_far().await?,
            false => log.at_version(version).await?.dropped_so_far().await?,
        };
        Ok(found.unwrap_or_default())
    }
}

/// True if rows of the file may tell of tuples that were stored for this time or later: clocks are wrong now and then.
fn may_tell_of(file: &DataFile, from_micros: i64) -> bool {
    match file.columns.get("TimeMax").map(|stats| &stats.max) {
        Some(Some(StatValue::Instant(last))) => *last >= from_micros,
        // Without a time nothing was stored.
        _ => false,
    }
}
