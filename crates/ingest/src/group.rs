//! One group of sources in one transaction.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use formats::{FlowBatch, Quarantined, Tally};
use model::SourceId;
use model::codes::list as code;
use model::limits::{QUARANTINE_BYTES_PER_COMMIT_MAX, QUARANTINE_ROWS_PER_SOURCE_MAX};
use table::{Contribution, IngestRow, Position, QuarantineRow, Snapshot, Table, Transaction, Writer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::duplicates::{Admitted, Brought, Index, PutAside};
use crate::error::{IngestError, Result};
use crate::outcome::{SourceOutcome, Status};
use crate::reader::{Finished, Job, Message};
use crate::sources::Source;
use crate::{IngestOptions, Progress};

/// Batches that a reading thread may be ahead of the writer.
const BATCHES_AHEAD: usize = 2;

/// Row groups that may be in the making at once: each holds the rows of one, 40 MB.
const ROW_GROUPS_AHEAD_MAX: usize = 2;

struct Reading {
    source: Source,
    receiver: mpsc::Receiver<Message>,
    thread: tokio::task::JoinHandle<()>,
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
    let mut waiting = members.iter();
    let mut reading: VecDeque<Reading> = VecDeque::new();
    loop {
        while reading.len() < options.threads.max(1) && quarantined < QUARANTINE_BYTES_PER_COMMIT_MAX {
            let Some(source) = waiting.next() else { break };
            reading.push_back(start(source, &mut transaction, options, cancel, progress).await?);
        }
        let Some(next) = reading.pop_front() else { break };
        let (outcome, contribution) = take(next, &mut writer, known, &flows).await?;
        outcomes.push(outcome);
        quarantined += contribution.as_ref().map_or(0, held_bytes);
        contributions.extend(contribution);
        if known.is_full() {
            // What else is being read stops when its receiver is gone, and is read in the next group.
            break;
        }
    }
    drop(reading);
    if cancel.is_cancelled() {
        return Err(IngestError::Cancelled);
    }
    let files = writer.finish().await?;
    if !contributions.is_empty() {
        let version = transaction.commit(files, contributions, now).await?;
        known.committed(version);
        progress.committed(version.0);
    }
    Ok(outcomes)
}

async fn start(
    source: &Source,
    transaction: &mut Transaction<'_>,
    options: &IngestOptions,
    cancel: &CancellationToken,
    progress: &Arc<dyn Progress>,
) -> Result<Reading> {
    let before = match source.path {
        Some(_) => transaction.position(&source.address, source.hour).await?,
        None => None,
    };
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let job = Job {
        source: source.clone(),
        before,
        verify: options.verify,
        seed: options.seed,
        rows: Arc::clone(&options.rows),
        cancel: cancel.clone(),
        progress: Arc::clone(progress),
        sender,
    };
    Ok(Reading {
        source: source.clone(),
        receiver,
        thread: tokio::task::spawn_blocking(move || job.run()),
    })
}

/// Takes one source's rows in to its end.
async fn take(
    mut reading: Reading,
    writer: &mut Writer,
    known: &mut Index,
    flows: &Snapshot,
) -> Result<(SourceOutcome, Option<Contribution>)> {
    let mut taken = Taken::default();
    while let Some(message) = reading.receiver.recv().await {
        match message {
            Message::Batch(batch) => {
                let brought = brought(&reading.source.address, batch_source(&batch));
                let admitted = known.admit(batch, &brought, flows).await?;
                if admitted.rows.num_rows() > 0 {
                    writer.write(&admitted.rows).await?;
                }
                taken.add(admitted);
            }
            Message::Done(finished) => {
                reading
                    .thread
                    .await
                    .map_err(|error| IngestError::Thread(error.to_string()))?;
                if finished.report.cancelled {
                    return Err(IngestError::Cancelled);
                }
                let mut finished = *finished;
                taken.leave_out_known(&mut finished);
                return Ok(conclude(&reading.source, finished, &taken));
            }
        }
    }
    match reading.thread.await {
        Err(error) => Err(IngestError::Thread(error.to_string())),
        Ok(()) => Err(IngestError::Cancelled),
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
    fn add(&mut self, admitted: Admitted) {
        for item in admitted.put_aside {
            match &mut self.open {
                Some(open) if open.record_offset == item.record_offset => open.add(&item),
                _ => self.close_record(Some(item)),
            }
        }
        self.stored += admitted.rows.num_rows() as u64;
        self.skipped += admitted.skipped;
        self.elsewhere += admitted.elsewhere;
        self.repeated += admitted.repeated;
        if let Some((first, last)) = admitted.times {
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

fn batch_source(batch: &FlowBatch) -> SourceId {
    let column = batch.rows.column_by_name("SourceId");
    let ids = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    SourceId(ids.and_then(|ids| ids.values().first().copied()).unwrap_or(0))
}

fn conclude(source: &Source, finished: Finished, taken: &Taken) -> (SourceOutcome, Option<Contribution>) {
    let counts = &finished.report.counts;
    let mut outcome = counted(source, &finished, taken);
    let read_something = matches!(
        finished.status,
        Status::Read | Status::Continued | Status::Anew(_)
    );
    if counts.records == 0 && matches!(finished.status, Status::Read | Status::Anew(_)) {
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
    outcome.broken.clone_from(&finished.broken);
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
