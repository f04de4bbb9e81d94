//! Reading one source: where to begin, what its bytes hash to, and its batches.
//!
//! A source that was read before is continued if the bytes before the cursor still hash the same;
//! otherwise it is read anew as another incarnation. Runs in a blocking thread, one source at a time.

mod hashing;

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use formats::{Compression, FlowBatch, Options, Quarantined, Report, Sink};
use model::Code;
use model::codes::list as code;
use model::limits::QUARANTINE_RAW_BYTES_PER_SOURCE_MAX;
use table::Position;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Progress;
use crate::outcome::Status;
use crate::sources::{Source, modified_nanos};
use hashing::{Hashing, hash_prefix};

/// What a reading thread sends.
pub(crate) enum Message {
    Batch(FlowBatch),
    Done(Box<Finished>),
}

/// The end of a source.
pub(crate) struct Finished {
    pub(crate) status: Status,
    pub(crate) position: Option<Position>,
    pub(crate) range: std::ops::Range<u64>,
    pub(crate) range_sha256: String,
    pub(crate) compression: Compression,
    pub(crate) report: Report,
    pub(crate) damage: Option<Code>,
    pub(crate) quarantined: Vec<Quarantined>,
}

impl Finished {
    pub(crate) fn of(status: Status) -> Self {
        Self {
            status,
            position: None,
            range: 0..0,
            range_sha256: String::new(),
            compression: Compression::None,
            report: Report::default(),
            damage: None,
            quarantined: Vec::new(),
        }
    }

    fn failed(code: Code, message: String) -> Self {
        Self::of(Status::Failed { code, message })
    }
}

/// What a reading thread needs.
pub(crate) struct Job {
    pub(crate) source: Source,
    pub(crate) before: Option<Position>,
    pub(crate) verify: bool,
    pub(crate) seed: u64,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) sender: mpsc::Sender<Message>,
}

struct Forward<'j> {
    job: &'j Job,
    quarantined: Vec<Quarantined>,
    raw_bytes: usize,
}

impl Sink for Forward<'_> {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        if self.job.cancel.is_cancelled() || self.job.sender.blocking_send(Message::Batch(batch)).is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
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
    /// Reads the source and sends its batches, then its end.
    pub(crate) fn run(self) {
        let finished = match &self.source.path {
            None => self.read_stream(),
            Some(path) => match File::open(path) {
                Ok(file) => self.read_file(file),
                Err(error) => Err(error),
            },
        };
        let finished = finished.unwrap_or_else(|error| Finished::failed(code::SOURCE_IO, error.to_string()));
        // A receiver that is gone has been cancelled.
        let _ = self.sender.blocking_send(Message::Done(Box::new(finished)));
    }

    fn options(&self, incarnation: u32, start: u64) -> Options {
        Options {
            start,
            seed: self.seed,
            ..Options::new(Position::source_id(&self.source.address, incarnation))
        }
    }

    fn read_stream(&self) -> io::Result<Finished> {
        let input = Hashing::new(self.counting(self.source.open()?), 0, sha2_new());
        let states = input.states();
        let mut input = formats::decompress(input)?;
        let mut sink = Forward {
            job: self,
            quarantined: Vec::new(),
            raw_bytes: 0,
        };
        let report = formats::read(&mut input, self.options(0, 0), &mut sink);
        let (length, sha256) = states.whole();
        let compression = input.compression();
        let position = self.position(0, &report, length, length, &sha256);
        Ok(self.finish(
            Status::Read,
            position,
            0..length,
            sha256,
            compression,
            report,
            input.failure,
            sink,
        ))
    }

    fn read_file(&self, mut file: File) -> io::Result<Finished> {
        let meta = file.metadata()?;
        let (size, modified) = (meta.len(), modified_nanos(&meta));
        let (status, incarnation) = match &self.before {
            None => (Status::Read, 0),
            Some(before)
                if !self.verify && before.size == size && before.modified == modified && modified != 0 =>
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
                let compressed = before.cursor != before.length;
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
                    return self.read_on(file, before, state, (size, modified));
                }
                file.seek(SeekFrom::Start(0))?;
                (Status::Anew(code::SOURCE_CHANGED), before.incarnation + 1)
            }
        };
        self.read_whole(file, status, incarnation, (size, modified))
    }

    fn read_whole(
        &self,
        mut file: File,
        status: Status,
        incarnation: u32,
        (size, modified): (u64, i64),
    ) -> io::Result<Finished> {
        let input = Hashing::new(self.counting(&mut file), 0, sha2_new());
        let states = input.states();
        let mut input = formats::decompress(input)?;
        let compression = input.compression();
        let mut sink = Forward {
            job: self,
            quarantined: Vec::new(),
            raw_bytes: 0,
        };
        let report = formats::read(&mut input, self.options(incarnation, 0), &mut sink);
        let failure = input.failure;
        drop(input);
        // What lies behind the last complete record is read again when the source has grown.
        let (end, sha256) = match compression {
            Compression::None => (report.cursor, states.up_to(report.cursor, &mut file)?),
            Compression::Gzip | Compression::Zstd => states.whole(),
        };
        let mut position = self.position(incarnation, &report, end, size, &sha256);
        position.modified = modified;
        Ok(self.finish(
            status,
            position,
            0..end,
            sha256,
            compression,
            report,
            failure,
            sink,
        ))
    }

    /// Goes on where an earlier run stopped; `file` stands just behind the hashed bytes.
    fn read_on(
        &self,
        mut file: File,
        before: &Position,
        state: sha2::Sha256,
        (size, modified): (u64, i64),
    ) -> io::Result<Finished> {
        let mut input = Hashing::new(self.counting(&mut file), before.cursor, sha2_new());
        let states = input.states();
        let mut sink = Forward {
            job: self,
            quarantined: Vec::new(),
            raw_bytes: 0,
        };
        let report = formats::read(
            &mut input,
            self.options(before.incarnation, before.cursor),
            &mut sink,
        );
        drop(input);
        let range = before.cursor..report.cursor;
        let range_sha256 = states.up_to(report.cursor, &mut file)?;
        let sha256 = hashing::extend(state, &mut file, range.clone())?;
        let mut position = self.position(before.incarnation, &report, report.cursor, size, &sha256);
        position.modified = modified;
        let status = Status::Continued;
        Ok(self.finish(
            status,
            position,
            range,
            range_sha256,
            Compression::None,
            report,
            None,
            sink,
        ))
    }

    fn position(&self, incarnation: u32, report: &Report, length: u64, size: u64, sha256: &str) -> Position {
        Position {
            source: self.source.address.clone(),
            incarnation,
            cursor: report.cursor,
            length,
            sha256: sha256.to_owned(),
            size,
            modified: self.source.modified,
            hour: self.source.hour,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one result, put together in one place"
    )]
    fn finish(
        &self,
        status: Status,
        position: Position,
        range: std::ops::Range<u64>,
        range_sha256: String,
        compression: Compression,
        mut report: Report,
        damage: Option<Code>,
        sink: Forward<'_>,
    ) -> Finished {
        if let Some(error) = report.failure.take() {
            return Finished::failed(code::SOURCE_IO, error.to_string());
        }
        if report.unrecognised {
            return Finished::failed(code::NOT_A_FLOW_LOG, code::NOT_A_FLOW_LOG.title().to_owned());
        }
        if damage == Some(code::DECOMPRESS_LIMIT) {
            return Finished::failed(code::DECOMPRESS_LIMIT, code::DECOMPRESS_LIMIT.title().to_owned());
        }
        Finished {
            status,
            position: Some(position),
            range,
            range_sha256,
            compression,
            report,
            damage,
            quarantined: sink.quarantined,
        }
    }

    fn counting<R: Read>(&self, read: R) -> Counting<'_, R> {
        Counting { read, job: self }
    }
}

fn sha2_new() -> sha2::Sha256 {
    <sha2::Sha256 as sha2::Digest>::new()
}

/// Tells the progress, and ends the input when somebody asks to stop.
struct Counting<'j, R> {
    read: R,
    job: &'j Job,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.job.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        let count = self.read.read(buffer)?;
        self.job.progress.bytes(count as u64);
        Ok(count)
    }
}
