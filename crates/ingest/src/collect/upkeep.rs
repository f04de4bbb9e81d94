//! Taking care of the table while it is written to: compaction, checkpoints, vacuum and retention, in the background.
//!
//! It runs beside the collector on a thread and with an open table of its own, in turns. A turn belongs to one program, whichever
//! made its file first ([`Table::take_turn`]). While something is being stored, compaction waits between two batches of rows.
//! Whatever is left undone when it is ended is found again: a step is one entry of a log, or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use table::{
    CompactOptions, CompactReport, Fold, Migration, Pace, Result, RetainReport, Table, TableError,
    VacuumOptions, VacuumReport, first_day,
};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Events, Noticed};
use crate::Progress;
use crate::outcome::{Outcome, SourceOutcome};

/// How to take care.
#[derive(Clone)]
pub struct UpkeepOptions {
    /// The length of a turn.
    pub turn: Duration,
    /// So many turns are a long one: then everything is folded that is worth it, old days are dropped, and what is needed no
    /// more is removed.
    pub long_turns: u32,
    /// Files of one day that are folded before a long turn ends.
    pub files_max: u64,
    /// Versions of a log after which a checkpoint is written. Before that many more whoever commits writes one itself.
    pub checkpoint_versions: i64,
    /// How to compact.
    pub compact: CompactOptions,
    /// How to remove.
    pub vacuum: VacuumOptions,
    /// How many days before the present one are kept; none for all.
    pub retention_days: Option<u32>,
    /// How far the clock of the store may be from ours before nothing is dropped and removed any more.
    pub clock_skew_max: Duration,
    /// The clock, in epoch microseconds.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl UpkeepOptions {
    /// What holds unless somebody says otherwise.
    #[must_use]
    pub fn new(clock: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self {
            turn: Duration::from_secs(60),
            long_turns: 60,
            files_max: 48,
            checkpoint_versions: 50,
            compact: CompactOptions::default(),
            vacuum: VacuumOptions::default(),
            retention_days: None,
            clock_skew_max: Duration::from_secs(3600),
            clock,
        }
    }
}

/// Is told what was done.
pub trait UpkeepEvents: Send + Sync {
    /// Files became fewer.
    fn folded(&self, _fold: &Fold) {}
    /// A compaction is over.
    fn compacted(&self, _report: &CompactReport) {}
    /// A checkpoint of a table was written.
    fn checkpointed(&self, _table: &'static str, _version: i64) {}
    /// Days were dropped.
    fn retained(&self, _report: &RetainReport) {}
    /// Files were removed.
    fn vacuumed(&self, _report: &VacuumReport) {}
    /// Something failed; it is tried again in a later turn.
    fn upkeep_failed(&self, _what: &str, _why: &str) {}
}

/// What takes care of a table.
pub struct Upkeep {
    table: Table,
    options: UpkeepOptions,
    events: Arc<dyn UpkeepEvents>,
    pace: Pace,
    has_commits: Arc<AtomicBool>,
    /// The last long turn that was tried.
    long_turn: Option<i64>,
}

impl Upkeep {
    /// Of a table that others write to. Nothing happens before it is started.
    #[must_use]
    pub fn new(table: &Table, mut options: UpkeepOptions, events: Arc<dyn UpkeepEvents>) -> Self {
        let pace = Pace::default();
        options.compact.pace = pace.clone();
        Self {
            table: table.clone(),
            options,
            events,
            pace,
            // What is there was committed by somebody.
            has_commits: Arc::new(AtomicBool::new(true)),
            long_turn: None,
        }
    }

    /// What a collector tells goes on to `events`, and says here when it is at work.
    #[must_use]
    pub fn beside(&self, events: Arc<dyn Events>) -> Arc<dyn Events> {
        Arc::new(Beside {
            events,
            pace: self.pace.clone(),
            has_commits: Arc::clone(&self.has_commits),
        })
    }

    /// Takes care until it is cancelled, on a thread of its own: what it decodes in one go holds nobody up.
    #[must_use]
    pub fn start(self, cancel: CancellationToken) -> JoinHandle<()> {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let _ = Box::pin(cancel.run_until_cancelled(self.run())).await;
            });
        })
    }

    async fn run(mut self) {
        loop {
            let (number, rest) = self.turn_of((self.options.clock)());
            sleep(rest).await;
            let number = number + 1;
            let long = self.long_of(number);
            if !self.has_commits.swap(false, Ordering::Relaxed) && self.long_turn == Some(long) {
                continue;
            }
            if let Err(error) = Box::pin(self.turn(number, long)).await {
                self.events.upkeep_failed("the table", &error.to_string());
                self.has_commits.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The turn of an instant, and how long it still lasts.
    fn turn_of(&self, micros: i64) -> (i64, Duration) {
        let length = i64::try_from(self.options.turn.as_micros()).unwrap_or(i64::MAX);
        let length = length.max(1);
        let rest = length - micros.rem_euclid(length);
        (
            micros.div_euclid(length),
            Duration::from_micros(rest.unsigned_abs()),
        )
    }

    fn long_of(&self, number: i64) -> i64 {
        number.div_euclid(i64::from(self.options.long_turns.max(1)))
    }

    async fn turn(&mut self, number: i64, long: i64) -> Result<()> {
        self.table.refresh().await?;
        let is_long = self.long_turn != Some(long);
        let foldable = self.table.foldable_files(&self.options.compact)?;
        if !is_long && foldable < self.options.files_max {
            // What is left is looked at again when more has come, or at the end of the long turn.
            return self.checkpoint(number).await;
        }
        let Some(taken) = self.table.take_turn("turn", number).await? else {
            // Another program has it, or it was held for work that has ended since: the next turn tells.
            self.has_commits.store(true, Ordering::Relaxed);
            return Ok(());
        };
        let (table, options) = (self.table.clone(), self.options.clone());
        tokio::select! {
            done = self.work(long, taken) => done,
            // A kill leaves a turn or two that nobody has.
            error = hold(&table, number, &options) => Err(error),
        }
    }

    async fn work(&mut self, long: i64, taken_micros: i64) -> Result<()> {
        let is_long = self.long_turn != Some(long) && self.table.take_turn("long", long).await?.is_some();
        // Who has missed it waits for the next, as others have it or had it.
        self.long_turn = Some(long);
        let is_time_known = self.is_time_known(taken_micros);
        if is_long && is_time_known {
            self.retain().await?;
        }
        if is_long || self.table.foldable_files(&self.options.compact)? >= self.options.files_max {
            self.compact().await?;
        }
        self.checkpoint_now().await?;
        if is_long && is_time_known {
            self.vacuum().await?;
        }
        Ok(())
    }

    /// False where our clock and the store's are far apart: by one of them everything is too old.
    fn is_time_known(&self, taken_micros: i64) -> bool {
        let apart = (self.options.clock)().abs_diff(taken_micros);
        let is_near = u128::from(apart) <= self.options.clock_skew_max.as_micros();
        if !is_near {
            let why = format!(
                "it is {} s from that of the table's files: nothing is dropped or removed",
                apart / 1_000_000
            );
            self.events.upkeep_failed("the clock", &why);
        }
        is_near
    }

    async fn retain(&mut self) -> Result<()> {
        let Some(days) = self.options.retention_days else {
            return Ok(());
        };
        let now = (self.options.clock)();
        let report = self.table.retain(first_day(days, now), false, now).await?;
        if !report.dropped.is_empty() || report.rollups > 0 {
            self.events.retained(&report);
        }
        Ok(())
    }

    async fn compact(&mut self) -> Result<()> {
        let (now, events) = ((self.options.clock)(), Arc::clone(&self.events));
        let told = |fold: &Fold| events.folded(fold);
        let report = self.table.compact(&self.options.compact, now, told).await?;
        self.events.compacted(&report);
        Ok(())
    }

    /// Writes checkpoints that are due, if that is ours to do.
    async fn checkpoint(&mut self, number: i64) -> Result<()> {
        let versions = self.options.checkpoint_versions;
        if self.table.is_checkpoint_due(versions).await?
            && self.table.take_turn("turn", number).await?.is_some()
        {
            self.checkpoint_now().await?;
        }
        Ok(())
    }

    async fn checkpoint_now(&mut self) -> Result<()> {
        let versions = self.options.checkpoint_versions;
        for (table, version) in self.table.checkpoint_after(versions).await? {
            self.events.checkpointed(table, version.0);
        }
        Ok(())
    }

    async fn vacuum(&mut self) -> Result<()> {
        let now = (self.options.clock)();
        let report = self.table.vacuum(self.options.vacuum, now).await?;
        self.table.sweep_rollups(now).await?;
        self.events.vacuumed(&report);
        Ok(())
    }
}

/// Takes the turns that follow as long as one takes.
async fn hold(table: &Table, mut number: i64, options: &UpkeepOptions) -> TableError {
    loop {
        sleep(options.turn / 2).await;
        number += 1;
        if let Err(error) = table.take_turn("turn", number).await {
            return error;
        }
        sleep(options.turn / 2).await;
    }
}

/// What a collector tells, overheard.
struct Beside {
    events: Arc<dyn Events>,
    pace: Pace,
    has_commits: Arc<AtomicBool>,
}

impl Progress for Beside {
    fn begin(&self, sources: usize, bytes: u64) {
        self.pace.set_busy(sources > 0);
        self.events.begin(sources, bytes);
    }

    fn bytes(&self, count: u64) {
        self.events.bytes(count);
    }

    fn source(&self, outcome: &SourceOutcome) {
        self.events.source(outcome);
    }

    fn committed(&self, version: i64) {
        self.has_commits.store(true, Ordering::Relaxed);
        self.events.committed(version);
    }

    fn migrated(&self, migrations: &[Migration]) {
        self.events.migrated(migrations);
    }
}

impl Events for Beside {
    fn listed(&self, container: &str, blobs: usize, changed: usize) {
        self.events.listed(container, blobs, changed);
    }

    fn stored(&self, outcome: &Outcome) {
        self.pace.set_busy(false);
        self.events.stored(outcome);
    }

    fn waits(&self, what: &str, why: &str, pause: Duration) {
        self.pace.set_busy(false);
        self.events.waits(what, why, pause);
    }

    fn works(&self, what: &str) {
        self.events.works(what);
    }

    fn unfinished(&self, blobs: usize) {
        self.events.unfinished(blobs);
    }

    fn poisoned(&self, outcome: &SourceOutcome, tries: u32) {
        self.events.poisoned(outcome, tries);
    }

    fn idle(&self) {
        self.pace.set_busy(false);
        self.events.idle();
    }

    fn noticed(&self, queue: &str, what: Noticed<'_>, is_taken: bool) {
        self.events.noticed(queue, what, is_taken);
    }

    fn not_ours(&self, queue: &str, count: usize) {
        self.events.not_ours(queue, count);
    }

    fn table_inside(&self, folder: &str) {
        self.events.table_inside(folder);
    }

    fn collector(&self, name: &str, is_here: bool) {
        self.events.collector(name, is_here);
    }

    fn shares(&self, collectors: usize, source: &str, shards: usize) {
        self.events.shares(collectors, source, shards);
    }
}
