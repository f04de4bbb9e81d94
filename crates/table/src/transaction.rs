//! The exactly-once protocol (docs/adr/0003-exactly-once.md).
//!
//! 1. Read the log; it names the position file of each shard.
//! 2. Write data files. Nothing names them yet.
//! 3. Write a position file per touched shard, create-only: this claims the shard's next sequence.
//! 4. Commit `IngestLog` and `Quarantine` rows that carry (shard, sequence).
//! 5. Commit `Flows`: data files and the shards' sequences in one step. Only now has it happened.
//!
//! A death before 5 leaves files that nothing names, and a gap in the sequences. Another writer that
//! moved one of the shards since 1 makes 5 fail; the caller begins again from 1.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use model::{FLOWS, INGEST_LOG, QUARANTINE, Sequence, Shard, TableDef, TableVersion};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use crate::committed::marker;
use crate::error::{Result, TableError};
use crate::log::Log;
use crate::positions::{Position, SegmentRef, ShardState, encode, segment_path};
use crate::rows::{
    IngestRow, QuarantineRow, Stamp, WithdrawnRow, ingest_batch, quarantine_batch, withdrawn_batch,
};
use crate::snapshot::{Snapshot, WrittenFile};
use crate::table::Table;
use crate::writer::Writer;

/// Position files that are read or written at a time.
const CLAIMS_AT_ONCE: usize = 16;

/// What one source contributed.
#[derive(Clone, Debug)]
pub struct Contribution {
    /// Address of the source.
    pub source: String,
    /// Where reading stands now; none for a source that cannot be gone back to, like standard input.
    pub position: Option<Position>,
    /// What was read; none if only the position's size or time was brought up to date.
    pub row: Option<IngestRow>,
    /// What could not be read.
    pub quarantined: Vec<QuarantineRow>,
}

/// A transaction being prepared. Dropping it leaves the table as it was.
pub struct Transaction<'t> {
    pub(crate) table: &'t mut Table,
    states: HashMap<Shard, ShardState>,
    segments: HashMap<String, Arc<HashMap<String, Position>>>,
}

impl<'t> Transaction<'t> {
    pub(crate) fn new(table: &'t mut Table) -> Self {
        Self {
            table,
            states: HashMap::new(),
            segments: HashMap::new(),
        }
    }

    /// The files of `Flows` that the transaction builds on.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn flows(&self) -> Result<Snapshot> {
        self.table.flows.snapshot()
    }

    /// Where reading stands in a source; `hour` is the hour of its path, if it has one.
    ///
    /// # Errors
    /// If a position file cannot be read.
    pub async fn position(&mut self, source: &str, hour: Option<i32>) -> Result<Option<Position>> {
        let shard = Position::shard_of(source);
        let state = self.state(shard).await?;
        if let Some(position) = state.open.get(source) {
            return Ok(Some(position.clone()));
        }
        let names: Vec<String> = state
            .segments_for(hour)
            .map(|segment| segment.name.clone())
            .collect();
        for name in names {
            if let Some(position) = self.segment(&name).await?.get(source) {
                return Ok(Some(position.clone()));
            }
        }
        Ok(None)
    }

    async fn state(&mut self, shard: Shard) -> Result<&ShardState> {
        if !self.states.contains_key(&shard) {
            let state = self.table.shard_state(shard).await?;
            self.states.insert(shard, state);
        }
        self.states.get(&shard).ok_or_else(|| TableError::Damaged {
            what: format!("shard {shard} has no state"),
        })
    }

    async fn segment(&mut self, name: &str) -> Result<Arc<HashMap<String, Position>>> {
        if let Some(found) = self.segments.get(name) {
            return Ok(Arc::clone(found));
        }
        let positions: Vec<Position> = self.table.read_position_file(&segment_path(name)).await?;
        let by_source: HashMap<String, Position> = positions
            .into_iter()
            .map(|position| (position.source.clone(), position))
            .collect();
        let by_source = Arc::new(by_source);
        self.segments.insert(name.to_owned(), Arc::clone(&by_source));
        Ok(by_source)
    }

    /// A writer for rows of `Flows`. Its files belong to no version until they are committed.
    #[must_use]
    pub fn writer(&self, now_micros: i64) -> Writer {
        Writer::new(&FLOWS, self.folder(&FLOWS), now_micros.div_euclid(1000))
    }

    fn folder(&self, table: &TableDef) -> Arc<dyn ObjectStore> {
        Arc::new(PrefixStore::new(Arc::clone(&self.table.store), table.name))
    }

    /// Makes it happen: all of it, or nothing.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if another writer moved one of the shards; then nothing was stored, and
    /// the sources must be looked at anew.
    pub async fn commit(
        mut self,
        files: Vec<WrittenFile>,
        contributions: Vec<Contribution>,
        now_micros: i64,
    ) -> Result<TableVersion> {
        let stamps = self.claim_all(contributions, Vec::new(), now_micros).await?;
        let committed = self.table.flows.commit(&files, &stamps).await;
        if matches!(committed, Err(TableError::Conflict)) {
            self.remove(&files).await;
        }
        committed
    }

    /// Builds on what others have committed since.
    pub(crate) async fn look_anew(&mut self) -> Result<()> {
        self.states.clear();
        self.table.refresh().await
    }

    /// Claims the next sequence of each shard that moves, and writes what the side tables are to hold of it. It counts once
    /// `Flows` names those sequences.
    pub(crate) async fn claim_all(
        &mut self,
        contributions: Vec<Contribution>,
        withdrawn: Vec<WithdrawnRow>,
        now_micros: i64,
    ) -> Result<Vec<(Shard, Sequence)>> {
        let mut moved: BTreeMap<Shard, Vec<Contribution>> = BTreeMap::new();
        for contribution in contributions {
            moved
                .entry(Position::shard_of(&contribution.source))
                .or_default()
                .push(contribution);
        }
        let stamps = self.claim_each(&moved).await?;
        let mut ingest = Vec::new();
        let mut quarantine = Vec::new();
        for ((_, contributions), (shard, sequence)) in moved.into_iter().zip(stamps.iter().copied()) {
            let stamp = Stamp {
                now_micros,
                shard,
                sequence,
            };
            for contribution in contributions {
                ingest.extend(contribution.row.map(|row| (stamp, row)));
                quarantine.extend(contribution.quarantined.into_iter().map(|row| (stamp, row)));
            }
        }
        let stamp_of = |row: &WithdrawnRow| {
            let shard = Position::shard_of(&row.source);
            let sequence = stamps
                .iter()
                .find(|(moved, _)| *moved == shard)
                .map(|(_, sequence)| *sequence)?;
            Some(Stamp {
                now_micros,
                shard,
                sequence,
            })
        };
        let withdrawn = withdrawn
            .into_iter()
            .filter_map(|row| Some((stamp_of(&row)?, row)));
        let withdrawn: Vec<(Stamp, WithdrawnRow)> = withdrawn.collect();
        let broken = |error| TableError::io("make side table rows", error);
        let mut log = batches(&withdrawn, withdrawn_batch).map_err(broken)?;
        log.extend(batches(&ingest, ingest_batch).map_err(broken)?);
        let quarantine = batches(&quarantine, quarantine_batch).map_err(broken)?;
        self.write_side_tables(&stamps, &log, &quarantine, now_micros)
            .await?;
        Ok(stamps)
    }

    /// Removes files that lost: nothing has named them, and nothing ever will.
    pub(crate) async fn remove(&self, files: &[WrittenFile]) {
        let folder = self.folder(&FLOWS);
        for WrittenFile { file, .. } in files {
            // What stays is an orphan, and harmless.
            let _ = folder.delete(&Path::from(file.path.as_str())).await;
        }
    }

    /// Claims for each shard, several at a time: an account takes as long for one as for ten. In the order of the shards.
    async fn claim_each(
        &mut self,
        moved: &BTreeMap<Shard, Vec<Contribution>>,
    ) -> Result<Vec<(Shard, Sequence)>> {
        let table = &*self.table;
        let missing = moved.keys().filter(|shard| !self.states.contains_key(shard));
        let read: Vec<_> = missing
            .map(|shard| async move { Ok::<_, TableError>((*shard, table.shard_state(*shard).await?)) })
            .collect();
        let read: Vec<_> = stream::iter(read).buffered(CLAIMS_AT_ONCE).try_collect().await?;
        self.states.extend(read);
        let mut claims = Vec::with_capacity(moved.len());
        for (shard, contributions) in moved {
            let before = self.state(*shard).await?.clone();
            let positions = contributions.iter();
            let positions: Vec<Position> = positions
                .filter_map(|contribution| contribution.position.clone())
                .collect();
            claims.push((*shard, before, positions));
        }
        let own = &*self;
        let claims: Vec<_> = claims
            .into_iter()
            .map(|(shard, before, positions)| async move {
                Ok::<_, TableError>((shard, own.claim(shard, before, &positions).await?))
            })
            .collect();
        stream::iter(claims).buffered(CLAIMS_AT_ONCE).try_collect().await
    }

    /// Writes the shard's new state under the next sequence that nobody has claimed.
    async fn claim(&self, shard: Shard, before: ShardState, positions: &[Position]) -> Result<Sequence> {
        let mut sequence = Sequence(before.sequence).next();
        let mut state = before.advanced(sequence, positions);
        while let Some(folded) = state.fold() {
            let name = format!("{shard}-{}.json.zst", uuid::Uuid::new_v4());
            let sources = folded.positions.len() as u64;
            self.put(&segment_path(&name), &folded.positions).await?;
            state.segments.push(SegmentRef {
                name,
                sources,
                hours: folded.hours,
            });
        }
        loop {
            match self.put(&ShardState::path(shard, sequence), &state).await {
                Ok(()) => return Ok(sequence),
                // A writer that died, or one that is about to commit: the log will tell which.
                Err(Put::Exists) => {
                    sequence = sequence.next();
                    let renumbered = before.advanced(sequence, &[]);
                    state.sequence = renumbered.sequence;
                    state.committed = renumbered.committed;
                }
                Err(Put::Failed(error)) => return Err(error),
            }
        }
    }

    async fn put<T: serde::Serialize>(&self, path: &str, value: &T) -> std::result::Result<(), Put> {
        let failed = |error| Put::Failed(TableError::io(format!("write `{path}`"), error));
        let bytes =
            encode(value).map_err(|error| Put::Failed(TableError::io(format!("encode `{path}`"), error)))?;
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self
            .table
            .store
            .put_opts(&Path::from(path), bytes.into(), options)
            .await
        {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => Err(Put::Exists),
            Err(error) => Err(failed(error)),
        }
    }

    async fn write_side_tables(
        &mut self,
        stamps: &[(Shard, Sequence)],
        ingest: &[RecordBatch],
        quarantine: &[RecordBatch],
        now_micros: i64,
    ) -> Result<()> {
        let Some((shard, sequence)) = stamps.first() else {
            return Ok(());
        };
        let prefix = marker(*shard, *sequence);
        let ingest_store = self.folder(&INGEST_LOG);
        let quarantine_store = self.folder(&QUARANTINE);
        append(
            &mut self.table.ingest_log,
            ingest_store,
            &INGEST_LOG,
            ingest,
            &prefix,
            now_micros,
        )
        .await?;
        append(
            &mut self.table.quarantine,
            quarantine_store,
            &QUARANTINE,
            quarantine,
            &prefix,
            now_micros,
        )
        .await
    }
}

/// Rows as batches of bounded size: 4,096 raw texts of 4 KiB at most.
fn batches<R>(
    rows: &[(Stamp, R)],
    make: impl Fn(&[(Stamp, R)]) -> std::result::Result<RecordBatch, ArrowError>,
) -> std::result::Result<Vec<RecordBatch>, ArrowError> {
    rows.chunks(4096).map(make).collect()
}

async fn append(
    log: &mut Option<Log>,
    store: Arc<dyn ObjectStore>,
    table: &'static TableDef,
    rows: &[RecordBatch],
    prefix: &str,
    now_micros: i64,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // The beginning of the transaction made the log if there was none.
    let Some(log) = log else {
        return Err(TableError::Damaged {
            what: format!("`{}` has no log", table.name),
        });
    };
    let mut writer = Writer::new(table, store, now_micros.div_euclid(1000)).with_name_prefix(prefix);
    for batch in rows {
        writer.write(batch).await?;
    }
    let files = writer.finish().await?;
    log.commit(&files, &[]).await.map(|_| ())
}

/// How a create-only write can fail.
enum Put {
    Exists,
    Failed(TableError),
}

impl From<Put> for TableError {
    fn from(put: Put) -> Self {
        match put {
            Put::Exists => Self::Conflict,
            Put::Failed(error) => error,
        }
    }
}
