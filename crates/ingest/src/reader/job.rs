//! A reading thread's work: sources one after another, their rows in batches that small ones share, and each
//! source's end once all its rows have been sent.

use std::io;
use std::ops::ControlFlow;

use formats::{Batching, FlowBatch, Quarantined, Sink};
use model::SourceId;
use model::limits::QUARANTINE_RAW_BYTES_PER_SOURCE_MAX;
use table::Position;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Finished, How, Opened, Reader};
use crate::sources::Source;

/// What a reading thread sends.
pub(crate) enum Message {
    /// Rows, of one source or of several.
    Batch(Brought),
    /// The next source is done with; its rows have all been sent.
    Done(Box<Finished>),
}

/// A batch, and where its rows are from.
pub(crate) struct Brought {
    pub(crate) batch: FlowBatch,
    /// Sources by their number among those of the job, in order; some may have no rows in it.
    pub(crate) sources: Vec<(usize, SourceId)>,
}

/// What a reading thread needs.
pub(crate) struct Job {
    /// What is to be read, in order, where reading stands in it, and what is to be done.
    pub(crate) sources: Vec<(Source, Option<Position>, Opened)>,
    pub(crate) how: How,
    pub(crate) sender: mpsc::Sender<Message>,
}

/// Sends what is read.
pub(super) struct Forward {
    sender: mpsc::Sender<Message>,
    cancel: CancellationToken,
    /// Sources that may have rows in the next batch.
    pub(super) begun: Vec<(usize, SourceId)>,
    /// Sources done with whose rows have not all been sent.
    waiting: Vec<Finished>,
    /// Records sent; a record that comes in parts counts for each.
    records: u64,
    /// Of the source that is being read.
    pub(super) quarantined: Vec<Quarantined>,
    raw_bytes: usize,
}

impl Forward {
    pub(super) fn new(sender: mpsc::Sender<Message>, cancel: CancellationToken) -> Self {
        Self {
            sender,
            cancel,
            begun: Vec::new(),
            waiting: Vec::new(),
            records: 0,
            quarantined: Vec::new(),
            raw_bytes: 0,
        }
    }

    /// Another source is read.
    pub(super) fn begin(&mut self) {
        self.quarantined.clear();
        self.raw_bytes = 0;
    }

    /// False if nobody listens any more.
    fn send(&self, message: Message) -> bool {
        !self.cancel.is_cancelled() && self.sender.blocking_send(message).is_ok()
    }

    /// A source is done with. False if nobody listens any more.
    fn done(&mut self, finished: Finished, all_sent: bool) -> bool {
        self.waiting.push(finished);
        !all_sent || self.send_waiting()
    }

    fn send_waiting(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        waiting
            .into_iter()
            .all(|finished| self.send(Message::Done(Box::new(finished))))
    }
}

impl Sink for Forward {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.records += batch.records.len() as u64;
        let sources = self.begun.clone();
        // The last of them may go on.
        self.begun.drain(..self.begun.len().saturating_sub(1));
        if self.send(Message::Batch(Brought { batch, sources })) && self.send_waiting() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn quarantine(&mut self, mut item: Quarantined) {
        // Beyond this only the place is kept: the source has the bytes.
        if self.raw_bytes > QUARANTINE_RAW_BYTES_PER_SOURCE_MAX {
            item.raw.clear();
        }
        self.raw_bytes += item.raw.len();
        self.quarantined.push(item);
    }
}

impl Job {
    /// Reads the sources and sends their rows, and each one's end. Stops between two sources when it has
    /// read, or put aside, as much as memory should hold of one job.
    pub(crate) fn run(self) -> io::Result<()> {
        let mut batching = Batching::new(self.how.seed);
        let mut forward = Forward::new(self.sender, self.how.cancel.clone());
        let (mut put_aside, mut read) = (0, 0);
        for (number, (source, before, opened)) in self.sources.into_iter().enumerate() {
            let mut reader = Reader {
                source: &source,
                before: before.as_ref(),
                how: &self.how,
                batching: &mut batching,
                forward: &mut forward,
            };
            let finished = reader.read(number, opened);
            put_aside += held_bytes(&finished.quarantined);
            read += finished.report.counts.records;
            // A receiver that is gone has been cancelled.
            if !forward.done(finished, batching.is_empty()) {
                return Ok(());
            }
            if put_aside > QUARANTINE_BYTES_PER_JOB_MAX || read.max(forward.records) > self.how.records_max {
                break;
            }
        }
        if batching.flush(&mut forward)?.is_continue() {
            forward.send_waiting();
        }
        Ok(())
    }
}

/// What waits for its commit, about; the rest of a job's sources is left to another.
const QUARANTINE_BYTES_PER_JOB_MAX: usize = 8 << 20;

fn held_bytes(quarantined: &[Quarantined]) -> usize {
    let held = |item: &Quarantined| item.raw.len() + size_of::<Quarantined>();
    quarantined.iter().map(held).sum()
}
