//! Following containers for ever: lists and notices say what has changed, and it is stored a moment later.
//!
//! Each container is looked at by a task of its own, which hands on what has changed through one queue of bounded length: where
//! storing is slower than finding, finding waits. Whatever is handed on twice is read once, because the table knows how far
//! each blob was read. A blob that fails is tried again later and later, and left alone after a while; the others go on.

mod again;
mod look;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use table::Table;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::container::{BlobError, Container, Listed};
use crate::error::{IngestError, Result};
use crate::outcome::{Outcome, SourceOutcome, Status};
use crate::sources::Source;
use crate::{IngestOptions, Progress};
use again::Again;

/// A container that is followed.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The container.
    pub container: Arc<dyn Container>,
    /// What the names of its blobs begin with.
    pub prefix: String,
    /// True if there are notices of its changes: then it is listed more rarely.
    pub is_noticed: bool,
}

/// Notices of changed blobs, each given out for a while and then again, until it is done with.
#[async_trait]
pub trait Notices: std::fmt::Debug + Send + Sync {
    /// What is there, up to a few dozen. Waits for nothing.
    async fn take(&self) -> Result<Vec<Notice>, BlobError>;

    /// It needs not be given out again.
    async fn done(&self, receipt: &str) -> Result<(), BlobError>;
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// By which it is done with.
    pub receipt: String,
    /// The blobs that changed, each with the address of its container; none if the notice is of something else.
    pub blobs: Vec<(String, Listed)>,
}

/// How to follow.
#[derive(Clone)]
pub struct CollectOptions {
    /// How sources are read.
    pub ingest: IngestOptions,
    /// Time between two lists of the hours that may grow.
    pub poll: Duration,
    /// Time between two lists of them where notices come: those may be lost.
    pub poll_noticed: Duration,
    /// Time between two looks for notices when there were none.
    pub notice_poll: Duration,
    /// How long an hour's blobs may grow after it has ended.
    pub look_back: Duration,
    /// Time between two lists of everything, which find what came late or was copied in.
    pub sweep: Duration,
    /// How long the first change waits for others, so that they share a commit.
    pub linger: Duration,
    /// Tries of a blob before it is left alone until it changes.
    pub tries_max: u32,
}

impl CollectOptions {
    /// What holds unless somebody says otherwise.
    #[must_use]
    pub fn new(ingest: IngestOptions) -> Self {
        Self {
            ingest,
            poll: Duration::from_secs(30),
            poll_noticed: Duration::from_secs(600),
            notice_poll: Duration::from_secs(1),
            look_back: Duration::from_secs(7200),
            sweep: Duration::from_secs(86_400),
            linger: Duration::from_millis(500),
            tries_max: 5,
        }
    }
}

/// Is told what happens, beside what a [`Progress`] is told.
pub trait Events: Progress {
    /// Hours or all of a container were listed: so many blobs, of which so many had changed.
    fn listed(&self, _container: &str, _blobs: usize, _changed: usize) {}
    /// Blobs that were committed at these times, in epoch nanoseconds, are being stored.
    fn storing(&self, _modified: &[i64]) {}
    /// They are stored.
    fn stored(&self, _outcome: &Outcome) {}
    /// Something failed, and is tried again after a while.
    fn waits(&self, _what: &str, _why: &str, _pause: Duration) {}
    /// A blob is left alone until it changes: it has failed so often.
    fn poisoned(&self, _outcome: &SourceOutcome, _tries: u32) {}
    /// Everything that was known of is stored.
    fn idle(&self) {}
}

/// What has changed.
#[derive(Debug)]
struct Change {
    source: Source,
    /// The notice that said so.
    notice: Option<(Arc<dyn Notices>, String)>,
}

/// Changes that wait to be stored, at most. Each takes about a kilobyte.
const CHANGES_MAX: usize = 8192;
/// Changes of one commit.
const GROUP_MAX: usize = 4096;

/// Follows containers until it is cancelled; then what is being stored is finished. `stop` ends it there and then.
///
/// # Errors
/// If it was stopped, or a thread died. What else fails is told and tried again.
pub async fn collect(
    table: &mut Table,
    (watched, notices): (Vec<Watched>, Vec<Arc<dyn Notices>>),
    options: &CollectOptions,
    cancel: &CancellationToken,
    stop: &CancellationToken,
    events: Arc<dyn Events>,
) -> Result<()> {
    let (sender, receiver) = mpsc::channel(CHANGES_MAX);
    let ends = cancel.child_token();
    let mut looking = tokio::task::JoinSet::new();
    let look = look::Look {
        options: options.clone(),
        sender,
        events: Arc::clone(&events),
    };
    for queue in notices {
        let (look, watched, ends) = (look.clone(), watched.clone(), ends.clone());
        looking.spawn(async move { ends.run_until_cancelled(look.notices(queue, watched)).await });
    }
    for one in watched {
        let (look, ends) = (look.clone(), ends.clone());
        looking.spawn(async move { ends.run_until_cancelled(look.lists(one)).await });
    }
    drop(look);
    let mut storing = Storing {
        table,
        options,
        stop,
        events,
        again: Again::new(options.tries_max),
    };
    let done = storing.run(receiver, cancel).await;
    ends.cancel();
    looking.shutdown().await;
    done
}

/// What takes changes and stores them.
struct Storing<'c> {
    table: &'c mut Table,
    options: &'c CollectOptions,
    stop: &'c CancellationToken,
    events: Arc<dyn Events>,
    again: Again,
}

impl Storing<'_> {
    async fn run(&mut self, mut receiver: mpsc::Receiver<Change>, cancel: &CancellationToken) -> Result<()> {
        loop {
            let due = self
                .again
                .due()
                .unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            let mut changes = Vec::new();
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                first = receiver.recv() => match first {
                    Some(first) => changes.push(first),
                    None => return Ok(()),
                },
                () = tokio::time::sleep_until(due) => (),
            }
            let until = Instant::now() + self.options.linger;
            while changes.len() < GROUP_MAX {
                match timeout_at(until, receiver.recv()).await {
                    Ok(Some(change)) => changes.push(change),
                    _ => break,
                }
            }
            self.store(changes, cancel).await?;
            if receiver.is_empty() && self.again.is_empty() {
                self.events.idle();
            }
        }
    }

    /// Stores what has changed, and what is due to be tried again.
    async fn store(&mut self, changes: Vec<Change>, cancel: &CancellationToken) -> Result<()> {
        let mut notices = Vec::new();
        // The last of several changes of a blob is the one to read.
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for Change { source, notice } in changes {
            notices.extend(notice);
            sources.insert(source.address.clone(), source);
        }
        sources.retain(|_, source| self.again.admits(source));
        for source in self.again.take_due(Instant::now()) {
            sources.entry(source.address.clone()).or_insert(source);
        }
        let sources: Vec<Source> = sources.into_values().collect();
        let modified: Vec<i64> = sources.iter().map(|source| source.modified).collect();
        self.events.storing(&modified);
        let outcomes = Arc::new(Outcomes {
            events: Arc::clone(&self.events),
            failed: Mutex::default(),
        });
        let mut tries = 0_u32;
        loop {
            outcomes.failed().clear();
            let progress: Arc<dyn Progress> = Arc::clone(&outcomes) as _;
            let (options, stop) = (&self.options.ingest, self.stop);
            let done = crate::ingest(self.table, sources.clone(), options, stop, progress).await;
            match done {
                Ok(outcome) => {
                    self.events.stored(&outcome);
                    break;
                }
                Err(IngestError::Table(error)) => {
                    tries += 1;
                    let pause = pause(tries, options.seed);
                    self.events.waits("the table", &error.to_string(), pause);
                    tokio::select! {
                        () = sleep(pause) => (),
                        // Nothing was stored of these, and all of it is found again.
                        () = cancel.cancelled() => return Ok(()),
                    }
                }
                Err(other) => return Err(other),
            }
        }
        let failed = std::mem::take(&mut *outcomes.failed());
        self.again.settle(&sources, &failed);
        for outcome in failed {
            if let Some(tries) = self
                .again
                .failed(&outcome, Instant::now(), self.options.ingest.seed)
            {
                self.events.poisoned(&outcome, tries);
            }
        }
        // What failed is tried again from here; its notice has done its work.
        for (queue, receipt) in notices {
            if let Err(error) = queue.done(&receipt).await {
                // It is given out again, and finds nothing new.
                self.events.waits("a notice", &error.to_string(), Duration::ZERO);
            }
        }
        Ok(())
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

/// Doubled waits from a second to a minute, spread so that those who wait do not come back together.
fn pause(tries: u32, seed: u64) -> Duration {
    let whole = 1000_u64 << tries.saturating_sub(1).min(6);
    let spread = (seed ^ u64::from(tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
    Duration::from_millis(whole.min(60_000) / 2 + whole.min(60_000) * spread / 2048)
}
