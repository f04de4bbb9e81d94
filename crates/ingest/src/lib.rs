//! Sources to table: finds files, reads what is new in each, refuses what the table holds already,
//! and commits in groups, exactly once.
//!
//! Reading runs in blocking threads, several sources at a time; rows are taken in the order of the
//! sources' addresses, so that the same input gives the same table at any thread count. It prints
//! nothing: what happens is told to a [`Progress`] and summed up in an [`Outcome`].

mod azure;
mod changed;
mod collect;
mod container;
mod discover;
mod duplicates;
mod error;
mod group;
mod newest;
mod outcome;
mod reader;
mod replay;
mod sources;

use std::sync::Arc;

use table::{Migration, Table};
use tokio_util::sync::CancellationToken;

pub use azure::{AzureContainer, AzureNotices};
pub use collect::{
    CollectOptions, Events, Notice, Noticed, Notices, Recent, Upkeep, UpkeepEvents, UpkeepOptions, Watched,
    collect, pause, what_is,
};
pub use container::{Blob, BlobError, Block, Blocks, Container, Listed, Page};
pub use discover::{FlowLogs, Listing, hours_around};
pub use error::{IngestError, Result};
pub use newest::Newest;
pub use outcome::{Broken, Outcome, SourceOutcome, Status};
pub use reader::{BlobFile, open_blob};
pub use replay::{Replay, Replayed, replay};
pub use sources::{Finding, Found, Input, PassedOver, Source, Trouble, each, find};

/// How to ingest.
#[derive(Clone)]
pub struct IngestOptions {
    /// How many sources are read at a time.
    pub threads: usize,
    /// Store records that another source has brought already.
    pub allow_duplicates: bool,
    /// Hash every source even if its size and time are as they were.
    pub verify: bool,
    /// Bytes of sources after which a group is committed.
    pub commit_bytes: u64,
    /// Records after which a group is committed.
    pub records_max: usize,
    /// Days that one commit may write.
    pub partitions_max: usize,
    /// How rows are read that are not Azure's own records.
    pub rows: Arc<formats::RowOptions>,
    /// The clock, in epoch microseconds.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// A number that sources cannot know.
    pub seed: u64,
}

/// Is told what happens, as it happens.
pub trait Progress: Send + Sync {
    /// So many sources, of so many bytes, will be looked at.
    fn begin(&self, sources: usize, bytes: u64);
    /// More bytes of a source have been read.
    fn bytes(&self, count: u64);
    /// A source is done with.
    fn source(&self, outcome: &SourceOutcome);
    /// A group has been committed.
    fn committed(&self, version: i64);
    /// The table was of an earlier format, and has been brought to the present one.
    fn migrated(&self, _migrations: &[Migration]) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: u64) {}
    fn bytes(&self, _: u64) {}
    fn source(&self, _: &SourceOutcome) {}
    fn committed(&self, _: i64) {}
}

/// Tries at one group before giving up on other writers.
const ATTEMPTS_MAX: u32 = 25;

/// Brings the table up to date with the sources.
///
/// # Errors
/// If the table cannot be read or written, other writers keep winning, or it was cancelled. What was
/// committed before stays; a source that cannot be read is no error but an outcome.
pub async fn ingest(
    table: &mut Table,
    sources: Vec<Source>,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: Arc<dyn Progress>,
) -> Result<Outcome> {
    // A store that does not answer keeps nobody from ending: what is left undone is as a kill would leave it.
    let all = Box::pin(ingest_all(table, sources, options, cancel, progress));
    let done = cancel.run_until_cancelled(all).await;
    done.unwrap_or(Err(IngestError::Cancelled))
}

async fn ingest_all(
    table: &mut Table,
    sources: Vec<Source>,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: Arc<dyn Progress>,
) -> Result<Outcome> {
    table.refresh().await?;
    let migrations = table.migrate().await?;
    if !migrations.is_empty() {
        progress.migrated(&migrations);
    }
    let mut outcome = Outcome::default();
    let sources = changed::only_changed(table, sources, options, progress.as_ref(), &mut outcome).await?;
    progress.begin(sources.len(), sources.iter().map(|source| source.new_bytes).sum());
    let mut known = duplicates::Index::new(options.allow_duplicates, options.records_max);
    let mut rest = sources.into_iter().peekable();
    while rest.peek().is_some() {
        let mut members = Vec::new();
        let mut bytes = 0;
        while let Some(source) =
            rest.next_if(|_| bytes < options.commit_bytes && members.len() < GROUP_SOURCES_MAX)
        {
            bytes += source.new_bytes;
            members.push(source);
        }
        commit_group(
            table,
            members,
            options,
            cancel,
            &progress,
            &mut known,
            &mut outcome,
        )
        .await?;
    }
    outcome.version = table.version().0;
    Ok(outcome)
}

/// Brings the table up to date with the blobs of a list. So many blobs are held in memory as one commit may have.
///
/// # Errors
/// As [`ingest`], and if the container cannot be listed.
pub async fn ingest_listed(
    table: &mut Table,
    listing: &mut Listing,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: Arc<dyn Progress>,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut has_ended = false;
    while !has_ended {
        let mut sources = Vec::new();
        while sources.len() < GROUP_SOURCES_MAX && !has_ended {
            let page = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(IngestError::Cancelled),
                page = listing.next() => page,
            };
            let page = page.map_err(|error| IngestError::List {
                address: listing.address(),
                error,
            })?;
            match page {
                Some(page) => sources.extend(page),
                None => has_ended = true,
            }
        }
        let part = ingest(table, sources, options, cancel, Arc::clone(&progress)).await?;
        outcome.merge(&part);
    }
    Ok(outcome)
}

/// Sources of one commit: bounds what is lost when a group has to be read again, and what waits for its commit, a
/// kilobyte a source. A commit takes as long as reading a thousand small sources.
const GROUP_SOURCES_MAX: usize = 16_384;

/// Commits one group, again and again until no other writer has moved its shards meanwhile.
async fn commit_group(
    table: &mut Table,
    members: Vec<Source>,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: &Arc<dyn Progress>,
    known: &mut duplicates::Index,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut pending = vec![members];
    let mut attempts = 0;
    while let Some(members) = pending.pop() {
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(IngestError::Cancelled),
            result = group::commit(table, &members, options, cancel, progress, known) => result,
        };
        match result {
            Ok(outcomes) => {
                let done = outcomes.len();
                for source in outcomes {
                    progress.source(&source);
                    outcome.add(&source);
                }
                if let Some(rest) = members.get(done..).filter(|rest| !rest.is_empty()) {
                    pending.push(rest.to_vec());
                }
                attempts = 0;
            }
            Err(IngestError::Table(table::TableError::Conflict)) => {
                known.forget();
                attempts += 1;
                if attempts >= ATTEMPTS_MAX {
                    return Err(table::TableError::ConflictAgain { attempts }.into());
                }
                let pause = backoff_millis(attempts, options.seed);
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                pending.push(members);
            }
            Err(IngestError::Table(error @ table::TableError::PartitionLimit { .. })) => {
                known.forget();
                match members.as_slice() {
                    [single] => {
                        let source = SourceOutcome::failed(single, error.code(), error.to_string());
                        progress.source(&source);
                        outcome.add(&source);
                    }
                    _ => {
                        let (left, right) = members.split_at(members.len() / 2);
                        pending.push(right.to_vec());
                        pending.push(left.to_vec());
                    }
                }
            }
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Doubling pauses with jitter from the seed, so that writers do not keep meeting.
fn backoff_millis(attempt: u32, seed: u64) -> u64 {
    let jitter = (seed ^ u64::from(attempt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
    (10_u64 << attempt.min(7)) + jitter
}
