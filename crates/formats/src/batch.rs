//! Rows on their way to an Arrow batch.
//!
//! Tuples go straight into flat columns. What the record around them says (rule, interface, time ...)
//! is the same for a run of rows, may come before or after them, and is therefore kept as runs that
//! are spread out when the batch is finished. A record that turns out to be cut off is taken back.

mod days;
mod extras;
mod finish;
mod runs;
mod stage;

use model::limits::PARTITIONS_PER_COMMIT_MAX;
use model::{FlowState, FlowStatus, LogFormat, RecordHash, SourceId};

use crate::intern::{Addresses, Hashes, Texts};
use crate::report::Tally;
use crate::tuple::Tuple;
use crate::tuple::fast::Fast;
use days::Days;
pub(crate) use extras::Extra;
use extras::Extras;
pub(crate) use runs::Runs;
use stage::{Row, Stage};

/// A finished batch.
#[derive(Debug)]
pub struct FlowBatch {
    /// Rows in the schema `model::FLOWS.batch_schema()`.
    pub rows: arrow_array::RecordBatch,
    /// The records the rows came from, in order; together they cover all rows.
    pub records: Vec<RecordInfo>,
}

/// One record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordInfo {
    /// First row of the batch.
    pub first_row: usize,
    /// Number of rows; a record may have none.
    pub rows: usize,
    /// The source it was read from.
    pub source: SourceId,
    /// Byte offset in the decompressed input.
    pub offset: u64,
    /// Hash of its content.
    pub hash: RecordHash,
    /// How many records with the same content stood before it in this reading.
    pub occurrence: u32,
    /// Its flush time in epoch microseconds.
    pub time: Option<i64>,
    /// Its tuples that could not be read.
    pub tuples_put_aside: u64,
    /// Everything of it that could not be read, by code.
    pub put_aside: Tally,
}

pub(crate) struct Rows {
    /// The source that is being read.
    pub(crate) source: SourceId,
    /// Rows that are not in the columns yet.
    stage: Box<Stage>,
    time: Vec<i64>,
    source_address: Vec<i32>,
    destination_address: Vec<i32>,
    source_port: Vec<i32>,
    destination_port: Vec<i32>,
    protocol: Vec<u8>,
    direction: Vec<i32>,
    state: Vec<i32>,
    status: Vec<i32>,
    encryption: Vec<i32>,
    counters: [Vec<i64>; 4],
    /// Bit n: counter n was reported.
    reported: Vec<u8>,
    format: Vec<i32>,
    tuple_index: Vec<i32>,
    addresses: Addresses,
    encryptions: Texts,
    pub(crate) days: Days,
    pub(crate) runs: Runs,
    hashes: Hashes,
    /// Columns that only rows of aggregated and flat forms fill; tuples pay nothing for them.
    extras: Option<Box<Extras>>,
    pub(crate) records: Vec<RecordInfo>,
}

/// Marks a row without a state: a null.
const NO_STATE: i8 = -1;

impl Rows {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            source: SourceId(0),
            stage: Stage::new(),
            time: Vec::new(),
            source_address: Vec::new(),
            destination_address: Vec::new(),
            source_port: Vec::new(),
            destination_port: Vec::new(),
            protocol: Vec::new(),
            direction: Vec::new(),
            state: Vec::new(),
            status: Vec::new(),
            encryption: Vec::new(),
            counters: Default::default(),
            reported: Vec::new(),
            format: Vec::new(),
            tuple_index: Vec::new(),
            addresses: Addresses::new(seed),
            encryptions: Texts::default(),
            days: Days::new(PARTITIONS_PER_COMMIT_MAX),
            runs: Runs::default(),
            hashes: Hashes::default(),
            extras: None,
            records: Vec::new(),
        }
    }

    /// Another source is read from here on.
    pub(crate) fn begin_source(&mut self, source: SourceId) {
        self.source = source;
        self.days = Days::new(PARTITIONS_PER_COMMIT_MAX);
    }

    pub(crate) fn len(&self) -> usize {
        self.time.len() + self.stage.rows
    }

    /// True if there is nothing to hand on.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0 && self.records.is_empty()
    }

    /// Memory that texts take which the rows refer to, about.
    pub(crate) fn text_bytes(&self) -> usize {
        self.runs.text_bytes() + self.addresses.bytes() + self.encryptions.bytes()
    }

    /// Memory that the further fields of rows take, about.
    pub(crate) fn extra_bytes(&self) -> usize {
        self.extras.as_ref().map_or(0, |extras| extras.text_bytes())
    }

    pub(crate) fn time_at(&mut self, row: usize) -> i64 {
        self.settle();
        self.time.get(row).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn push(&mut self, tuple: &Tuple<'_>, index: u32, format: LogFormat) {
        let source = self.addresses.code(tuple.source);
        let destination = self.addresses.code(tuple.destination);
        let encryption = if tuple.encryption.is_empty() {
            crate::intern::NULL
        } else {
            self.encryptions.code(tuple.encryption)
        };
        let mut reported = 0;
        for (bit, value) in tuple.counters.iter().enumerate() {
            reported |= u8::from(value.is_some()) << bit;
        }
        self.enter(&Row {
            time: tuple.time,
            source,
            destination,
            source_port: tuple.source_port,
            destination_port: tuple.destination_port,
            protocol: tuple.protocol,
            direction: tuple.direction as u8,
            state: tuple.state.map_or(NO_STATE, |state| state as i8),
            status: tuple.status as u8,
            encryption,
            counters: tuple.counters.map(|value| value.unwrap_or(0)),
            reported,
            format: format as u8,
            tuple_index: i32::try_from(index).unwrap_or(i32::MAX),
        });
    }

    /// The codes of an ordinary tuple's addresses; none if one of them is no address.
    #[inline(always)]
    pub(crate) fn address_codes(&mut self, tuple: &Fast<'_>) -> Option<(i32, i32)> {
        self.addresses.codes_v4(tuple.source, tuple.destination)
    }

    #[inline(always)]
    pub(crate) fn push_fast(
        &mut self,
        tuple: &Fast<'_>,
        (source, destination): (i32, i32),
        index: u32,
        format: LogFormat,
    ) {
        let encryption = match tuple.encrypted {
            None => crate::intern::NULL,
            Some(true) => self.encryptions.code(b"X"),
            Some(false) => self.encryptions.code(b"NX"),
        };
        self.enter(&Row {
            time: tuple.time,
            source,
            destination,
            source_port: tuple.source_port,
            destination_port: tuple.destination_port,
            protocol: tuple.protocol,
            direction: tuple.direction as u8,
            state: tuple.state as i8,
            status: tuple.status as u8,
            encryption,
            counters: tuple.counters,
            reported: tuple.reported,
            format: format as u8,
            tuple_index: i32::try_from(index).unwrap_or(i32::MAX),
        });
    }

    #[inline(always)]
    fn enter(&mut self, row: &Row) {
        if self.stage.push(row) {
            self.settle();
        }
    }

    /// Moves the newest rows into the columns. Whoever looks at the columns comes here first.
    fn settle(&mut self) {
        let stage = &mut *self.stage;
        let rows = std::mem::replace(&mut stage.rows, 0);
        let of =
            |column: &mut Vec<i32>, new: &[i32]| column.extend_from_slice(new.get(..rows).unwrap_or(&[]));
        let bytes =
            |column: &mut Vec<u8>, new: &[u8]| column.extend_from_slice(new.get(..rows).unwrap_or(&[]));
        let longs =
            |column: &mut Vec<i64>, new: &[i64]| column.extend_from_slice(new.get(..rows).unwrap_or(&[]));
        longs(&mut self.time, &stage.time);
        of(&mut self.source_address, &stage.source);
        of(&mut self.destination_address, &stage.destination);
        of(&mut self.source_port, &stage.source_port);
        of(&mut self.destination_port, &stage.destination_port);
        bytes(&mut self.protocol, &stage.protocol);
        of(&mut self.direction, &stage.direction);
        of(&mut self.state, &stage.state);
        of(&mut self.status, &stage.status);
        of(&mut self.encryption, &stage.encryption);
        for (column, new) in self.counters.iter_mut().zip(&stage.counters) {
            longs(column, new);
        }
        bytes(&mut self.reported, &stage.reported);
        of(&mut self.format, &stage.format);
        of(&mut self.tuple_index, &stage.tuple_index);
    }

    /// Says more of the row entered last. Rows with extras are never taken back: they are entered whole.
    pub(crate) fn extend_last(&mut self, extra: &Extra<'_>) {
        let row = self.len().saturating_sub(1);
        self.extras.get_or_insert_default().set(row, extra);
    }

    /// Takes rows back to a former length, with the runs and records that lie behind it.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.settle();
        self.time.truncate(rows);
        self.source_address.truncate(rows);
        self.destination_address.truncate(rows);
        self.source_port.truncate(rows);
        self.destination_port.truncate(rows);
        self.protocol.truncate(rows);
        self.direction.truncate(rows);
        self.state.truncate(rows);
        self.status.truncate(rows);
        self.encryption.truncate(rows);
        self.counters.iter_mut().for_each(|column| column.truncate(rows));
        self.reported.truncate(rows);
        self.format.truncate(rows);
        self.tuple_index.truncate(rows);
        self.runs.truncate(rows);
    }

    /// Removes the rows from `first` on that `keep` does not keep. Rare: only for rows whose time
    /// turned out to be far from a record time that followed them.
    pub(crate) fn retain(&mut self, first: usize, keep: &[bool]) {
        fn retain<T: Copy>(column: &mut Vec<T>, first: usize, keep: &[bool]) {
            let tail: Vec<T> = column
                .get(first..)
                .unwrap_or(&[])
                .iter()
                .zip(keep)
                .filter(|(_, keep)| **keep)
                .map(|(value, _)| *value)
                .collect();
            column.truncate(first);
            column.extend(tail);
        }
        self.settle();
        self.runs.retain(first, keep);
        retain(&mut self.time, first, keep);
        retain(&mut self.source_address, first, keep);
        retain(&mut self.destination_address, first, keep);
        retain(&mut self.source_port, first, keep);
        retain(&mut self.destination_port, first, keep);
        retain(&mut self.protocol, first, keep);
        retain(&mut self.direction, first, keep);
        retain(&mut self.state, first, keep);
        retain(&mut self.status, first, keep);
        retain(&mut self.encryption, first, keep);
        self.counters
            .iter_mut()
            .for_each(|column| retain(column, first, keep));
        retain(&mut self.reported, first, keep);
        retain(&mut self.format, first, keep);
        retain(&mut self.tuple_index, first, keep);
    }

    /// The tuple of a row as text, in canonical form.
    pub(crate) fn render(&mut self, row: usize) -> String {
        self.settle();
        let number = |column: &[i32]| column.get(row).copied().unwrap_or(0);
        let nsg = number(&self.format) != LogFormat::Vnet4 as i32;
        let protocol = self.protocol.get(row).copied().unwrap_or(0);
        let reported = self.reported.get(row).copied().unwrap_or(0);
        let mut text = format!(
            "{},{},{},{},{},{},{}",
            self.time
                .get(row)
                .copied()
                .unwrap_or(0)
                .div_euclid(if nsg { 1_000_000 } else { 1_000 }),
            self.addresses.text(number(&self.source_address)),
            self.addresses.text(number(&self.destination_address)),
            number(&self.source_port),
            number(&self.destination_port),
            match (nsg, protocol) {
                (true, 6) => "T".to_owned(),
                (true, 17) => "U".to_owned(),
                (_, protocol) => protocol.to_string(),
            },
            if number(&self.direction) == 0 { "I" } else { "O" },
        );
        if nsg {
            text.push_str(if number(&self.status) == FlowStatus::Allowed as i32 {
                ",A"
            } else {
                ",D"
            });
        }
        if let Some(state) = state_text(number(&self.state)) {
            text.push(',');
            text.push_str(state);
        }
        if !nsg {
            text.push(',');
            text.push_str(&self.encryptions.text(number(&self.encryption)));
        }
        if number(&self.format) != LogFormat::Nsg1 as i32 {
            for (bit, column) in self.counters.iter().enumerate() {
                text.push(',');
                if reported & 1 << bit != 0 {
                    text.push_str(&column.get(row).copied().unwrap_or(0).to_string());
                }
            }
        }
        text
    }

    /// The tuple index of a row, to name it in quarantine.
    pub(crate) fn tuple_index_at(&mut self, row: usize) -> u32 {
        self.settle();
        self.tuple_index
            .get(row)
            .and_then(|index| u32::try_from(*index).ok())
            .unwrap_or(0)
    }

    /// Enters a finished record: everything from its first row on belongs to it.
    pub(crate) fn close_record(&mut self, info: RecordInfo) {
        let code = self.hashes.code(u128::from_be_bytes(info.hash.0));
        let end = info.first_row + info.rows;
        self.runs.close_record(end, &info, code);
        self.records.push(info);
    }
}

fn state_text(code: i32) -> Option<&'static str> {
    let code = usize::try_from(code).ok()?;
    FlowState::ALL.get(code).map(|state| state.as_str())
}
