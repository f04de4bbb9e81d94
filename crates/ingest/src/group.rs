//! One group of sources in one transaction.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use formats::{Quarantined, Tally};
use futures::future::join_all;
use model::SourceId;
use model::codes::list as code;
use model::limits::{QUARANTINE_BYTES_PER_COMMIT_MAX, QUARANTINE_ROWS_PER_SOURCE_MAX};
use table::{Contribution, IngestRow, Position, QuarantineRow, Snapshot, Table, Transaction, Writer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::duplicates::{Brought, Index, PutAside, Share};
use crate::error::{IngestError, Result};
use crate::outcome::{SourceOutcome, Status};
use crate::reader::{Finished, How, Job, Message, open};
use crate::sources::Source;
use crate::{IngestOptions, Progress};

/// Messages that a reading thread may be ahead of the writer: a batch, or that a source is done with.
const MESSAGES_AHEAD: usize = 2;

/// Row groups that may be in the making at once: each holds the rows of one, 40 MB.
const ROW_GROUPS_AHEAD_MAX: usize = 2;

/// Sources up to this size share a reading thread, and its batches, with their neighbours.
const SMALL_SOURCE_BYTES_MAX: u64 = 1 << 20;
/// Bytes of small sources that one thread reads: enough for a few batches.
const JOB_BYTES: u64 = 4 << 20;
const JOB_SOURCES_MAX: usize = 64;
/// Records of a job's sources: far more than those bytes ordinarily hold.
const JOB_RECORDS_MAX: usize = 50_000;

struct Reading<'m> {
    sources: &'m [Source],
    receiver: mpsc::Receiver<Message>,
    thread: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// How many of the sources are the next job. A source hangs on its neighbours in nothing but the batches.
fn job_size(sources: &[Source]) -> usize {
    let small = |source: &&Source| source.has_position() && source.new_bytes <= SMALL_SOURCE_BYTES_MAX;
    let mut bytes = 0;
    let together = sources.iter().take(JOB_SOURCES_MAX).take_while(small);
    let together = together.take_while(|source| {
        let room = bytes < JOB_BYTES;
        bytes += source.new_bytes;
        room
    });
    together.count().max(1).min(sources.len())
}

/// Reads the sources, stores what is new, and commits. The outcomes are those of the first members: a
/// group ends early when it has put aside as much as memory should hold.
pub(crate) async fn commit(
    table: &mut Table,
    members: &[Source],
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: &Arc<dyn Progress>,
    known: &mut Index,
) -> Result<Vec<SourceOutcome>> {
    let mut transaction = table.begin().await?;
    let with = With {
        options,
        cancel,
        progress,
        again: false,
    };
    let gathered = gather(&mut transaction, members, &with, known).await?;
    let files = gathered.writer.finish().await?;
    let contributions = gathered.contributions;
    if !contributions.is_empty() {
        let version = transaction.commit(files, contributions, gathered.now).await?;
        known.committed(version);
        progress.committed(version.0);
    }
    Ok(gathered.outcomes)
}

/// How a group is read.
pub(crate) struct With<'g> {
    pub(crate) options: &'g IngestOptions,
    pub(crate) cancel: &'g CancellationToken,
    pub(crate) progress: &'g Arc<dyn Progress>,
    /// Everything from its beginning, as the next incarnation.
    pub(crate) again: bool,
}

/// What was read of a group, and not committed yet.
pub(crate) struct Gathered {
    /// Of the first members.
    pub(crate) outcomes: Vec<SourceOutcome>,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) writer: Writer,
    pub(crate) now: i64,
}

/// Reads the sources, and writes what is new.
pub(crate) async fn gather(
    transaction: &mut Transaction<'_>,
    members: &[Source],
    with: &With<'_>,
    known: &mut Index,
) -> Result<Gathered> {
    let With { options, cancel, .. } = *with;
    let flows = transaction.flows()?;
    known.begin(flows.version);
    let now = (options.clock)();
    let mut writer = transaction
        .writer(now)
        .with_partitions_max(options.partitions_max)
        .with_groups_ahead(options.threads.min(ROW_GROUPS_AHEAD_MAX));
    let mut outcomes = Vec::with_capacity(members.len());
    let mut contributions = Vec::new();
    let mut quarantined = 0;
    let how = How {
        verify: options.verify,
        again: with.again,
        seed: options.seed,
        rows: Arc::clone(&options.rows),
        read_as: options.rows.spelled(),
        clock: Arc::clone(&options.clock),
        records_max: options.records_max.min(JOB_RECORDS_MAX) as u64,
        cancel: cancel.clone(),
        progress: Arc::clone(with.progress),
    };
    let mut waiting = members;
    let mut reading: VecDeque<Reading<'_>> = VecDeque::new();
    loop {
        while reading.len() < options.threads.max(1) && quarantined < QUARANTINE_BYTES_PER_COMMIT_MAX {
            let (next, rest) = waiting.split_at(job_size(waiting));
            if next.is_empty() {
                break;
            }
            waiting = rest;
            reading.push_back(start(next, transaction, &how).await?);
        }
        let Some(next) = reading.pop_front() else { break };
        let sources = next.sources;
        let concluded = take(next, &mut writer, known, &flows, &how).await?;
        let left = sources.get(concluded.len()..).unwrap_or(&[]);
        if !left.is_empty() && quarantined < QUARANTINE_BYTES_PER_COMMIT_MAX {
            reading.push_front(start(left, transaction, &how).await?);
        }
        for (outcome, contribution) in concluded {
            outcomes.push(outcome);
            quarantined += contribution.as_ref().map_or(0, held_bytes);
            contributions.extend(contribution);
        }
        if known.is_full() || (!left.is_empty() && quarantined >= QUARANTINE_BYTES_PER_COMMIT_MAX) {
            // What else is being read stops when its receiver is gone, and is read in the next group.
            break;
        }
    }
    drop(reading);
    if cancel.is_cancelled() {
        return Err(IngestError::Cancelled);
    }
    Ok(Gathered {
        outcomes,
        contributions,
        writer,
        now,
    })
}

async fn start<'m>(
    members: &'m [Source],
    transaction: &mut Transaction<'_>,
    how: &How,
) -> Result<Reading<'m>> {
    let mut sources = Vec::with_capacity(members.len());
    for source in members {
        let before = match source.has_position() {
            true => transaction.position(&source.address, source.hour).await?,
            false => None,
        };
        sources.push((source.clone(), before));
    }
    let (sender, receiver) = mpsc::channel(MESSAGES_AHEAD);
    let how = how.clone();
    Ok(Reading {
        sources: members,
        receiver,
        thread: tokio::spawn(opened_and_read(sources, how, sender)),
    })
}

/// Asks for what is to be read of all sources at once, and reads it in a thread.
async fn opened_and_read(
    sources: Vec<(Source, Option<Position>)>,
    how: How,
    sender: mpsc::Sender<Message>,
) -> std::io::Result<()> {
    let opened = join_all(
        sources
            .iter()
            .map(|(source, before)| open(source, before.as_ref(), &how)),
    )
    .await;
    let sources = sources.into_iter().zip(opened);
    let sources = sources.map(|((source, before), opened)| (source, before, opened));
    let job = Job {
        sources: sources.collect(),
        how,
        sender,
    };
    tokio::task::spawn_blocking(move || job.run()).await?
}

/// Takes the rows of a job's sources in, each to its end. The job may leave the last of them.
async fn take(
    mut reading: Reading<'_>,
    writer: &mut Writer,
    known: &mut Index,
    flows: &Snapshot,
    how: &How,
) -> Result<Vec<(SourceOutcome, Option<Contribution>)>> {
    let mut taken: Vec<Taken> = reading.sources.iter().map(|_| Taken::default()).collect();
    let mut concluded = Vec::with_capacity(reading.sources.len());
    let mut records = 0;
    while let Some(message) = reading.receiver.recv().await {
        match message {
            Message::Batch(brought) => {
                let sources: Vec<Brought> = brought
                    .sources
                    .iter()
                    .filter_map(|(number, id)| {
                        let address = &reading.sources.get(*number)?.address;
                        Some(self::brought(address, *id))
                    })
                    .collect();
                // A job that has sent so many records ends with the source that it reads.
                let last = reading.sources.len() == 1 || records > how.records_max;
                records += brought.batch.records.len() as u64;
                let admitted = known.admit(brought.batch, &sources, last, flows).await?;
                if admitted.rows.num_rows() > 0 {
                    writer.write(&admitted.rows).await?;
                }
                for ((number, _), share) in brought.sources.iter().zip(admitted.shares) {
                    if let Some(taken) = taken.get_mut(*number) {
                        taken.add(share);
                    }
                }
            }
            Message::Done(finished) => {
                if finished.report.cancelled {
                    return Err(IngestError::Cancelled);
                }
                let number = concluded.len();
                let mut finished = *finished;
                if let Some((source, taken)) = reading.sources.get(number).zip(taken.get_mut(number)) {
                    taken.leave_out_known(&mut finished);
                    concluded.push(conclude(source, finished, taken));
                }
            }
        }
    }
    match reading.thread.await {
        Err(error) => Err(IngestError::Thread(error.to_string())),
        Ok(Err(error)) => Err(IngestError::Thread(error.to_string())),
        Ok(Ok(())) if concluded.is_empty() || how.cancel.is_cancelled() => Err(IngestError::Cancelled),
        Ok(Ok(())) => Ok(concluded),
    }
}

/// What was taken from a source's batches.
#[derive(Default)]
struct Taken {
    /// Rows handed to the writer.
    stored: u64,
    skipped: u64,
    elsewhere: u64,
    repeated: u64,
    times: Option<(i64, i64)>,
    /// What could not be read of the record read last: its parts come one after another.
    open: Option<PutAside>,
    /// Records of which something could not be read.
    torn: usize,
    /// Those of them that the table holds: offsets, and the sum of what could not be read.
    known: HashSet<u64>,
    known_tuples: u64,
    known_codes: Tally,
}

impl Taken {
    fn add(&mut self, share: Share) {
        for item in share.put_aside {
            match &mut self.open {
                Some(open) if open.record_offset == item.record_offset => open.add(&item),
                _ => self.close_record(Some(item)),
            }
        }
        self.stored += share.stored;
        self.skipped += share.skipped;
        self.elsewhere += share.elsewhere;
        self.repeated += share.repeated;
        if let Some((first, last)) = share.times {
            self.times = Some(
                self.times
                    .map_or((first, last), |(min, max)| (min.min(first), max.max(last))),
            );
        }
    }
}

impl Taken {
    fn close_record(&mut self, next: Option<PutAside>) {
        let Some(item) = std::mem::replace(&mut self.open, next) else {
            return;
        };
        self.torn += 1;
        if !item.known {
            return;
        }
        self.known_tuples += item.tuples;
        self.known_codes.merge(&item.codes);
        // Of later records nothing is kept in quarantine.
        if self.torn <= QUARANTINE_ROWS_PER_SOURCE_MAX {
            self.known.insert(item.record_offset);
        }
    }

    /// What cannot be read of a record that the table holds was put aside when the record came first.
    fn leave_out_known(&mut self, finished: &mut Finished) {
        self.close_record(None);
        self.skipped += self.known_tuples;
        finished.report.counts.tuples_quarantined -= self.known_tuples;
        finished.report.quarantined.take_out(&self.known_codes);
        finished
            .quarantined
            .retain(|item| !item.record_offset.is_some_and(|at| self.known.contains(&at)));
    }
}

/// Incarnations of one source that are told apart from other sources.
const INCARNATIONS_MAX: u32 = 10_000;

/// The source of a batch, with what it was before its bytes changed.
fn brought(address: &str, id: SourceId) -> Brought {
    let earlier = (0..INCARNATIONS_MAX)
        .map(|incarnation| Position::source_id(address, incarnation))
        .take_while(|earlier| *earlier != id)
        .collect();
    Brought { id, earlier }
}

fn conclude(source: &Source, finished: Finished, taken: &Taken) -> (SourceOutcome, Option<Contribution>) {
    let counts = &finished.report.counts;
    let mut outcome = counted(source, &finished, taken);
    let read_something = matches!(
        finished.status,
        Status::Read | Status::Continued | Status::Anew(_)
    );
    let nothing = counts.records == 0 && finished.report.waits_at.is_none();
    if nothing && matches!(finished.status, Status::Read | Status::Anew(_)) {
        outcome.oddities.note(code::NO_RECORDS);
    }
    assert_eq!(
        counts.tuples_received,
        outcome.stored + outcome.skipped + outcome.quarantined,
        "{counts:?}"
    );
    if !read_something && finished.position.is_none() {
        return (outcome, None);
    }
    let source_id = Position::source_id(&source.address, finished.incarnation);
    if outcome.status == Status::Continued && counts.records == 0 && counts.tuples_received == 0 {
        // Only what comes after the last complete record has changed.
        outcome.status = Status::Unchanged;
    }
    let row = (read_something && outcome.status != Status::Unchanged).then(|| IngestRow {
        source: source.address.clone(),
        source_id,
        incarnation: finished.incarnation,
        range: finished.range.clone(),
        sha256: finished.range_sha256,
        source_sha256: finished.sha256,
        compression: finished.compression.as_str(),
        bytes_decoded: counts.bytes_read,
        bytes_given_up: counts.bytes_given_up,
        records: counts.records,
        tuples_received: counts.tuples_received,
        tuples_stored: outcome.stored,
        tuples_skipped: taken.skipped,
        tuples_quarantined: outcome.quarantined,
        records_repeated: taken.repeated,
        times: taken.times,
        oddities: tally_json(&outcome.oddities),
    });
    let quarantined = quarantine_rows(source, source_id, finished.quarantined);
    (
        outcome,
        Some(Contribution {
            source: source.address.clone(),
            position: finished.position,
            row,
            quarantined,
        }),
    )
}

/// What was read, in numbers.
fn counted(source: &Source, finished: &Finished, taken: &Taken) -> SourceOutcome {
    let counts = &finished.report.counts;
    let mut outcome = SourceOutcome::new(source, finished.status.clone());
    outcome.bytes = finished.range.end - finished.range.start;
    outcome.bytes_given_up = counts.bytes_given_up;
    outcome.truncated_at = finished.report.truncated_at;
    outcome.waits_at = finished.report.waits_at;
    outcome.looks = finished.report.looks;
    outcome.broken.clone_from(&finished.broken);
    outcome.passes = finished.passes;
    outcome.records = counts.records;
    outcome.stored = taken.stored;
    outcome.skipped = taken.skipped;
    outcome.quarantined = counts.tuples_quarantined;
    outcome.quarantine = finished.report.quarantined.clone();
    let all: u64 = outcome.quarantine.iter().map(|(_, count)| count).sum();
    outcome.quarantine_overflow = all.saturating_sub(finished.quarantined.len() as u64);
    outcome.oddities = finished.report.oddities.clone();
    outcome.oddities.add(code::RECORD_KNOWN, taken.elsewhere);
    outcome
}

fn quarantine_rows(source: &Source, source_id: SourceId, items: Vec<Quarantined>) -> Vec<QuarantineRow> {
    items
        .into_iter()
        .map(|item| QuarantineRow {
            source: source.address.clone(),
            source_id,
            code: item.code.to_string(),
            offset: item.offset,
            length: item.length,
            record_offset: item.record_offset,
            tuple_index: item.tuple_index,
            raw: item.raw,
        })
        .collect()
}

/// What the quarantine of one source holds in memory, about.
fn held_bytes(contribution: &Contribution) -> usize {
    contribution
        .quarantined
        .iter()
        .map(|row| row.raw.len() + row.source.len() + size_of::<QuarantineRow>())
        .sum()
}

/// `{"FG1306":2}`; nothing where nothing was odd.
fn tally_json(tally: &formats::Tally) -> Option<String> {
    if tally.is_empty() {
        return None;
    }
    let members: Vec<String> = tally
        .iter()
        .map(|(code, count)| format!("\"{code}\":{count}"))
        .collect();
    Some(format!("{{{}}}", members.join(",")))
}
