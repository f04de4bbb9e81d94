//! Storing what has changed, group by group, until it is in the table: what cannot be stored for now is tried again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use table::Table;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::again::Again;
use super::changes::{Change, Receiver};
use super::members::Shares;
use super::{CollectOptions, Events, Notices, pause};
use crate::Progress;
use crate::error::{IngestError, Result};
use crate::outcome::{Outcome, SourceOutcome, Status};
use crate::sources::Source;

/// What is being stored when the end is asked for has so long; services are given thirty seconds by most who run them.
const GRACE: Duration = Duration::from_secs(10);
/// Notices of what is stored may take so long at the end. Those that are left find nothing new.
const PARTING: Duration = Duration::from_secs(3);
/// Groups whose notices are being done with at a time, and how many of each.
const DONE_GROUPS_MAX: usize = 4;
const DONE_AT_ONCE: usize = 16;

/// A queue, and by what one of its notices is done with.
type Noticed = (Arc<dyn Notices>, String);

/// What takes changes and stores them.
pub(super) struct Storing<'c> {
    table: &'c mut Table,
    options: &'c CollectOptions,
    cancel: &'c CancellationToken,
    stop: &'c CancellationToken,
    events: Arc<dyn Events>,
    again: Again,
    shares: Option<Shares>,
    /// Notices that are being done with: nobody waits for that.
    parting: JoinSet<()>,
}

impl<'c> Storing<'c> {
    pub(super) fn new(
        table: &'c mut Table,
        options: &'c CollectOptions,
        (cancel, stop): (&'c CancellationToken, &'c CancellationToken),
        events: Arc<dyn Events>,
    ) -> Self {
        Self {
            table,
            options,
            cancel,
            stop,
            events,
            again: Again::new(options.tries_max),
            shares: None,
            parting: JoinSet::new(),
        }
    }

    /// Stores only what is one's own by the time that it is its turn.
    pub(super) fn sharing(self, shares: Shares) -> Self {
        Self {
            shares: Some(shares),
            ..self
        }
    }

    /// Until it is cancelled, or there will be no more changes.
    pub(super) async fn run(&mut self, mut receiver: Receiver) -> Result<()> {
        loop {
            let an_hour = Instant::now() + Duration::from_secs(3600);
            let due = self.again.due().unwrap_or(an_hour);
            let mut changes = Vec::new();
            let mut linger = self.options.linger;
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Ok(()),
                () = sleep_until(due) => (),
                first = receiver.first() => match first {
                    Some((first, is_new)) => {
                        changes.push(first);
                        // Of what is old there is more at once.
                        linger = if is_new { linger } else { Duration::ZERO };
                    }
                    None => return Ok(()),
                },
            }
            receiver.gather(&mut changes, linger).await;
            self.store(changes).await?;
            if self.cancel.is_cancelled() {
                return Ok(());
            }
            if receiver.is_empty() && self.again.is_empty() {
                self.events.idle();
            }
        }
    }

    /// Waits a moment for the notices of what is stored.
    pub(super) async fn part(&mut self) {
        let parting = async { while self.parting.join_next().await.is_some() {} };
        // What is left is given out again, and finds nothing new.
        let _ = timeout(PARTING, parting).await;
        self.parting.shutdown().await;
    }

    /// Stores what has changed, and what is due to be tried again.
    async fn store(&mut self, changes: Vec<Change>) -> Result<()> {
        let mut notices = Vec::new();
        // The last of several changes of a blob is the one to read.
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        let split = self.shares.as_ref().map(|shares| Arc::clone(&shares.borrow()));
        let is_own = |address: &str| split.as_ref().is_none_or(|split| split.has(address));
        for Change {
            source,
            notice,
            is_kept,
        } in changes
        {
            notices.extend(notice);
            // Whoever was given its shard has looked since.
            if is_kept || is_own(&source.address) {
                sources.insert(source.address.clone(), source);
            }
        }
        self.again.keep(is_own);
        sources.retain(|_, source| self.again.admits(source));
        for source in self.again.take_due(Instant::now()) {
            sources.entry(source.address.clone()).or_insert(source);
        }
        let sources: Vec<Source> = sources.into_values().collect();
        let outcomes = Arc::new(Outcomes {
            events: Arc::clone(&self.events),
            failed: Mutex::default(),
        });
        let mut tries = 0_u32;
        loop {
            outcomes.failed().clear();
            match self.ingest(&sources, &outcomes).await {
                Ok(outcome) => {
                    if tries > 0 {
                        self.events.works("the table");
                    }
                    self.events.stored(&outcome);
                    break;
                }
                Err(IngestError::Table(error)) => {
                    tries += 1;
                    let pause = pause(tries, self.options.ingest.seed);
                    self.events.waits("the table", &error.to_string(), pause);
                    tokio::select! {
                        () = sleep(pause) => (),
                        // Nothing was stored of these, and all of it is found again.
                        () = self.cancel.cancelled() => return self.leave(&sources),
                    }
                }
                // It took too long to end. What is whole was committed.
                Err(IngestError::Cancelled) if self.cancel.is_cancelled() && !self.stop.is_cancelled() => {
                    return self.leave(&sources);
                }
                Err(other) => return Err(other),
            }
        }
        let failed = std::mem::take(&mut *outcomes.failed());
        self.again.settle(&sources, &failed);
        for outcome in failed {
            let now = Instant::now();
            if let Some(tries) = self.again.failed(&outcome, now, self.options.ingest.seed) {
                self.events.poisoned(&outcome, tries);
            }
        }
        // What failed is tried again from here; its notice has done its work.
        self.done_with(notices).await;
        Ok(())
    }

    /// These are not stored, for the end was asked for.
    fn leave(&self, sources: &[Source]) -> Result<()> {
        self.events.unfinished(sources.len());
        Ok(())
    }

    /// Brings the table up to date. When the end is asked for, there is a moment left for it.
    async fn ingest(&mut self, sources: &[Source], outcomes: &Arc<Outcomes>) -> Result<Outcome> {
        let (cancel, halt) = (self.cancel, self.stop.child_token());
        let over = async {
            cancel.cancelled().await;
            sleep(GRACE).await;
            halt.cancel();
            // Who waits for an account that is away does not hear that.
            sleep(PARTING).await;
            Err(IngestError::Cancelled)
        };
        let progress: Arc<dyn Progress> = Arc::clone(outcomes) as _;
        let (sources, options) = (sources.to_vec(), &self.options.ingest);
        tokio::select! {
            done = crate::ingest(self.table, sources, options, &halt, progress) => done,
            ended = over => ended,
        }
    }

    /// Has notices done with, side by side, while other things go on.
    async fn done_with(&mut self, notices: Vec<Noticed>) {
        if notices.is_empty() {
            return;
        }
        while self.parting.len() >= DONE_GROUPS_MAX {
            self.parting.join_next().await;
        }
        let events = Arc::clone(&self.events);
        self.parting.spawn(async move {
            let each = stream::iter(notices).for_each_concurrent(DONE_AT_ONCE, |(queue, receipt)| {
                let events = Arc::clone(&events);
                async move {
                    if let Err(error) = queue.done(&receipt).await {
                        // It is given out again, and finds nothing new.
                        events.waits("a notice", &error.to_string(), Duration::ZERO);
                    }
                }
            });
            each.await;
        });
    }
}

/// Passes on what happens, and keeps what failed.
struct Outcomes {
    events: Arc<dyn Events>,
    failed: Mutex<Vec<SourceOutcome>>,
}

impl Outcomes {
    fn failed(&self) -> std::sync::MutexGuard<'_, Vec<SourceOutcome>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Outcomes {
    fn begin(&self, sources: usize, bytes: u64) {
        self.events.begin(sources, bytes);
    }

    fn bytes(&self, count: u64) {
        self.events.bytes(count);
    }

    fn source(&self, outcome: &SourceOutcome) {
        if matches!(outcome.status, Status::Failed { .. }) || outcome.broken.is_some() {
            self.failed().push(outcome.clone());
        }
        self.events.source(outcome);
    }

    fn committed(&self, version: i64) {
        self.events.committed(version);
    }

    fn migrated(&self, migrations: &[table::Migration]) {
        self.events.migrated(migrations);
    }
}
