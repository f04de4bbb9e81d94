//! Records that the table holds already, brought by another source or repeated by the same one.
//!
//! A record brought by another source is refused; one repeated by the same source is real to that
//! source, and stored with a higher occurrence (docs/adr/0004-identity.md). Looked up by the hour of the
//! record's flush, loaded from the table when a record of that hour first turns up.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{BooleanArray, Int32Array, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use formats::{FlowBatch, RecordInfo, Tally};
use model::{SourceId, TableVersion};
use table::{Known, KnownRecord, Snapshot, TableError};

use crate::error::Result;

const HOUR_MICROS: i64 = 3_600_000_000;

/// What is left of a batch.
pub(crate) struct Admitted {
    pub(crate) rows: RecordBatch,
    /// What became of each source's rows, in the order of the sources.
    pub(crate) shares: Vec<Share>,
}

/// What became of a source's rows in a batch.
#[derive(Default)]
pub(crate) struct Share {
    /// Rows that are left.
    pub(crate) stored: u64,
    /// Rows that the table holds already.
    pub(crate) skipped: u64,
    /// Records that another source had brought.
    pub(crate) elsewhere: u64,
    /// What could not be read of records: whether the table holds the record, and its count.
    pub(crate) put_aside: Vec<PutAside>,
    pub(crate) repeated: u64,
    /// The first and last time of what is left.
    pub(crate) times: Option<(i64, i64)>,
}

/// What is known of a record.
struct Verdict {
    /// It is there already.
    known: bool,
    /// A source has brought it that is not this one as it was before its bytes changed.
    elsewhere: bool,
    occurrence: u32,
}

/// What could not be read of one record, or of a part of one.
pub(crate) struct PutAside {
    pub(crate) record_offset: u64,
    /// The table holds the record, so it holds this too.
    pub(crate) known: bool,
    pub(crate) tuples: u64,
    pub(crate) codes: Tally,
}

/// Who brings rows of a batch.
pub(crate) struct Brought {
    /// The source as it is now.
    pub(crate) id: SourceId,
    /// The same source before its bytes changed.
    pub(crate) earlier: Vec<SourceId>,
}

/// Known records, as many as memory should hold.
pub(crate) struct Index {
    /// By the hour of the records' flush; `None` for records without a time.
    hours: HashMap<Option<i64>, Hour>,
    allow: bool,
    /// Records that a group enters before it ends, and about as many as are loaded at a time. Twice as many
    /// are remembered from one group to the next.
    records_max: usize,
    /// Records entered since the group began.
    entered_now: usize,
    /// The groups begun so far.
    groups: u64,
    /// The version of the table that what is remembered agrees with.
    version: Option<TableVersion>,
    /// Sources that count as if they had brought nothing: their rows are about to be replaced.
    replaced: Vec<SourceId>,
}

/// What is known of one hour's records. The folders of one flow log are read hour by hour, those of the next begin
/// anew: an hour is asked for often, or not again.
#[derive(Default)]
struct Hour {
    /// What the table held when a record of this hour first turned up.
    loaded: Option<Known>,
    /// What was taken in since: not in the table before its group is committed.
    entered: Known,
    /// The group that asked last.
    asked: u64,
}

impl Hour {
    /// What it takes of memory, in records; the hour itself as much as eight.
    fn weight(&self) -> usize {
        8 + self.entered.len() + self.loaded.as_ref().map_or(0, Known::len)
    }

    /// Whether the table holds a record, or the group has taken it in.
    fn judge(&self, record: &RecordInfo, source: &Brought, allow: bool) -> Verdict {
        let both = || self.loaded.iter().chain([&self.entered]);
        let offset = i64::try_from(record.offset).unwrap_or(i64::MAX);
        // A record whose beginning was handed on before its end had come is read a second time.
        let again = both().any(|known| known.has(&record.hash, source.id, offset));
        let before = both()
            .filter_map(|known| known.highest(&record.hash, source.id))
            .max()
            .map_or(0, |highest| highest + 1);
        let occurrence = record.occurrence.max(before);
        // A source that repeats a record brings more of it than one that has it once.
        let brought = || {
            both()
                .flat_map(|known| known.sources(&record.hash, occurrence))
                .filter(|known| *known != source.id)
        };
        Verdict {
            known: again || (brought().next().is_some() && !allow),
            elsewhere: brought().any(|known| !source.earlier.contains(&known)),
            occurrence,
        }
    }
}

impl Index {
    pub(crate) fn new(allow_duplicates: bool, records_max: usize) -> Self {
        Self {
            hours: HashMap::new(),
            allow: allow_duplicates,
            records_max,
            entered_now: 0,
            groups: 0,
            version: None,
            replaced: Vec::new(),
        }
    }

    /// From the next group on, which of the table's rows do not count because they are about to be replaced.
    pub(crate) fn replace(&mut self, sources: Vec<SourceId>) {
        self.forget();
        self.replaced = sources;
    }

    /// Drops everything, as after a group that was not committed.
    pub(crate) fn forget(&mut self) {
        self.hours.clear();
    }

    /// Before a group that builds on this version: forgets what another writer may have outdated, and
    /// keeps memory bounded. Never within a group: what it has entered is not in the table yet.
    pub(crate) fn begin(&mut self, version: TableVersion) {
        self.entered_now = 0;
        self.groups += 1;
        if self.version.is_some_and(|known| known != version) {
            self.forget();
        }
        let held: usize = self.hours.values().map(Hour::weight).sum();
        if held > 2 * self.records_max {
            self.forget_the_oldest(held - self.records_max);
        }
    }

    /// Drops hours that weigh at least so much, those first that nobody has asked for longest.
    fn forget_the_oldest(&mut self, mut weight: usize) {
        let mut hours: Vec<(u64, Option<i64>)> =
            self.hours.iter().map(|(hour, of)| (of.asked, *hour)).collect();
        hours.sort_unstable();
        for (_, hour) in hours {
            if weight == 0 {
                break;
            }
            let dropped = self.hours.remove(&hour).map_or(0, |of| of.weight());
            weight = weight.saturating_sub(dropped);
        }
    }

    /// True if a group should end, so that memory stays bounded.
    pub(crate) fn is_full(&self) -> bool {
        self.entered_now >= self.records_max
    }

    /// After a group was committed as this version.
    pub(crate) fn committed(&mut self, version: TableVersion) {
        self.version = Some(version);
    }

    /// An hour, with what the table holds of it.
    async fn hour(&mut self, hour: Option<i64>, flows: &Snapshot) -> Result<&mut Hour> {
        if !self.is_loaded(hour) {
            let loaded = self.hours.values().filter_map(|of| of.loaded.as_ref());
            if loaded.map(Known::len).sum::<usize>() > self.records_max {
                for of in self.hours.values_mut() {
                    of.loaded = None;
                }
            }
            let times = hour.map(|hour| hour * HOUR_MICROS..(hour + 1) * HOUR_MICROS);
            let known = Known::load_without(flows, times, &self.replaced).await?;
            self.hours.entry(hour).or_default().loaded = Some(known);
        }
        let of = self.hours.entry(hour).or_default();
        of.asked = self.groups;
        Ok(of)
    }

    fn is_loaded(&self, hour: Option<i64>) -> bool {
        self.hours.get(&hour).is_some_and(|of| of.loaded.is_some())
    }

    /// Records with rows, hour by hour, first the hours at hand: rows of an export come in any order, and
    /// what the table holds of an hour is loaded once for the batch. Records with one content are of one
    /// hour and keep their order.
    fn by_hour<'r>(&self, records: &'r [RecordInfo]) -> Vec<(Option<i64>, &'r RecordInfo)> {
        let mut ordered: Vec<(Option<i64>, &RecordInfo)> = records
            .iter()
            .filter(|record| record.rows > 0)
            .map(|record| (record.time.map(|time| time.div_euclid(HOUR_MICROS)), record))
            .collect();
        ordered.sort_by_key(|(hour, record)| (!self.is_loaded(*hour), *hour, record.first_row));
        ordered
    }

    /// Takes what is new out of a batch, and remembers it, as long as there is room. Where there is none, and
    /// the batch is of the `last` source before the group ends, no other source of the group could bring the same.
    pub(crate) async fn admit(
        &mut self,
        batch: FlowBatch,
        sources: &[Brought],
        last: bool,
        flows: &Snapshot,
    ) -> Result<Admitted> {
        let mut keep = Vec::new();
        let mut raised: Vec<(usize, usize, u32)> = Vec::new();
        let mut shares: Vec<Share> = sources.iter().map(|_| Share::default()).collect();
        let room = !self.is_full() || !last;
        let allow = self.allow;
        let times = times(&batch.rows);
        let times = times.as_ref().map_or(&[][..], |times| times.values());
        let place_of: HashMap<SourceId, usize> = sources.iter().map(|source| source.id).zip(0..).collect();
        for (hour, record) in self.by_hour(&batch.records) {
            let place = place_of.get(&record.source).copied();
            let Some((source, share)) = place.and_then(|place| sources.get(place).zip(shares.get_mut(place)))
            else {
                return Err(broken("a record of a source that nobody has announced").into());
            };
            let of = self.hour(hour, flows).await?;
            let verdict = of.judge(record, source, allow);
            let range = record.first_row..record.first_row + record.rows;
            if !record.put_aside.is_empty() {
                share.put_aside.push(PutAside::of(record, verdict.known));
            }
            if verdict.known {
                share.skipped += record.rows as u64;
                share.elsewhere += u64::from(verdict.elsewhere);
                keep.resize(batch.rows.num_rows(), true);
                keep.get_mut(range).unwrap_or(&mut []).fill(false);
                continue;
            }
            if verdict.occurrence != record.occurrence {
                raised.push((record.first_row, record.rows, verdict.occurrence));
            }
            share.stored += record.rows as u64;
            share.repeated += u64::from(verdict.occurrence > 0);
            share.widen(times.get(range).unwrap_or(&[]));
            if room {
                let entry = KnownRecord {
                    source: source.id,
                    offset: i64::try_from(record.offset).unwrap_or(i64::MAX),
                    occurrence: verdict.occurrence,
                };
                of.entered.add(record.hash, entry);
                self.entered_now += 1;
            }
        }
        for share in &mut shares {
            // The parts of one record lie side by side, in the order of the source.
            share.put_aside.sort_by_key(|item: &PutAside| item.record_offset);
        }
        let mut rows = raise(batch.rows, &raised).map_err(broken)?;
        if !keep.is_empty() {
            rows = filter_record_batch(&rows, &BooleanArray::from(keep)).map_err(broken)?;
        }
        Ok(Admitted { rows, shares })
    }
}

fn broken(error: impl std::fmt::Display) -> TableError {
    TableError::Damaged {
        what: format!("a batch being read: {error}"),
    }
}

impl Share {
    fn widen(&mut self, times: &[i64]) {
        for time in times {
            let (first, last) = self.times.unwrap_or((*time, *time));
            self.times = Some((first.min(*time), last.max(*time)));
        }
    }
}

impl PutAside {
    fn of(record: &RecordInfo, known: bool) -> Self {
        Self {
            record_offset: record.offset,
            known,
            tuples: record.tuples_put_aside,
            codes: record.put_aside.clone(),
        }
    }

    /// Adds another part of the record. One that is new in part is put aside once more as a whole.
    pub(crate) fn add(&mut self, part: &Self) {
        self.known &= part.known;
        self.tuples += part.tuples;
        self.codes.merge(&part.codes);
    }
}

/// Gives rows of records that an earlier run has seen their higher occurrence.
fn raise(rows: RecordBatch, raised: &[(usize, usize, u32)]) -> Result<RecordBatch, ArrowError> {
    if raised.is_empty() {
        return Ok(rows);
    }
    let schema = rows.schema();
    let index = schema.index_of("RecordOccurrence")?;
    let mut occurrences = rows.column(index).as_primitive::<Int32Type>().values().to_vec();
    for (first, count, occurrence) in raised {
        let value = i32::try_from(*occurrence).unwrap_or(i32::MAX);
        occurrences
            .get_mut(*first..first + count)
            .unwrap_or(&mut [])
            .fill(value);
    }
    let mut columns = rows.columns().to_vec();
    if let Some(column) = columns.get_mut(index) {
        *column = Arc::new(Int32Array::from(occurrences));
    }
    RecordBatch::try_new(schema, columns)
}

/// The time of each row.
fn times(rows: &RecordBatch) -> Option<TimestampMicrosecondArray> {
    let column = rows.column_by_name("TimeGenerated")?;
    column.as_primitive_opt::<TimestampMicrosecondType>().cloned()
}
