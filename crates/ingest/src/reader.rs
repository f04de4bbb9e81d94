//! Reading one source: where to begin, what its bytes hash to, and its batches.
//!
//! A source that was read before is continued if the bytes before the cursor still hash the same;
//! otherwise it is read anew as another incarnation. Runs in a blocking thread, one source at a time;
//! small sources that follow one another are one thread's work, and share their batches.

mod blob;
mod counting;
mod hashing;
mod job;
mod open;
mod stored;
#[cfg(test)]
mod tests;

use std::io::{self, Read, SeekFrom};
use std::sync::Arc;

use formats::{Batching, Compression, Ending, Options, Quarantined, Report};
use model::Code;
use model::codes::list as code;
use model::limits::LAST_ROW_QUIET_SECS;
use sha2::Sha256;
use table::Position;
use tokio_util::sync::CancellationToken;

use crate::Progress;
use crate::outcome::{Broken, Status};
use crate::sources::Source;
pub use blob::BlobFile;
use counting::Counting;
use hashing::{Hashing, States, hash_prefix, hex_of};
use job::Forward;
pub(crate) use job::{Job, Message};
use open::Begin;
pub use open::open_blob;
pub(crate) use open::{Opened, is_otherwise, open};
use stored::{LocalFile, Stored};

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
    /// True if what failed may be over a moment later.
    pub(crate) passes: bool,
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
            passes: false,
            quarantined: Vec::new(),
        }
    }

    fn failed(code: Code, message: String) -> Self {
        Self::of(Status::Failed { code, message })
    }
}

/// How sources are read.
#[derive(Clone)]
pub(crate) struct How {
    pub(crate) verify: bool,
    /// Everything is read from its beginning, as the next incarnation: what was read before is replaced.
    pub(crate) again: bool,
    pub(crate) seed: u64,
    pub(crate) rows: Arc<formats::RowOptions>,
    /// What the caller said of rows, as one text.
    pub(crate) read_as: String,
    /// The clock, in epoch microseconds.
    pub(crate) clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Records after which a job ends with the source that it reads.
    pub(crate) records_max: u64,
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
    /// The state behind `sha256`, if it can be hashed on from.
    state: Option<Sha256>,
}

impl<'j> Reader<'j> {
    /// Reads the source; its rows are with the batches.
    fn read(&mut self, number: usize, opened: Opened) -> Finished {
        self.forward.begin();
        let finished = match (opened, &self.source.path) {
            (Opened::Unchanged, _) => return Finished::of(Status::Unchanged),
            (Opened::Gone, _) => return Finished::of(Status::Gone),
            (Opened::Failed(error), _) => {
                return Finished {
                    passes: error.passes(),
                    ..Finished::failed(code::SOURCE_IO, error.to_string())
                };
            }
            (Opened::Blob(file, begin), _) => self.read_blob(number, *file, begin),
            (Opened::Here, None) => self.read_stream(number),
            (Opened::Here, Some(path)) => LocalFile::open(path).and_then(|file| self.read_file(number, file)),
        };
        finished.unwrap_or_else(|error| Finished {
            passes: blob::passes(&error),
            ..Finished::failed(code::SOURCE_IO, table::io_reason(&error))
        })
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
        let (reading, states) = self.decode(number, input, Status::Read, 0, Ending::Final)?;
        let (length, sha256) = states.whole();
        let hashed = Hashed {
            range: 0..length,
            range_sha256: sha256.clone(),
            sha256,
            state: None,
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
        ending: Ending,
    ) -> io::Result<(Reading, States)> {
        let states = input.states();
        let mut input = formats::decompress(input)?;
        let compression = input.compression();
        let options = Options {
            // A compressed file ends for good: what grows is another file.
            ending: if compression == Compression::None {
                ending
            } else {
                Ending::Final
            },
            ..self.options(number, incarnation, 0)
        };
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

    fn read_file(&mut self, number: usize, file: LocalFile) -> io::Result<Finished> {
        if self.how.again {
            let incarnation = self.before.map_or(0, |before| before.incarnation + 1);
            return self.read_whole(number, file, (Status::Read, incarnation));
        }
        let (size, modified) = file.size_and_modified();
        let is_unchanged = self.before.is_some_and(|before| {
            let is_seen = before.size == size && before.modified == modified && modified != 0;
            is_seen && !self.how.verify && !before.waiting && !is_otherwise(before, &self.how.read_as)
        });
        match is_unchanged {
            true => Ok(Finished::of(Status::Unchanged)),
            false => self.read_stored(number, file),
        }
    }

    fn read_blob(&mut self, number: usize, file: blob::BlobFile, begin: Begin) -> io::Result<Finished> {
        let incarnation = self.before.map_or(0, |before| before.incarnation);
        match (begin, self.before) {
            (Begin::Whole { incarnation }, _) => self.read_whole(number, file, (Status::Read, incarnation)),
            (Begin::Anew(why), _) => self.read_whole(number, file, (Status::Anew(why), incarnation + 1)),
            (Begin::On, Some(before)) => {
                let hashed = before.blob.as_ref().map(|mark| mark.hashed.as_str());
                let state = hashed.and_then(hashing::read_back);
                self.read_on(number, file, before, state.as_ref())
            }
            (Begin::On | Begin::Check, _) => self.read_stored(number, file),
        }
    }

    /// Reads what was changed: from where an earlier run stopped if the bytes before that are the same.
    fn read_stored<F: Stored>(&mut self, number: usize, mut file: F) -> io::Result<Finished> {
        let (size, modified) = file.size_and_modified();
        let (status, incarnation) = match self.before {
            None => (Status::Read, 0),
            // A source that held nothing complete when it was seen has nothing to go on from.
            Some(before) if before.length == 0 => (Status::Read, before.incarnation),
            // What could not be read may be readable now that the caller says otherwise how.
            Some(before) if is_otherwise(before, &self.how.read_as) => {
                (Status::Anew(code::SOURCE_OTHERWISE), before.incarnation + 1)
            }
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
                        blob: file.mark(before.length, hashing::written(&state)),
                        ..before.clone()
                    };
                    return Ok(Finished {
                        position: Some(position),
                        ..Finished::of(Status::Unchanged)
                    });
                }
                if same && !compressed {
                    return self.read_on(number, file, before, Some(&state));
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
        self.read_whole(number, file, (status, incarnation))
    }

    fn read_whole<F: Stored>(
        &mut self,
        number: usize,
        mut file: F,
        (status, incarnation): (Status, u32),
    ) -> io::Result<Finished> {
        let ending = self.ending(file.size_and_modified().1);
        let input = Hashing::new(self.counting(&mut file), 0, sha2_new());
        let (reading, states) = self.decode(number, input, status, incarnation, ending)?;
        // What lies behind the last complete record is read again when the source has grown.
        let up_to_cursor = match reading.compression {
            Compression::None => states.up_to(reading.report.cursor, &mut file).ok(),
            Compression::Gzip | Compression::Zstd => None,
        };
        let (end, sha256) = match &up_to_cursor {
            Some(state) => (reading.report.cursor, hex_of(state)),
            None => states.whole(),
        };
        let hashed = Hashed {
            range: 0..end,
            range_sha256: sha256.clone(),
            sha256,
            state: up_to_cursor,
        };
        let position = self.position(&reading, &hashed, &file);
        Ok(self.finish(reading, hashed, position))
    }

    /// Goes on where an earlier run stopped. With the state of the hash of what lies before that, both are hashed.
    fn read_on<F: Stored>(
        &mut self,
        number: usize,
        mut file: F,
        before: &Position,
        state: Option<&Sha256>,
    ) -> io::Result<Finished> {
        let beginning = file.beginning(before.cursor.min(model::limits::DETECT_HEADER_BYTES_MAX as u64))?;
        file.seek(SeekFrom::Start(before.cursor))?;
        let ending = self.ending(file.size_and_modified().1);
        let counting = self.counting(&mut file);
        let range_hashing = Hashing::new(counting, before.cursor, sha2_new());
        let states_of_range = range_hashing.states();
        let mut input = Hashing::new(
            range_hashing,
            before.cursor,
            state.cloned().unwrap_or_else(sha2_new),
        );
        let states = input.states();
        let options = Options {
            beginning: Some(beginning.into()),
            ending,
            ..self.options(number, before.incarnation, before.cursor)
        };
        let mut report = self.batching.read(&mut input, options, self.forward);
        drop(input);
        let row_there = report.first_row.filter(|(offset, _)| *offset == before.cursor);
        if let (Some(stored), Some((_, hash))) = (&before.last_row, row_there)
            && hex::encode(hash.0) != *stored
        {
            report.oddities.note(code::ODD_LAST_ROW);
        }
        let reading = Reading {
            status: Status::Continued,
            incarnation: before.incarnation,
            compression: Compression::None,
            report,
            broken: None,
        };
        let range = before.cursor..reading.report.cursor;
        let range_state = states_of_range.up_to(range.end, &mut file);
        let whole_state = states.up_to(range.end, &mut file);
        let (hashed, position) = match (range_state, whole_state) {
            (Ok(range_state), Ok(whole_state)) => {
                let whole_state = state.is_some().then_some(whole_state);
                let hashed = Hashed {
                    range,
                    range_sha256: hex_of(&range_state),
                    sha256: whole_state.as_ref().map(hex_of).unwrap_or_default(),
                    state: whole_state,
                };
                let position = self.position(&reading, &hashed, &file);
                (hashed, position)
            }
            // The bytes cannot be read a second time; what was read of them is good all the same.
            _ => {
                let (length, range_sha256) = states_of_range.whole();
                let hashed = Hashed {
                    range: before.cursor..length,
                    range_sha256,
                    sha256: before.sha256.clone(),
                    state: None,
                };
                (hashed, Some(before.clone()))
            }
        };
        Ok(self.finish(reading, hashed, position))
    }

    /// Where reading goes on another time. After a failure nothing is taken as seen but what is complete,
    /// and a compressed source, which cannot be entered in the middle, is read anew.
    fn position(&self, reading: &Reading, hashed: &Hashed, stored: &impl Stored) -> Option<Position> {
        let (size, modified) = stored.size_and_modified();
        let failed = reading.report.failure.is_some();
        // Of a source that goes on, what was read of it before counts too.
        let was_unreadable =
            reading.status == Status::Continued && self.before.is_some_and(|before| before.read_as.is_some());
        let unreadable = was_unreadable || !reading.report.quarantined.is_empty();
        if failed && (reading.compression != Compression::None || hashed.range.end != reading.report.cursor) {
            return None;
        }
        let state = hashed.state.as_ref().map(hashing::written);
        let mut blob = stored.mark(hashed.range.end, state.unwrap_or_default());
        if let Some(mark) = blob.as_mut().filter(|_| failed) {
            // As if it had not been seen: it is looked at again.
            mark.etag.clear();
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
            read_as: unreadable.then(|| self.how.read_as.clone()),
            waiting: reading.report.waits_at.is_some(),
            last_row: self.last_row(&reading.report),
            blob,
        })
    }

    /// The hash of the last row, if it has been stored and is to be looked at again.
    fn last_row(&self, report: &Report) -> Option<String> {
        let stored = report.last_row.map(|hash| hex::encode(hash.0));
        // One that was stored before stands there still, as long as nothing was read behind it.
        let before = self.before.filter(|before| before.cursor == report.cursor);
        stored.or_else(|| before.and_then(|before| before.last_row.clone()))
    }

    /// Whether a file has been left alone long enough to be taken for whole. One from a future further off
    /// than that is on another clock, which says nothing; neither does a time that is unknown. Better a row
    /// too many than one that waits for ever.
    fn ending(&self, modified: i64) -> Ending {
        let quiet_nanos = LAST_ROW_QUIET_SECS * 1_000_000_000;
        let age = (self.how.clock)().saturating_mul(1000).saturating_sub(modified);
        if modified != 0 && age.saturating_abs() < quiet_nanos {
            Ending::Growing
        } else {
            Ending::Quiet
        }
    }

    fn finish(&mut self, mut reading: Reading, hashed: Hashed, position: Option<Position>) -> Finished {
        let mut passes = false;
        if let Some(error) = reading.report.failure.take() {
            let message = table::io_reason(&error);
            passes = blob::passes(&error);
            if reading.report.counts.records == 0 {
                return Finished {
                    passes,
                    ..Finished::failed(code::SOURCE_IO, message)
                };
            }
            reading.broken = Some(Broken {
                code: code::SOURCE_IO,
                message,
            });
        }
        if let Some((refused, why)) = reading.report.refusal() {
            return Finished::failed(refused, why);
        }
        if reading.report.unrecognised {
            return Finished {
                report: Report {
                    looks: reading.report.looks,
                    ..Report::default()
                },
                ..Finished::failed(code::NOT_A_FLOW_LOG, code::NOT_A_FLOW_LOG.title().to_owned())
            };
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
            passes,
            quarantined: std::mem::take(&mut self.forward.quarantined),
        }
    }

    fn counting<R: Read>(&self, read: R) -> Counting<'j, R> {
        Counting { read, how: self.how }
    }
}

fn sha2_new() -> Sha256 {
    <Sha256 as sha2::Digest>::new()
}
