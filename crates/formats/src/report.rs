//! What reading a source amounted to: counts that must add up, odd things seen, what was put aside.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;

use model::limits::ODD_NAMES_MAX;
use model::{Code, RecordHash};

use crate::looks::Looks;
use crate::window::Stop;

/// Counts of one source. `tuples_received = tuples_stored + tuples_quarantined` always holds here;
/// a caller that refuses whole records moves their tuples from stored to skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes taken from the (decompressed) input.
    pub bytes_read: u64,
    /// Bytes that held no complete record and could not be used.
    pub bytes_given_up: u64,
    /// Records read whole.
    pub records: u64,
    /// Records that broke off in the middle of the input; what they held before is stored.
    pub records_broken: u64,
    /// Tuples seen in records that count.
    pub tuples_received: u64,
    /// Tuples handed on.
    pub tuples_stored: u64,
    /// Tuples put into quarantine.
    pub tuples_quarantined: u64,
    /// Tuples of a record that the input's end cut off; not counted as received.
    pub tuples_cut: u64,
}

impl Counts {
    /// The equation that every reader of this crate may rely on.
    #[must_use]
    pub fn add_up(&self) -> bool {
        self.tuples_received == self.tuples_stored + self.tuples_quarantined
    }
}

/// How often each code came up, and for some codes with which names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Code, u64>,
    names: BTreeMap<(Code, String), u64>,
}

impl Tally {
    /// Counts one occurrence.
    pub fn note(&mut self, code: Code) {
        self.add(code, 1);
    }

    /// Counts several occurrences.
    pub fn add(&mut self, code: Code, count: u64) {
        if count > 0 {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Counts one occurrence and remembers what it was about, as long as there are few distinct names.
    pub fn note_name(&mut self, code: Code, name: &[u8]) {
        self.note(code);
        self.name(code, name);
    }

    /// Remembers what an occurrence was about that has been counted.
    pub(crate) fn name(&mut self, code: Code, name: &[u8]) {
        let shown = name.get(..64).unwrap_or(name);
        let key = (code, String::from_utf8_lossy(shown).into_owned());
        if let Some(count) = self.names.get_mut(&key) {
            *count += 1;
        } else if self.names.len() < ODD_NAMES_MAX {
            self.names.insert(key, 1);
        }
    }

    /// Adds another tally to this one.
    pub fn merge(&mut self, other: &Self) {
        for (code, count) in &other.counts {
            self.add(*code, *count);
        }
        for (key, count) in &other.names {
            if let Some(mine) = self.names.get_mut(key) {
                *mine += count;
            } else if self.names.len() < ODD_NAMES_MAX {
                self.names.insert(key.clone(), *count);
            }
        }
    }

    /// Takes the counts of another tally out of this one.
    pub fn take_out(&mut self, other: &Self) {
        for (code, count) in &other.counts {
            if let Some(mine) = self.counts.get_mut(code) {
                *mine = mine.saturating_sub(*count);
            }
        }
        self.counts.retain(|_, count| *count > 0);
    }

    /// How often a code came up.
    #[must_use]
    pub fn count(&self, code: Code) -> u64 {
        self.counts.get(&code).copied().unwrap_or(0)
    }

    /// Every code with its count, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Code, u64)> + '_ {
        self.counts.iter().map(|(code, count)| (*code, *count))
    }

    /// The names remembered for a code, with their counts.
    pub fn names(&self, code: Code) -> impl Iterator<Item = (&str, u64)> + '_ {
        self.names
            .iter()
            .filter(move |((named, _), _)| *named == code)
            .map(|((_, name), count)| (name.as_str(), *count))
    }

    /// True if nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Why.
    pub code: Code,
    /// Where, in the decompressed input.
    pub offset: u64,
    /// How long it was; `raw` may hold less.
    pub length: u64,
    /// The record around it.
    pub record_offset: Option<u64>,
    /// Which tuple of the record.
    pub tuple_index: Option<u32>,
    /// The bytes as they stood.
    pub raw: Vec<u8>,
}

/// The outcome of reading one source.
#[derive(Debug, Default)]
pub struct Report {
    /// Counts.
    pub counts: Counts,
    /// Odd things seen; the data is stored all the same.
    pub oddities: Tally,
    /// What was quarantined, by code; complete, also where single rows were left out for their number.
    pub quarantined: Tally,
    /// Quarantined items beyond the limit on rows, counted but not kept.
    pub quarantine_overflow: u64,
    /// Where reading may go on when the source has grown: the end of the last complete record.
    pub cursor: u64,
    /// Where the input broke off inside a record, if it did.
    pub truncated_at: Option<u64>,
    /// Where a last row stands that can be read and has no line end, if it waits for one: see
    /// [`crate::Ending::Growing`]. It is not stored, and reading goes on before it.
    pub waits_at: Option<u64>,
    /// The first row that was stored, of a source of rows: where it stands, and its hash.
    pub first_row: Option<(u64, RecordHash)>,
    /// The hash of a last row that was stored without a line end. Reading goes on before it.
    pub last_row: Option<RecordHash>,
    /// The input could not be read to its end.
    pub failure: Option<io::Error>,
    /// The input holds nothing that looks like a flow log.
    pub unrecognised: bool,
    /// What such an input looks like instead.
    pub looks: Option<Looks>,
    /// The source holds rows, and none of the first is what its names promise: nothing of it was read.
    pub refused: Option<Code>,
    /// Why in particular, where the code's title does not say it: which names are missing.
    pub refused_why: Option<String>,
    /// The caller's sink asked to stop.
    pub cancelled: bool,
}

impl Report {
    /// Why nothing of the source was read, in words, if it was refused.
    #[must_use]
    pub fn refusal(&self) -> Option<(Code, String)> {
        let refused = self.refused?;
        let why = self.refused_why.clone();
        Some((refused, why.unwrap_or_else(|| refused.title().to_owned())))
    }

    /// What became of a batch that was handed on; an error is kept, and stops the reading as a sink does.
    pub(crate) fn follow(&mut self, handed_on: io::Result<ControlFlow<()>>) -> Result<(), Stop> {
        match handed_on {
            Ok(ControlFlow::Continue(())) => Ok(()),
            Ok(ControlFlow::Break(())) => Err(Stop::Cancelled),
            Err(error) => {
                self.failure = Some(error);
                Err(Stop::Cancelled)
            }
        }
    }
}
