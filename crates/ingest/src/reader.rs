//! Reading one source: where to begin, what its bytes hash to, and its batches.
//!
//! A source that was read before is continued if the bytes before the cursor still hash the same;
//! otherwise it is read anew as another incarnation. Runs in a blocking thread, one source at a time;
//! small sources that follow one another are one thread's work, and share their batches.

mod hashing;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use formats::{Batching, Compression, FlowBatch, Options, Quarantined, Report, Sink};
use model::codes::list as code;
use model::limits::QUARANTINE_RAW_BYTES_PER_SOURCE_MAX;
use model::{Code, SourceId};
use table::Position;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Progress;
use crate::outcome::{Broken, Status};
use crate::sources::{Source, modified_nanos};
use hashing::{Hashing, States, hash_prefix};

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

/// The end of a source.
pub(crate) struct Finished {
    pub(crate) status: Status,
    pub(crate) incarnation: u32,
    /// Where reading goes on another time; none if it begins anew.
    pub(crate) position: Option<Position>,
    pub(crate) range: std::ops::Range<u64>,
    pub(crate) range_sha256: String,
    /// SHA-256 of the source up to the end of the range.
    pub(crate) sha256: String,
    pub(crate) compression: Compression,
    pub(crate) report: Report,
    /// Why reading stopped before the end; what came before it is good.
    pub(crate) broken: Option<Broken>,
    pub(crate) quarantined: Vec<Quarantined>,
}

impl Finished {
    pub(crate) fn of(status: Status) -> Self {
        Self {
            status,
            incarnation: 0,
            position: None,
            range: 0..0,
            range_sha256: String::new(),
            sha256: String::new(),
            compression: Compression::None,
            report: Report::default(),
            broken: None,
            quarantined: Vec::new(),
        }
    }

    fn failed(code: Code, message: String) -> Self {
        Self::of(Status::Failed { code, message })
    }
}

/// What a reading thread needs.
pub(crate) struct Job {
    /// What is to be read, in order, and where reading stands in it.
    pub(crate) sources: Vec<(Source, Option<Position>)>,
    pub(crate) how: How,
    pub(crate) sender: mpsc::Sender<Message>,
}

/// How sources are read.
#[derive(Clone)]
pub(crate) struct How {
    pub(crate) verify: bool,
    pub(crate) seed: u64,
    pub(crate) rows: Arc<formats::RowOptions>,
    /// Records after which a job ends with the source that it reads.
    pub(crate) records_max: usize,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Arc<dyn Progress>,
}

/// One source being read.
struct Reader<'j> {
    source: &'j Source,
    before: Option<&'j Position>,
    how: &'j How,
    batching: &'j mut Batching,
    forward: &'j mut Forward,
}

/// What came out of a source.
struct Reading {
    status: Status,
    incarnation: u32,
    compression: Compression,
    report: Report,
    broken: Option<Broken>,
}

/// What was read of a source as stored, and its hashes.
struct Hashed {
    range: std::ops::Range<u64>,
    range_sha256: String,
    sha256: String,
}

/// Sends what is read.
struct Forward {
    sender: mpsc::Sender<Message>,
    cancel: CancellationToken,
    /// Sources that may have rows in the next batch.
    begun: Vec<(usize, SourceId)>,
    /// Sources done with whose rows have not all been sent.
    waiting: Vec<Finished>,
    /// Records sent.
    records: usize,
    /// Of the source that is being read.
    quarantined: Vec<Quarantined>,
    raw_bytes: usize,
}

impl Forward {
    fn new(sender: mpsc::Sender<Message>, cancel: CancellationToken) -> Self {
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
        self.records += batch.records.len();
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
        let mut put_aside = 0;
        for (number, (source, before)) in self.sources.iter().enumerate() {
            let mut reader = Reader {
                source,
                before: before.as_ref(),
                how: &self.how,
                batching: &mut batching,
                forward: &mut forward,
            };
            let finished = reader.read(number);
            put_aside += held_bytes(&finished.quarantined);
            // A receiver that is gone has been cancelled.
            if !forward.done(finished, batching.is_empty()) {
                return Ok(());
            }
            if put_aside > QUARANTINE_BYTES_PER_JOB_MAX || forward.records > self.how.records_max {
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

impl<'j> Reader<'j> {
    /// Reads the source; its rows are with the batches.
    fn read(&mut self, number: usize) -> Finished {
        self.forward.quarantined.clear();
        self.forward.raw_bytes = 0;
        let finished = match &self.source.path {
            None => self.read_stream(number),
            Some(path) => File::open(path).and_then(|file| self.read_file(number, file)),
        };
        finished.unwrap_or_else(|error| Finished::failed(code::SOURCE_IO, table::io_reason(&error)))
    }

    /// How the source is read as this incarnation; its rows are announced.
    fn options(&mut self, number: usize, incarnation: u32, start: u64) -> Options {
        let id = Position::source_id(&self.source.address, incarnation);
        self.forward.begun.push((number, id));
        Options {
            start,
            seed: self.how.seed,
            rows: Arc::clone(&self.how.rows),
            ..Options::new(id)
        }
    }

    fn read_stream(&mut self, number: usize) -> io::Result<Finished> {
        let input = Hashing::new(self.counting(self.source.open()?), 0, sha2_new());
        let (reading, states) = self.decode(number, input, Status::Read, 0)?;
        let (length, sha256) = states.whole();
        let hashed = Hashed {
            range: 0..length,
            range_sha256: sha256.clone(),
            sha256,
        };
        Ok(self.finish(reading, hashed, None))
    }

    /// Reads a source from its beginning, whatever its compression.
    fn decode<R: Read>(
        &mut self,
        number: usize,
        input: Hashing<R>,
        status: Status,
        incarnation: u32,
    ) -> io::Result<(Reading, States)> {
        let states = input.states();
        let mut input = formats::decompress(input)?;
        let compression = input.compression();
        let options = self.options(number, incarnation, 0);
        let report = self.batching.read(&mut input, options, self.forward);
        let broken = input.failure.map(|code| Broken {
            code,
            message: code.title().to_owned(),
        });
        let reading = Reading {
            status,
            incarnation,
            compression,
            report,
            broken,
        };
        Ok((reading, states))
    }

    fn read_file(&mut self, number: usize, mut file: File) -> io::Result<Finished> {
        let meta = file.metadata()?;
        let (size, modified) = (meta.len(), modified_nanos(&meta));
        let (status, incarnation) = match self.before {
            None => (Status::Read, 0),
            Some(before)
                if !self.how.verify
                    && before.size == size
                    && before.modified == modified
                    && modified != 0 =>
            {
                return Ok(Finished::of(Status::Unchanged));
            }
            // A source that held nothing complete when it was seen has nothing to go on from.
            Some(before) if before.length == 0 => (Status::Read, before.incarnation),
            Some(before) if size < before.length => {
                (Status::Anew(code::SOURCE_SHRUNK), before.incarnation + 1)
            }
            Some(before) => {
                let (state, hex) = hash_prefix(&mut self.counting(&mut file), before.length)?;
                let same = hex == before.sha256;
                // Positions of the first writers do not say.
                let compressed = before.compressed.unwrap_or(before.cursor != before.length);
                if same && (size == before.length || (compressed && size == before.size)) {
                    let position = Position {
                        size,
                        modified,
                        ..before.clone()
                    };
                    return Ok(Finished {
                        position: Some(position),
                        ..Finished::of(Status::Unchanged)
                    });
                }
                if same && !compressed {
                    return self.read_on(number, file, before, state, (size, modified));
                }
                file.seek(SeekFrom::Start(0))?;
                let why = if compressed {
                    code::SOURCE_COMPRESSED
                } else {
                    code::SOURCE_CHANGED
                };
                (Status::Anew(why), before.incarnation + 1)
            }
        };
        self.read_whole(number, file, (status, incarnation), (size, modified))
    }

    fn read_whole(
        &mut self,
        number: usize,
        mut file: File,
        (status, incarnation): (Status, u32),
        (size, modified): (u64, i64),
    ) -> io::Result<Finished> {
        let input = Hashing::new(self.counting(&mut file), 0, sha2_new());
        let (reading, states) = self.decode(number, input, status, incarnation)?;
        // What lies behind the last complete record is read again when the source has grown.
        let up_to_cursor = match reading.compression {
            Compression::None => states.up_to(reading.report.cursor, &mut file).ok(),
            Compression::Gzip | Compression::Zstd => None,
        };
        let (end, sha256) = match up_to_cursor {
            Some(sha256) => (reading.report.cursor, sha256),
            None => states.whole(),
        };
        let hashed = Hashed {
            range: 0..end,
            range_sha256: sha256.clone(),
            sha256,
        };
        let position = self.position(&reading, &hashed, (size, modified));
        Ok(self.finish(reading, hashed, position))
    }

    /// Goes on where an earlier run stopped; `file` stands just behind the hashed bytes.
    fn read_on(
        &mut self,
        number: usize,
        mut file: File,
        before: &Position,
        state: sha2::Sha256,
        (size, modified): (u64, i64),
    ) -> io::Result<Finished> {
        let beginning = beginning(&mut file, before.cursor)?;
        let mut input = Hashing::new(self.counting(&mut file), before.cursor, sha2_new());
        let states = input.states();
        let options = Options {
            beginning: Some(beginning),
            ..self.options(number, before.incarnation, before.cursor)
        };
        let report = self.batching.read(&mut input, options, self.forward);
        drop(input);
        let reading = Reading {
            status: Status::Continued,
            incarnation: before.incarnation,
            compression: Compression::None,
            report,
            broken: None,
        };
        let range = before.cursor..reading.report.cursor;
        let range_sha256 = states.up_to(range.end, &mut file);
        let sha256 = hashing::extend(state, &mut file, range.clone());
        let (hashed, position) = match (range_sha256, sha256) {
            (Ok(range_sha256), Ok(sha256)) => {
                let hashed = Hashed {
                    range,
                    range_sha256,
                    sha256,
                };
                let position = self.position(&reading, &hashed, (size, modified));
                (hashed, position)
            }
            // The bytes cannot be read a second time; what was read of them is good all the same.
            _ => {
                let (length, range_sha256) = states.whole();
                let hashed = Hashed {
                    range: before.cursor..length,
                    range_sha256,
                    sha256: before.sha256.clone(),
                };
                (hashed, Some(before.clone()))
            }
        };
        Ok(self.finish(reading, hashed, position))
    }

    /// Where reading goes on another time. After a failure nothing is taken as seen but what is complete,
    /// and a compressed source, which cannot be entered in the middle, is read anew.
    fn position(&self, reading: &Reading, hashed: &Hashed, (size, modified): (u64, i64)) -> Option<Position> {
        let failed = reading.report.failure.is_some();
        if failed && (reading.compression != Compression::None || hashed.range.end != reading.report.cursor) {
            return None;
        }
        Some(Position {
            source: self.source.address.clone(),
            incarnation: reading.incarnation,
            cursor: reading.report.cursor,
            length: hashed.range.end,
            sha256: hashed.sha256.clone(),
            size: if failed { hashed.range.end } else { size },
            modified: if failed { 0 } else { modified },
            compressed: Some(reading.compression != Compression::None),
            hour: self.source.hour,
        })
    }

    fn finish(&mut self, mut reading: Reading, hashed: Hashed, position: Option<Position>) -> Finished {
        if let Some(error) = reading.report.failure.take() {
            let message = table::io_reason(&error);
            if reading.report.counts.records == 0 {
                return Finished::failed(code::SOURCE_IO, message);
            }
            reading.broken = Some(Broken {
                code: code::SOURCE_IO,
                message,
            });
        }
        if let Some(refused) = reading.report.refused {
            return Finished::failed(refused, refused.title().to_owned());
        }
        if reading.report.unrecognised {
            return Finished::failed(code::NOT_A_FLOW_LOG, code::NOT_A_FLOW_LOG.title().to_owned());
        }
        Finished {
            status: reading.status,
            incarnation: reading.incarnation,
            position,
            range: hashed.range,
            range_sha256: hashed.range_sha256,
            sha256: hashed.sha256,
            compression: reading.compression,
            report: reading.report,
            broken: reading.broken,
            quarantined: std::mem::take(&mut self.forward.quarantined),
        }
    }

    fn counting<R: Read>(&self, read: R) -> Counting<'j, R> {
        Counting { read, how: self.how }
    }
}

/// How a source begins that is read from a place further on: by that its form is known, and the header
/// of its rows. The file stands at that place afterwards.
fn beginning(file: &mut File, cursor: u64) -> io::Result<Arc<[u8]>> {
    let mut beginning = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    let length = cursor.min(model::limits::DETECT_BYTES_MAX as u64);
    file.by_ref().take(length).read_to_end(&mut beginning)?;
    file.seek(SeekFrom::Start(cursor))?;
    Ok(beginning.into())
}

fn sha2_new() -> sha2::Sha256 {
    <sha2::Sha256 as sha2::Digest>::new()
}

/// Tells the progress, and ends the input when somebody asks to stop.
struct Counting<'j, R> {
    read: R,
    how: &'j How,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.how.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        let count = self.read.read(buffer)?;
        self.how.progress.bytes(count as u64);
        Ok(count)
    }
}
