//! Rows on their way to an Arrow batch.
//!
//! Tuples go straight into flat columns. What the record around them says (rule, interface, time ...)
//! is the same for a run of rows, may come before or after them, and is therefore kept as runs that
//! are spread out when the batch is finished. A record that turns out to be cut off is taken back.

mod days;
mod extras;
mod finish;
mod runs;

use model::limits::PARTITIONS_PER_COMMIT_MAX;
use model::{FlowState, FlowStatus, LogFormat, RecordHash};

use crate::intern::{Addresses, Hashes, Texts};
use crate::report::Tally;
use crate::tuple::Tuple;
use days::Days;
pub(crate) use extras::Extra;
use extras::Extras;
pub(crate) use runs::Runs;

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
    pub(crate) source_id: i64,
    time: Vec<i64>,
    source: Vec<i32>,
    destination: Vec<i32>,
    source_port: Vec<i32>,
    destination_port: Vec<i32>,
    protocol: Vec<u8>,
    direction: Vec<u8>,
    state: Vec<u8>,
    status: Vec<u8>,
    encryption: Vec<i32>,
    counters: [Vec<i64>; 4],
    /// Bit n: counter n was reported.
    reported: Vec<u8>,
    format: Vec<u8>,
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

/// Marks a row without a state.
const NO_STATE: u8 = u8::MAX;

impl Rows {
    pub(crate) fn new(source_id: i64, seed: u64) -> Self {
        Self {
            source_id,
            time: Vec::new(),
            source: Vec::new(),
            destination: Vec::new(),
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

    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    /// Memory that texts take which the rows refer to, about.
    pub(crate) fn text_bytes(&self) -> usize {
        self.runs.text_bytes() + self.addresses.bytes() + self.encryptions.bytes()
    }

    /// Memory that the further fields of rows take, about.
    pub(crate) fn extra_bytes(&self) -> usize {
        self.extras.as_ref().map_or(0, |extras| extras.text_bytes())
    }

    pub(crate) fn time_at(&self, row: usize) -> i64 {
        self.time.get(row).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn push(&mut self, tuple: &Tuple<'_>, index: u32, format: LogFormat) {
        self.time.push(tuple.time);
        self.source.push(self.addresses.code(tuple.source));
        self.destination.push(self.addresses.code(tuple.destination));
        self.source_port.push(i32::from(tuple.source_port));
        self.destination_port.push(i32::from(tuple.destination_port));
        self.protocol.push(tuple.protocol);
        self.direction.push(tuple.direction as u8);
        self.state.push(tuple.state.map_or(NO_STATE, |state| state as u8));
        self.status.push(tuple.status as u8);
        let encryption = if tuple.encryption.is_empty() {
            crate::intern::NULL
        } else {
            self.encryptions.code(tuple.encryption)
        };
        self.encryption.push(encryption);
        let mut reported = 0;
        for (bit, (column, value)) in self.counters.iter_mut().zip(tuple.counters).enumerate() {
            column.push(value.unwrap_or(0));
            reported |= u8::from(value.is_some()) << bit;
        }
        self.reported.push(reported);
        self.format.push(format as u8);
        self.tuple_index.push(i32::try_from(index).unwrap_or(i32::MAX));
    }

    /// Says more of the row entered last. Rows with extras are never taken back: they are entered whole.
    pub(crate) fn extend_last(&mut self, extra: &Extra<'_>) {
        let row = self.len().saturating_sub(1);
        self.extras.get_or_insert_default().set(row, extra);
    }

    /// Takes rows back to a former length, with the runs and records that lie behind it.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.time.truncate(rows);
        self.source.truncate(rows);
        self.destination.truncate(rows);
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
        self.runs.retain(first, keep);
        retain(&mut self.time, first, keep);
        retain(&mut self.source, first, keep);
        retain(&mut self.destination, first, keep);
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
    pub(crate) fn render(&self, row: usize) -> String {
        let number = |column: &[i32]| column.get(row).copied().unwrap_or(0);
        let byte = |column: &[u8]| column.get(row).copied().unwrap_or(0);
        let nsg = byte(&self.format) != LogFormat::Vnet4 as u8;
        let mut text = format!(
            "{},{},{},{},{},{},{}",
            self.time_at(row).div_euclid(if nsg { 1_000_000 } else { 1_000 }),
            self.addresses.text(number(&self.source)),
            self.addresses.text(number(&self.destination)),
            number(&self.source_port),
            number(&self.destination_port),
            match (nsg, byte(&self.protocol)) {
                (true, 6) => "T".to_owned(),
                (true, 17) => "U".to_owned(),
                (_, protocol) => protocol.to_string(),
            },
            if byte(&self.direction) == 0 { "I" } else { "O" },
        );
        if nsg {
            text.push_str(if byte(&self.status) == FlowStatus::Allowed as u8 {
                ",A"
            } else {
                ",D"
            });
        }
        if let Some(state) = state_text(byte(&self.state)) {
            text.push(',');
            text.push_str(state);
        }
        if !nsg {
            text.push(',');
            text.push_str(&self.encryptions.text(number(&self.encryption)));
        }
        if byte(&self.format) != LogFormat::Nsg1 as u8 {
            for (bit, column) in self.counters.iter().enumerate() {
                text.push(',');
                if byte(&self.reported) & 1 << bit != 0 {
                    text.push_str(&column.get(row).copied().unwrap_or(0).to_string());
                }
            }
        }
        text
    }

    /// The tuple index of a row, to name it in quarantine.
    pub(crate) fn tuple_index_at(&self, row: usize) -> u32 {
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

pub(crate) fn state_text(code: u8) -> Option<&'static str> {
    FlowState::ALL.get(usize::from(code)).map(|state| state.as_str())
}

pub(crate) fn status_text(code: u8) -> &'static str {
    FlowStatus::ALL
        .get(usize::from(code))
        .map_or("", |status| status.as_str())
}
