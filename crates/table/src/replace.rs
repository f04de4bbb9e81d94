//! Rows of sources taken out in the same commit that puts others in: what `--replay` does (docs/adr/0020-replay.md).
//!
//! Every file that holds rows of them is written anew without those, beside the new rows. `IngestLog` is a ledger, and nothing
//! is taken out of it: a row with negative counts takes back what earlier ones said. The entry of the log is for exactly the
//! version that was looked at, and only if all those files are still there and each source still stands where it stood: then
//! nobody has added to what is taken out.

mod quarantined;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use model::{FLOWS, Sequence, Shard, SourceId, TableVersion};

use crate::checksum;
use crate::committed::only_committed;
use crate::compact::{aligned, held, with_day};
use crate::error::{Result, TableError};
use crate::object_reader::{Batches, Grouped, open};
use crate::positions::{Position, segment_path};
use crate::rows::WithdrawnRow;
use crate::snapshot::{DataFile, Snapshot, StatValue, WrittenFile};
use crate::table::Table;
use crate::transaction::{Contribution, Transaction};
use crate::writer::{Writer, file_schema};

/// Rows of a batch that is written anew.
const BATCH_ROWS: usize = 32 * 1024;
/// Tries at the entry: others commit all the time.
const ATTEMPTS_MAX: u32 = 200;
/// Times that the files are written before the sources are read anew.
const FOLDS_MAX: u32 = 20;

/// A source whose rows are to be replaced.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// Its address.
    pub source: String,
    /// The hour of its path, if it has one.
    pub hour: Option<i32>,
    /// Where reading stood in it.
    pub before: Option<Position>,
}

impl Replaced {
    /// The codes that its rows may have.
    pub fn ids(&self) -> impl Iterator<Item = (SourceId, u32)> + '_ {
        let last = self.before.as_ref().map(|before| before.incarnation);
        let incarnations = last.into_iter().flat_map(|last| 0..=last);
        incarnations.map(|number| (Position::source_id(&self.source, number), number))
    }
}

impl Table {
    /// The addresses of the sources of some hours, counted from 1970, that were read.
    ///
    /// # Errors
    /// If a position file cannot be read.
    pub async fn positions_of(&self, hours: RangeInclusive<i32>) -> Result<BTreeSet<String>> {
        let mut sources = BTreeSet::new();
        let within = |position: &Position| position.hour.is_some_and(|hour| hours.contains(&hour));
        for shard in (0..Shard::COUNT).map(Shard) {
            let state = self.shard_state(shard).await?;
            for segment in &state.segments {
                let touches = |(first, last): (i32, i32)| first <= *hours.end() && last >= *hours.start();
                if segment.hours.is_none_or(touches) {
                    let path = segment_path(&segment.name);
                    let positions: Vec<Position> = self.read_position_file(&path).await?;
                    let found = positions.into_iter().filter(within);
                    sources.extend(found.map(|position| position.source));
                }
            }
            let open = state.open.into_values().filter(within);
            sources.extend(open.map(|position| position.source));
        }
        Ok(sources)
    }
}

/// What is taken out.
#[derive(Debug, Default)]
struct Withdrawal {
    /// Files of `Flows` that go.
    files: HashSet<String>,
    /// Files with the other rows of those.
    others: Vec<WrittenFile>,
    rows: Vec<WithdrawnRow>,
}

/// What `IngestLog` says of one source, all rows added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    records: i64,
    stored: i64,
    skipped: i64,
    quarantined: i64,
    repeated: i64,
    times: Option<(i64, i64)>,
}

impl Transaction<'_> {
    /// Writes the rows that share files with those of these sources, and says what is to be taken out when they are committed.
    async fn withdraw(&mut self, sources: &[Replaced], now_micros: i64) -> Result<Withdrawal> {
        let ids: HashMap<SourceId, (&Replaced, u32)> = sources
            .iter()
            .flat_map(|source| source.ids().map(move |(id, number)| (id, (source, number))))
            .collect();
        if let Some(name) = self.table.flows.unknown_columns().first() {
            // We would write its rows without that column.
            return Err(TableError::NewerColumn {
                table: FLOWS.name.to_owned(),
                column: name.clone(),
            });
        }
        let mut withdrawal = Withdrawal::default();
        if ids.is_empty() {
            return Ok(withdrawal);
        }
        let said = self.said_of(&ids).await?;
        let flows = self.flows()?;
        let checksums = self.table.flows.checksums()?;
        let mut writer = self.writer(now_micros);
        let times = times_of(&said);
        let mut taken: HashMap<SourceId, u64> = HashMap::new();
        for file in flows.files.iter().filter(|file| may_hold(file, times)) {
            if !count(&flows, file, &ids, &mut taken).await? {
                continue;
            }
            if let Some(sha256) = checksums.get(&file.path)
                && checksum::of_file(&flows.store, &file.path).await? != *sha256
            {
                let what = format!(
                    "`{}` holds other bytes than were written: its SHA-256 differs",
                    file.path
                );
                return Err(TableError::Damaged { what });
            }
            write_others(&flows, file, &ids, &mut writer).await?;
            withdrawal.files.insert(file.path.clone());
        }
        withdrawal.others = writer.finish().await?;
        for (id, said) in said {
            let Some((source, incarnation)) = ids.get(&id) else {
                continue;
            };
            let positive = |number: i64| u64::try_from(number).unwrap_or(0);
            withdrawal.rows.push(WithdrawnRow {
                source: source.source.clone(),
                source_id: id,
                incarnation: *incarnation,
                records: positive(said.records),
                stored: taken.get(&id).copied().unwrap_or(0),
                skipped: positive(said.skipped),
                quarantined: positive(said.quarantined),
                repeated: positive(said.repeated),
            });
        }
        Ok(withdrawal)
    }

    /// What `IngestLog` says of these sources, those of which it says nothing left out.
    async fn said_of(&self, ids: &HashMap<SourceId, (&Replaced, u32)>) -> Result<BTreeMap<SourceId, Said>> {
        let mut said = BTreeMap::new();
        let Some(log) = &self.table.ingest_log else {
            return Ok(said);
        };
        let log = only_committed(self.table, log).await?;
        for file in log.files.iter() {
            let mut batches = Batches::of_columns(file, open(&log, file).await?, &SAID)?;
            while let Some(batch) = batches.next().await? {
                if add_said(&batch, ids, &mut said).is_none() {
                    let what = format!("`{}` lacks columns of `IngestLog`", file.path);
                    return Err(TableError::Damaged { what });
                }
            }
        }
        said.retain(|_, said: &mut Said| {
            said.stored != 0 || said.skipped != 0 || said.quarantined != 0 || said.records != 0
        });
        Ok(said)
    }

    /// Puts in, and takes out what was stored of these sources, all of it or nothing: how many rows were taken out. Others may
    /// commit meanwhile, as long as they leave these sources alone; if they fold the files, those are written anew.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if they did not; then nothing was changed, and the sources must be looked at anew.
    pub async fn replace(
        mut self,
        files: Vec<WrittenFile>,
        contributions: Vec<Contribution>,
        sources: &[Replaced],
        now_micros: i64,
    ) -> Result<(TableVersion, u64)> {
        for _ in 0..FOLDS_MAX {
            self.look_anew().await?;
            if !self.stand_still(sources).await? {
                break;
            }
            let withdrawal = self.withdraw(sources, now_micros).await?;
            let rows = withdrawal.rows.iter().map(|row| row.stored).sum();
            let all: Vec<WrittenFile> = files.iter().chain(&withdrawal.others).cloned().collect();
            let done = self
                .exchange(&all, &contributions, (sources, &withdrawal), now_micros)
                .await;
            match done {
                Err(TableError::Conflict) => self.remove(&withdrawal.others).await,
                done => return done.map(|version| (version, rows)),
            }
        }
        self.remove(&files).await;
        Err(TableError::Conflict)
    }

    /// Commits, for as long as it is only others that come first. What was claimed holds until somebody moves one of its shards.
    async fn exchange(
        &mut self,
        files: &[WrittenFile],
        contributions: &[Contribution],
        (sources, withdrawal): (&[Replaced], &Withdrawal),
        now_micros: i64,
    ) -> Result<TableVersion> {
        let now_millis = now_micros.div_euclid(1000);
        let moved = sources.iter().map(|source| Position::shard_of(&source.source));
        let shards: BTreeSet<Shard> = moved.collect();
        let (mut stamps, mut claimed_at) = (Vec::new(), None);
        for _ in 0..ATTEMPTS_MAX {
            self.look_anew().await?;
            if !self.table.flows.has_all(&withdrawal.files)? {
                return Err(TableError::Conflict);
            }
            let stand = Some(self.sequences(&shards).await?);
            if claimed_at != stand {
                if !self.stand_still(sources).await? {
                    return Err(TableError::Conflict);
                }
                let rows = withdrawal.rows.clone();
                stamps = self.claim_all(contributions.to_vec(), rows, now_micros).await?;
                claimed_at = stand;
            }
            let flows = &mut self.table.flows;
            match flows
                .exchange(&withdrawal.files, files, &stamps, now_millis)
                .await
            {
                Err(TableError::Conflict) => {}
                done => return done,
            }
        }
        Err(TableError::ConflictAgain {
            attempts: ATTEMPTS_MAX,
        })
    }

    /// Where these shards stand.
    async fn sequences(&self, shards: &BTreeSet<Shard>) -> Result<Vec<Sequence>> {
        let mut sequences = Vec::with_capacity(shards.len());
        for shard in shards {
            sequences.push(self.table.flows.sequence(*shard).await?);
        }
        Ok(sequences)
    }

    /// True if reading stands in each source where it stood.
    async fn stand_still(&mut self, sources: &[Replaced]) -> Result<bool> {
        for source in sources {
            if self.position(&source.source, source.hour).await? != source.before {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

const SAID: [&str; 8] = [
    "SourceId",
    "Records",
    "TuplesStored",
    "TuplesSkipped",
    "TuplesQuarantined",
    "RecordsRepeated",
    "TimeMin",
    "TimeMax",
];

fn add_said<V>(
    batch: &RecordBatch,
    ids: &HashMap<SourceId, V>,
    said: &mut BTreeMap<SourceId, Said>,
) -> Option<()> {
    let longs = |name: &str| {
        let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        Some(column.values().clone())
    };
    let times = |name: &str| {
        let column = batch.column_by_name(name)?;
        column.as_primitive_opt::<TimestampMicrosecondType>().cloned()
    };
    let (first, last) = (times("TimeMin")?, times("TimeMax")?);
    let (records, stored, skipped) = (longs("Records")?, longs("TuplesStored")?, longs("TuplesSkipped")?);
    let (quarantined, repeated) = (longs("TuplesQuarantined")?, longs("RecordsRepeated")?);
    for (row, source) in longs("SourceId")?.iter().enumerate() {
        let id = SourceId(*source);
        if !ids.contains_key(&id) {
            continue;
        }
        let of: &mut Said = said.entry(id).or_default();
        let add =
            |sum: &mut i64, more: &[i64]| *sum = sum.saturating_add(more.get(row).copied().unwrap_or(0));
        add(&mut of.records, &records);
        add(&mut of.stored, &stored);
        add(&mut of.skipped, &skipped);
        add(&mut of.quarantined, &quarantined);
        add(&mut of.repeated, &repeated);
        if first.is_valid(row) && last.is_valid(row) {
            let (from, until) = (first.value(row), last.value(row));
            let (least, most) = of.times.unwrap_or((from, until));
            of.times = Some((least.min(from), most.max(until)));
        }
    }
    Some(())
}

/// Between which times all their rows lie; none if that is not said of all.
fn times_of(said: &BTreeMap<SourceId, Said>) -> Option<(i64, i64)> {
    let mut all: Option<(i64, i64)> = None;
    for said in said.values().filter(|said| said.stored != 0) {
        let (from, until) = said.times?;
        let (least, most) = all.unwrap_or((from, until));
        all = Some((least.min(from), most.max(until)));
    }
    // Nothing was stored of any: there is no such time.
    all.or(Some((i64::MAX, i64::MIN)))
}

fn may_hold(file: &DataFile, times: Option<(i64, i64)>) -> bool {
    let Some((from, until)) = times else { return true };
    let bounds = file.columns.get("TimeGenerated");
    match bounds.map(|bounds| (&bounds.min, &bounds.max)) {
        Some((Some(StatValue::Instant(min)), Some(StatValue::Instant(max)))) => *min <= until && *max >= from,
        _ => from <= until,
    }
}

fn source_ids<'b>(batch: &'b RecordBatch, file: &DataFile) -> Result<&'b [i64]> {
    let column = batch.column_by_name("SourceId");
    let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    column
        .map(|column| &**column.values())
        .ok_or_else(|| TableError::Damaged {
            what: format!("`{}` has no column `SourceId`", file.path),
        })
}

/// Counts the rows of these sources; true if there are some.
async fn count<V>(
    snapshot: &Snapshot,
    file: &DataFile,
    ids: &HashMap<SourceId, V>,
    taken: &mut HashMap<SourceId, u64>,
) -> Result<bool> {
    let mut found = false;
    let mut batches = Batches::of_columns(file, open(snapshot, file).await?, &["SourceId"])?;
    while let Some(batch) = batches.next().await? {
        for id in source_ids(&batch, file)?.iter().map(|id| SourceId(*id)) {
            if ids.contains_key(&id) {
                *taken.entry(id).or_default() += 1;
                found = true;
            }
        }
    }
    Ok(found)
}

/// Writes the rows of a file that are of none of these sources.
async fn write_others<V>(
    snapshot: &Snapshot,
    file: &DataFile,
    ids: &HashMap<SourceId, V>,
    writer: &mut Writer,
) -> Result<()> {
    let table = snapshot.table;
    let schema = file_schema(table);
    let grouped = Grouped::open(snapshot, file, |stored| held(table, stored)).await?;
    let groups = (0..grouped.footer().num_row_groups()).collect();
    let mut rows = grouped.rows(groups, BATCH_ROWS)?;
    while let Some(batch) = rows.next().await? {
        let others: Vec<bool> = source_ids(&batch, file)?
            .iter()
            .map(|id| !ids.contains_key(&SourceId(*id)))
            .collect();
        if !others.contains(&true) {
            continue;
        }
        let batch = filter_record_batch(&batch, &BooleanArray::from(others))
            .map_err(|error| TableError::io("leave out rows", error))?;
        let batch = aligned(&batch, &schema, &file.path)?;
        writer.write(&with_day(table, &batch, file.day)?).await?;
    }
    Ok(())
}
