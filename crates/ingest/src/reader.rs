//! Reading one source: where to begin, what its bytes hash to, and its batches.
//!
//! A source that was read before is continued if the bytes before the cursor still hash the same;
//! otherwise it is read anew as another incarnation. Runs in a blocking thread, one source at a time.

mod hashing;
#[cfg(test)]
mod tests;

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
use crate::outcome::{Broken, Status};
use crate::sources::{Source, modified_nanos};
use hashing::{Hashing, States, hash_prefix};

/// What a reading thread sends.
pub(crate) enum Message {
    Batch(FlowBatch),
    Done(Box<Finished>),
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
    pub(crate) source: Source,
    pub(crate) before: Option<Position>,
    pub(crate) verify: bool,
    pub(crate) seed: u64,
    pub(crate) rows: Arc<formats::RowOptions>,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) sender: mpsc::Sender<Message>,
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

struct Forward<'j> {
    job: &'j Job,
    quarantined: Vec<Quarantined>,
    raw_bytes: usize,
}

impl<'j> Forward<'j> {
    fn new(job: &'j Job) -> Self {
        Self {
            job,
            quarantined: Vec::new(),
            raw_bytes: 0,
        }
    }
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
        let finished =
            finished.unwrap_or_else(|error| Finished::failed(code::SOURCE_IO, table::io_reason(&error)));
        // A receiver that is gone has been cancelled.
        let _ = self.sender.blocking_send(Message::Done(Box::new(finished)));
    }

    fn options(&self, incarnation: u32, start: u64) -> Options {
        Options {
            start,
            seed: self.seed,
            rows: Arc::clone(&self.rows),
            ..Options::new(Position::source_id(&self.source.address, incarnation))
        }
    }

    fn read_stream(&self) -> io::Result<Finished> {
        let input = Hashing::new(self.counting(self.source.open()?), 0, sha2_new());
        let (reading, sink, states) = self.decode(input, Status::Read, 0)?;
        let (length, sha256) = states.whole();
        Ok(self.finish(
            reading,
            Hashed {
                range: 0..length,
                range_sha256: sha256.clone(),
                sha256,
            },
            None,
            sink,
        ))
    }

    /// Reads a source from its beginning, whatever its compression.
    fn decode<R: Read>(
        &self,
        input: Hashing<R>,
        status: Status,
        incarnation: u32,
    ) -> io::Result<(Reading, Forward<'_>, States)> {
        let states = input.states();
        let mut input = formats::decompress(input)?;
        let compression = input.compression();
        let mut sink = Forward::new(self);
        let report = formats::read(&mut input, self.options(incarnation, 0), &mut sink);
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
        Ok((reading, sink, states))
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
                    return self.read_on(file, before, state, (size, modified));
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
        let (reading, sink, states) = self.decode(input, status, incarnation)?;
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
        Ok(self.finish(reading, hashed, position, sink))
    }

    /// Goes on where an earlier run stopped; `file` stands just behind the hashed bytes.
    fn read_on(
        &self,
        mut file: File,
        before: &Position,
        state: sha2::Sha256,
        (size, modified): (u64, i64),
    ) -> io::Result<Finished> {
        let beginning = beginning(&mut file, before.cursor)?;
        let mut input = Hashing::new(self.counting(&mut file), before.cursor, sha2_new());
        let states = input.states();
        let mut sink = Forward::new(self);
        let options = Options {
            beginning: Some(beginning),
            ..self.options(before.incarnation, before.cursor)
        };
        let report = formats::read(&mut input, options, &mut sink);
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
        Ok(self.finish(reading, hashed, position, sink))
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

    fn finish(
        &self,
        mut reading: Reading,
        hashed: Hashed,
        position: Option<Position>,
        sink: Forward<'_>,
    ) -> Finished {
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
            quarantined: sink.quarantined,
        }
    }

    fn counting<R: Read>(&self, read: R) -> Counting<'_, R> {
        Counting { read, job: self }
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
