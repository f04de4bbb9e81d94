//! What became of each source, and the sum of it.

use formats::{Looks, Tally};
use model::Code;

use crate::sources::Source;

/// What became of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Read from the beginning.
    Read,
    /// Read on from where an earlier run had stopped.
    Continued,
    /// Its bytes had changed (`FG2103`, `FG2107`) or become fewer (`FG2104`): read from the beginning again.
    Anew(Code),
    /// Nothing new.
    Unchanged,
    /// A blob that was deleted after it was found.
    Gone,
    /// Not a flow log (`FG1203`), or nothing of it can be read (`FG2101`).
    Failed {
        /// Why.
        code: Code,
        /// In words.
        message: String,
    },
}

/// Why a source could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// `FG1205` damaged, `FG1206` decompression bomb, `FG2101` cannot be read.
    pub code: Code,
    /// In words.
    pub message: String,
}

/// One source.
#[derive(Clone, Debug)]
pub struct SourceOutcome {
    /// The source.
    pub source: Source,
    /// What became of it.
    pub status: Status,
    /// Bytes read of it, as stored.
    pub bytes: u64,
    /// Bytes that held no complete record.
    pub bytes_given_up: u64,
    /// Where the input broke off inside a record.
    pub truncated_at: Option<u64>,
    /// Where a last row stands that waits for its line end, or until the source has been left alone.
    pub waits_at: Option<u64>,
    /// What a source looks like that is no flow log.
    pub looks: Option<Looks>,
    /// Why reading stopped before the source's end, if it did; what came before that is stored.
    pub broken: Option<Broken>,
    /// True if it failed by something that may be over a moment later, and says nothing of the source.
    pub passes: bool,
    /// Records read.
    pub records: u64,
    /// Tuples stored.
    pub stored: u64,
    /// Tuples of records that the table held already.
    pub skipped: u64,
    /// Tuples that could not be read.
    pub quarantined: u64,
    /// What could not be read, by code.
    pub quarantine: Tally,
    /// Of what could not be read, how much was only counted.
    pub quarantine_overflow: u64,
    /// Odd things seen.
    pub oddities: Tally,
}

impl SourceOutcome {
    /// An outcome with nothing in it yet.
    #[must_use]
    pub fn new(source: &Source, status: Status) -> Self {
        Self {
            source: source.clone(),
            status,
            bytes: 0,
            bytes_given_up: 0,
            truncated_at: None,
            waits_at: None,
            looks: None,
            broken: None,
            passes: false,
            records: 0,
            stored: 0,
            skipped: 0,
            quarantined: 0,
            quarantine: Tally::default(),
            quarantine_overflow: 0,
            oddities: Tally::default(),
        }
    }

    /// A source that could not be read.
    #[must_use]
    pub fn failed(source: &Source, code: Code, message: String) -> Self {
        Self::new(source, Status::Failed { code, message })
    }
}

/// The sum over all sources.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Version of `Flows` at the end.
    pub version: i64,
    /// Sources looked at.
    pub sources: u64,
    /// Sources with nothing new.
    pub unchanged: u64,
    /// Blobs that were deleted after they were found.
    pub gone: u64,
    /// Sources that could not be read.
    pub failed: u64,
    /// Sources that could be read in part.
    pub broken: u64,
    /// Bytes read, as stored.
    pub bytes: u64,
    /// Bytes that held no complete record.
    pub bytes_given_up: u64,
    /// Records read.
    pub records: u64,
    /// Tuples received: stored + skipped + quarantined.
    pub received: u64,
    /// Tuples stored.
    pub stored: u64,
    /// Tuples of records that the table held already.
    pub skipped: u64,
    /// Tuples that could not be read.
    pub quarantined: u64,
    /// What could not be read, by code.
    pub quarantine: Tally,
    /// Of what could not be read, how much was only counted.
    pub quarantine_overflow: u64,
    /// Odd things seen.
    pub oddities: Tally,
}

impl Outcome {
    /// Adds what came of more sources.
    pub fn merge(&mut self, more: &Self) {
        self.version = more.version;
        self.sources += more.sources;
        self.unchanged += more.unchanged;
        self.gone += more.gone;
        self.failed += more.failed;
        self.broken += more.broken;
        self.bytes += more.bytes;
        self.bytes_given_up += more.bytes_given_up;
        self.records += more.records;
        self.received += more.received;
        self.stored += more.stored;
        self.skipped += more.skipped;
        self.quarantined += more.quarantined;
        self.quarantine.merge(&more.quarantine);
        self.quarantine_overflow += more.quarantine_overflow;
        self.oddities.merge(&more.oddities);
    }

    pub(crate) fn add(&mut self, source: &SourceOutcome) {
        self.sources += 1;
        match &source.status {
            Status::Unchanged => self.unchanged += 1,
            Status::Gone => self.gone += 1,
            Status::Failed { .. } => self.failed += 1,
            Status::Anew(code) => self.oddities.note(*code),
            Status::Read | Status::Continued => {}
        }
        self.broken += u64::from(source.broken.is_some());
        self.bytes += source.bytes;
        self.bytes_given_up += source.bytes_given_up;
        self.records += source.records;
        self.received += source.stored + source.skipped + source.quarantined;
        self.stored += source.stored;
        self.skipped += source.skipped;
        self.quarantined += source.quarantined;
        self.quarantine.merge(&source.quarantine);
        self.quarantine_overflow += source.quarantine_overflow;
        self.oddities.merge(&source.oddities);
    }
}
