//! Reading hours again, in place of what the table holds of them (docs/adr/0020-replay.md).
//!
//! The sources of some hours are read from their beginning, group by group, and each commit takes out what was stored of its
//! sources before. A source that cannot be read to its end, or that is gone, keeps its rows. Done a second time, or in two
//! goes, it comes to the same.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use model::SourceId;
use model::codes::list as code;
use table::{Replaced, Table, TableError};
use tokio_util::sync::CancellationToken;

use crate::container::{BlobError, Container};
use crate::discover::{FlowLogs, Listing};
use crate::duplicates::Index;
use crate::error::{IngestError, Result};
use crate::group::{Gathered, With, gather};
use crate::outcome::{Outcome, SourceOutcome, Status};
use crate::sources::Source;
use crate::{ATTEMPTS_MAX, GROUP_SOURCES_MAX, IngestOptions, Progress, backoff_millis};

/// Hours whose sources are held in memory at a time.
const HOURS_AT_ONCE: i32 = 8;

/// What is to be read again.
#[derive(Debug)]
pub struct Replay {
    /// Hours of the sources' paths, counted from 1970.
    pub hours: RangeInclusive<i32>,
    /// Files; those of other hours are left alone.
    pub sources: Vec<Source>,
    /// Containers, each with what the names of its blobs begin with.
    pub containers: Vec<(Arc<dyn Container>, String)>,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// What was read.
    pub outcome: Outcome,
    /// Rows of `Flows` that were taken out.
    pub withdrawn: u64,
    /// Blobs of these hours that are gone from their containers: their rows stay.
    pub gone: u64,
    /// Sources that could not be read to their end: their rows stay.
    pub kept: u64,
    /// Files that are of no hour, or of another one.
    pub others: u64,
}

/// Reads hours again.
///
/// # Errors
/// If the table cannot be read or written, a container cannot be listed, other writers keep winning, or it was cancelled. What
/// was committed before stays, and is right.
pub async fn replay(
    table: &mut Table,
    what: Replay,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: Arc<dyn Progress>,
) -> Result<Replayed> {
    let all = Box::pin(replay_all(table, what, options, cancel, progress));
    let done = cancel.run_until_cancelled(all).await;
    done.unwrap_or(Err(IngestError::Cancelled))
}

async fn replay_all(
    table: &mut Table,
    what: Replay,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: Arc<dyn Progress>,
) -> Result<Replayed> {
    table.refresh().await?;
    let migrations = table.migrate().await?;
    if !migrations.is_empty() {
        progress.migrated(&migrations);
    }
    let mut replaying = Replaying {
        table,
        options,
        cancel,
        progress,
        known: Index::new(options.allow_duplicates, options.records_max),
        earlier: HashSet::new(),
        done: Replayed::default(),
    };
    let found = what.sources.len();
    let within = |source: &Source| source.hour.is_some_and(|hour| what.hours.contains(&hour));
    let own: Vec<Source> = what.sources.into_iter().filter(within).collect();
    replaying.done.others = (found - own.len()) as u64;
    replaying.all(own).await?;
    for (container, prefix) in what.containers {
        replaying
            .container(&container, &prefix, what.hours.clone())
            .await?;
    }
    let now = (options.clock)();
    // Committed is what was read; this is what is left of before.
    replaying.table.drop_quarantined(&replaying.earlier, now).await?;
    replaying.done.outcome.version = replaying.table.version().0;
    Ok(replaying.done)
}

struct Replaying<'r> {
    table: &'r mut Table,
    options: &'r IngestOptions,
    cancel: &'r CancellationToken,
    progress: Arc<dyn Progress>,
    known: Index,
    /// The codes that the replaced rows had.
    earlier: HashSet<SourceId>,
    done: Replayed,
}

/// What became of a group.
enum End {
    Done,
    /// It is more than one commit takes: only so many of its sources.
    Only(usize),
    /// These cannot be read to their end.
    Without(Vec<SourceOutcome>),
}

impl Replaying<'_> {
    /// The blobs of a container, some hours at a time.
    async fn container(
        &mut self,
        container: &Arc<dyn Container>,
        prefix: &str,
        hours: RangeInclusive<i32>,
    ) -> Result<()> {
        let address = format!("{}/{prefix}", container.address());
        let unlisted = |error: BlobError| IngestError::List {
            address: address.clone(),
            error,
        };
        let flow_logs = FlowLogs::find(Arc::clone(container), prefix)
            .await
            .map_err(unlisted)?;
        let mut from = *hours.start();
        while from <= *hours.end() {
            let until = match flow_logs.count() {
                // One list tells of all.
                0 => *hours.end(),
                _ => (*hours.end()).min(from.saturating_add(HOURS_AT_ONCE - 1)),
            };
            let listings: Vec<Listing> = match flow_logs.count() {
                0 => vec![Listing::new(Arc::clone(container), prefix)],
                _ => flow_logs.listings(from..=until).collect(),
            };
            let mut sources = Vec::new();
            for mut listing in listings {
                while let Some(page) = self.or_cancelled(listing.next()).await?.map_err(unlisted)? {
                    let within =
                        |source: &Source| source.hour.is_some_and(|hour| (from..=until).contains(&hour));
                    sources.extend(page.into_iter().filter(within));
                }
            }
            self.count_gone(&address, from..=until, &sources).await?;
            self.all(sources).await?;
            let Some(next) = until.checked_add(1) else { break };
            from = next;
        }
        Ok(())
    }

    /// What the table has read of these hours, and the container has no more.
    async fn count_gone(
        &mut self,
        address: &str,
        hours: RangeInclusive<i32>,
        sources: &[Source],
    ) -> Result<()> {
        let there: HashSet<&str> = sources.iter().map(|source| source.address.as_str()).collect();
        let positions = self.table.positions_of(hours).await?;
        let gone = positions
            .iter()
            .filter(|source| source.starts_with(address) && !there.contains(source.as_str()));
        self.done.gone += gone.count() as u64;
        Ok(())
    }

    async fn or_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let done = self.cancel.run_until_cancelled(work).await;
        done.ok_or(IngestError::Cancelled)
    }

    /// Reads sources again, group by group. Those of an hour share files of the table, so they are next to each other.
    async fn all(&mut self, mut sources: Vec<Source>) -> Result<()> {
        sources.sort_by(|left, right| (left.hour, &left.address).cmp(&(right.hour, &right.address)));
        self.progress
            .begin(sources.len(), sources.iter().map(|source| source.bytes).sum());
        let mut rest = sources.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut members, mut bytes) = (Vec::new(), 0);
            while let Some(source) =
                rest.next_if(|_| bytes < self.options.commit_bytes && members.len() < GROUP_SOURCES_MAX)
            {
                bytes += source.bytes;
                members.push(source);
            }
            self.group(members).await?;
        }
        Ok(())
    }

    /// One group, in as many commits as it needs.
    async fn group(&mut self, members: Vec<Source>) -> Result<()> {
        let mut pending = vec![members];
        let mut attempts = 0;
        while let Some(members) = pending.pop() {
            let (cancel, options) = (self.cancel, self.options);
            let end = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(IngestError::Cancelled),
                end = self.commit(&members) => end,
            };
            match end {
                Ok(End::Done) => attempts = 0,
                Ok(End::Only(count)) => {
                    let (first, rest) = members.split_at(count.clamp(1, members.len()));
                    pending.push(rest.to_vec());
                    pending.push(first.to_vec());
                }
                Ok(End::Without(failed)) => pending.push(self.leave_out(members, &failed)),
                Err(IngestError::Table(TableError::Conflict)) => {
                    attempts += 1;
                    if attempts >= ATTEMPTS_MAX {
                        return Err(TableError::ConflictAgain { attempts }.into());
                    }
                    let pause = backoff_millis(attempts, options.seed);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    pending.push(members);
                }
                Err(IngestError::Table(TableError::PartitionLimit { .. })) if members.len() > 1 => {
                    let (left, right) = members.split_at(members.len() / 2);
                    pending.push(right.to_vec());
                    pending.push(left.to_vec());
                }
                Err(other) => return Err(other),
            }
            pending.retain(|members| !members.is_empty());
        }
        Ok(())
    }

    /// Tells of those that could not be read. The others are left.
    fn leave_out(&mut self, members: Vec<Source>, failed: &[SourceOutcome]) -> Vec<Source> {
        for outcome in failed {
            self.progress.source(outcome);
            self.done.outcome.add(outcome);
        }
        self.done.kept += failed.len() as u64;
        let failed: HashSet<&str> = failed
            .iter()
            .map(|failed| failed.source.address.as_str())
            .collect();
        let left = members.into_iter();
        left.filter(|source| !failed.contains(source.address.as_str()))
            .collect()
    }

    /// Reads the sources and commits what came of them in place of what was there, if all of them could be read.
    async fn commit(&mut self, members: &[Source]) -> Result<End> {
        let mut transaction = self.table.begin().await?;
        let mut replaced = Vec::with_capacity(members.len());
        for source in members {
            replaced.push(Replaced {
                source: source.address.clone(),
                hour: source.hour,
                before: transaction.position(&source.address, source.hour).await?,
            });
        }
        let earlier: Vec<SourceId> = replaced
            .iter()
            .flat_map(Replaced::ids)
            .map(|(id, _)| id)
            .collect();
        self.known.replace(earlier.clone());
        let with = With {
            options: self.options,
            cancel: self.cancel,
            progress: &self.progress,
            again: true,
        };
        let gathered = gather(&mut transaction, members, &with, &mut self.known).await?;
        let failed = gathered.outcomes.iter().filter(|outcome| !is_whole(outcome));
        let failed: Vec<SourceOutcome> = failed.map(nothing_of).collect();
        if !failed.is_empty() {
            return Ok(End::Without(failed));
        }
        if gathered.outcomes.len() < members.len() {
            return Ok(End::Only(gathered.outcomes.len()));
        }
        let Gathered {
            outcomes,
            contributions,
            writer,
            now,
        } = gathered;
        let files = writer.finish().await?;
        let (version, withdrawn) = transaction.replace(files, contributions, &replaced, now).await?;
        self.progress.committed(version.0);
        self.done.withdrawn += withdrawn;
        self.earlier.extend(earlier);
        for outcome in outcomes {
            self.progress.source(&outcome);
            self.done.outcome.add(&outcome);
        }
        Ok(End::Done)
    }
}

/// It was read to its end, and there was something to read in what it holds.
fn is_whole(outcome: &SourceOutcome) -> bool {
    let is_read = matches!(outcome.status, Status::Read | Status::Anew(_));
    let is_garbage = outcome.records == 0 && outcome.bytes_given_up > 0;
    is_read && outcome.broken.is_none() && !is_garbage
}

/// What is told of one of which nothing is taken.
fn nothing_of(outcome: &SourceOutcome) -> SourceOutcome {
    let status = match (&outcome.status, &outcome.broken) {
        (Status::Read, Some(broken)) => Status::Failed {
            code: broken.code,
            message: format!("{}; what was stored of it before stays", broken.message),
        },
        (Status::Failed { code, message }, _) => Status::Failed {
            code: *code,
            message: format!("{message}; what was stored of it before stays"),
        },
        (Status::Read | Status::Anew(_), None) => Status::Failed {
            code: code::NOT_A_FLOW_LOG,
            message: "no record in it can be read; what was stored of it before stays".to_owned(),
        },
        (other, _) => other.clone(),
    };
    SourceOutcome::new(&outcome.source, status)
}
