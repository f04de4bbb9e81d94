//! The Delta log: the only module that names Delta types.
//!
//! Opens, creates and reads a log, and commits `Add` actions together with the transaction numbers of
//! shards. It knows nothing of what the rows mean, and writes no data file.

mod changes;
mod checkpoint;
mod columns;
mod entry;
mod history;
mod retained;
mod rewrite;
mod sequences;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake_core::kernel::{Action, Add, Transaction};
use deltalake_core::logstore::LogStoreRef;
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use model::{Sequence, Shard, TableDef, TableVersion};
use object_store::ObjectStore;
use object_store::prefix::PrefixStore;
use serde_json::Value;
use url::Url;

use crate::error::{Result, TableError};
use crate::snapshot::{Snapshot, WrittenFile};

pub use columns::MigrationStep;
pub(crate) use entry::FoldTag;
pub use entry::day_text;
pub(crate) use history::{Entry, History};
pub(crate) use retained::DroppedSoFar;
pub(crate) use rewrite::NewFile;

/// The format written by this program, as a number that only grows. 2: `SrcPort` may be null, and four columns
/// for rows that stand for several flows.
pub const FORMAT: u32 = 2;
const PROPERTY_FORMAT: &str = "flowglass.format";
const PROPERTY_MIN_READER: &str = "flowglass.minReader";
const PROPERTY_MIN_WRITER: &str = "flowglass.minWriter";
const PROPERTY_SHARDS: &str = "flowglass.shards";
const PROPERTY_TABLE: &str = "flowglass.table";

/// One table's log, loaded at some version.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    table: &'static TableDef,
    url: Url,
    store: Arc<dyn ObjectStore>,
    log_store: LogStoreRef,
    state: DeltaTableState,
    /// What has been asked for of the loaded version: each question reads the tail of the log again.
    sequences: Arc<Mutex<HashMap<Shard, Sequence>>>,
}

fn failed(what: &str, error: DeltaTableError) -> TableError {
    match error {
        DeltaTableError::Transaction {
            source: TransactionError::CommitConflict(_) | TransactionError::MaxCommitAttempts(_),
        }
        | DeltaTableError::VersionAlreadyExists(_) => TableError::Conflict,
        DeltaTableError::ObjectStore { source } => TableError::io(what, source),
        other => TableError::io(what, other),
    }
}

/// A URL of its own keeps the library from opening the local file system behind our back.
fn address(table: &TableDef) -> Result<Url> {
    Url::parse(&format!("memory:///{}/", table.name)).map_err(|error| TableError::io("name the table", error))
}

fn builder(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<(Url, DeltaTable)> {
    let url = address(table)?;
    let delta = DeltaTableBuilder::from_url(url.clone())
        .map_err(|error| failed("open the log", error))?
        .with_storage_backend(Arc::clone(root), url.clone())
        .build()
        .map_err(|error| failed("open the log", error))?;
    Ok((url, delta))
}

impl Log {
    /// Opens the log of a table, or `None` if there is none.
    pub(crate) async fn open(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Option<Self>> {
        let (url, mut delta) = builder(root, table)?;
        if !delta
            .verify_deltatable_existence()
            .await
            .map_err(|error| failed("look for a log", error))?
        {
            return Ok(None);
        }
        delta
            .load()
            .await
            .map_err(|error| failed("read the log", error))?;
        Self::loaded(root, table, url, &delta).map(Some)
    }

    /// Creates the table; if another process did so first, opens that.
    pub(crate) async fn create(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Self> {
        let (url, delta) = builder(root, table)?;
        let columns = table.stored_columns().map(columns::delta_field);
        let number = FORMAT.to_string();
        let shards = Shard::COUNT.to_string();
        let properties = [
            (PROPERTY_FORMAT, number.as_str()),
            (PROPERTY_MIN_READER, "1"),
            (PROPERTY_MIN_WRITER, "1"),
            (PROPERTY_SHARDS, shards.as_str()),
            (PROPERTY_TABLE, table.name),
            ("delta.checkpointInterval", "100"),
            // `table vacuum` removes old entries: it knows what followers still have to read.
            ("delta.enableExpiredLogCleanup", "false"),
            // Written by our own statistics; the log's readers find them for every column that has them.
            ("delta.dataSkippingNumIndexedCols", "-1"),
        ];
        let created = CreateBuilder::new()
            .with_log_store(delta.log_store())
            .with_table_name(table.name)
            .with_comment(table.row)
            .with_columns(columns)
            .with_partition_columns([table.partition])
            .with_raise_if_key_not_exists(false)
            .with_configuration(properties.map(|(key, value)| (key, Some(value))))
            .with_save_mode(SaveMode::Ignore)
            .await
            .map_err(|error| failed("create the log", error));
        match created {
            Ok(delta) => Self::loaded(root, table, url, &delta),
            Err(TableError::Conflict) => Self::open(root, table).await?.ok_or(TableError::Conflict),
            Err(other) => Err(other),
        }
    }

    fn loaded(
        root: &Arc<dyn ObjectStore>,
        table: &'static TableDef,
        url: Url,
        delta: &DeltaTable,
    ) -> Result<Self> {
        let state = delta
            .snapshot()
            .map_err(|error| failed("read the log", error))?
            .clone();
        let log = Self {
            table,
            url,
            store: Arc::new(PrefixStore::new(Arc::clone(root), table.name)),
            log_store: delta.log_store(),
            state,
            sequences: Arc::default(),
        };
        log.check_format()?;
        Ok(log)
    }

    /// That this program may read the table.
    fn check_format(&self) -> Result<()> {
        match self.property(PROPERTY_MIN_READER) {
            Some(needed) => self.supported(needed),
            None => Err(TableError::Foreign {
                path: self.table.name.into(),
            }),
        }
    }

    /// That this program may also write to it: who only reads need not be able to.
    pub(crate) fn check_writable(&self) -> Result<()> {
        self.property(PROPERTY_MIN_WRITER)
            .map_or(Ok(()), |needed| self.supported(needed))
    }

    fn property(&self, key: &str) -> Option<u32> {
        let properties = self.state.metadata().configuration();
        properties.get(key).and_then(|value| value.parse().ok())
    }

    fn supported(&self, needed: u32) -> Result<()> {
        if needed <= FORMAT {
            return Ok(());
        }
        Err(TableError::Newer {
            table: self.table.name.into(),
            found: needed,
            supported: FORMAT,
        })
    }

    /// The table.
    pub(crate) fn table(&self) -> &'static TableDef {
        self.table
    }

    /// The version that is loaded.
    #[must_use]
    pub(crate) fn version(&self) -> TableVersion {
        TableVersion(i64::try_from(self.state.version()).unwrap_or(i64::MAX))
    }

    /// Brings the log up to its newest version.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        let before = self.version();
        self.state
            .update(&self.log_store, None)
            .await
            .map_err(|error| failed("read the log", error))?;
        if self.version() != before {
            let sequences = self.sequences_since(before).await.unwrap_or_default();
            self.sequences = Arc::new(Mutex::new(sequences));
        }
        Ok(())
    }

    /// Loads an earlier version.
    pub(crate) async fn at_version(&self, version: TableVersion) -> Result<Self> {
        let number = u64::try_from(version.0).unwrap_or(0);
        let state = DeltaTableState::try_new(self.log_store.as_ref(), Some(number))
            .await
            .map_err(|error| failed("read an earlier version of the log", error))?;
        Ok(Self {
            state,
            sequences: Arc::default(),
            ..self.clone()
        })
    }

    /// The last transaction of a shard; 0 if there is none.
    pub(crate) async fn sequence(&self, shard: Shard) -> Result<Sequence> {
        if let Some(sequence) = self.asked_for().get(&shard) {
            return Ok(*sequence);
        }
        let version = self
            .state
            .transaction_version(self.log_store.as_ref(), transaction_name(shard))
            .await
            .map_err(|error| failed("read a shard's transaction", error))?;
        let sequence = Sequence(version.unwrap_or(0));
        self.asked_for().insert(shard, sequence);
        Ok(sequence)
    }

    fn asked_for(&self) -> MutexGuard<'_, HashMap<Shard, Sequence>> {
        self.sequences.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The exact files of the loaded version.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        self.snapshot_and_folds().map(|(snapshot, _)| snapshot)
    }

    /// The exact files of the loaded version, and what is said of those that compaction made, by path.
    pub(crate) fn snapshot_and_folds(&self) -> Result<(Snapshot, HashMap<String, FoldTag>)> {
        let entries = self.entries()?;
        let folds = entries
            .iter()
            .filter_map(|entry| Some((entry.path.clone(), entry::fold_tag(entry)?)))
            .collect();
        let mut files = entries
            .into_iter()
            .map(|entry| entry::data_file(self.table, entry))
            .collect::<Result<Vec<_>>>()?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let snapshot = Snapshot {
            table: self.table,
            version: self.version(),
            root: self.url.clone(),
            store: Arc::clone(&self.store),
            files: Arc::new(files),
        };
        Ok((snapshot, folds))
    }

    /// What a table that has no log yet holds.
    pub(crate) fn nothing(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Snapshot> {
        Ok(Snapshot {
            table,
            version: TableVersion(0),
            root: address(table)?,
            store: Arc::new(PrefixStore::new(Arc::clone(root), table.name)),
            files: Arc::default(),
        })
    }

    /// The SHA-256 of each file, in hexadecimal, by path; files of the first versions have none.
    pub(crate) fn checksums(&self) -> Result<HashMap<String, String>> {
        let entries = self.entries()?;
        let summed = entries
            .iter()
            .filter_map(|entry| Some((entry.path.clone(), entry::checksum(entry)?.to_owned())));
        Ok(summed.collect())
    }

    fn entries(&self) -> Result<Vec<Add>> {
        let data = self
            .state
            .snapshot()
            .try_log_data()
            .map_err(|error| failed("read the log", error))?;
        #[allow(deprecated, reason = "nothing else gives an entry's tags")]
        let entries = data.iter().map(|view| view.add_action()).collect();
        Ok(entries)
    }

    /// Appends files, and moves these shards to these sequences, all or nothing. Fails with
    /// [`TableError::Conflict`] if any of the shards was moved since this log was loaded.
    pub(crate) async fn commit(
        &mut self,
        files: &[WrittenFile],
        moved: &[(Shard, Sequence)],
    ) -> Result<TableVersion> {
        self.check_writable()?;
        let actions = files
            .iter()
            .map(|written| Action::Add(entry::add(self.table, written, None)))
            .collect();
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![self.table.partition.to_owned()]),
            predicate: None,
        };
        let properties = properties()
            .with_application_transactions(transactions(moved))
            .with_max_retries(50);
        let before = self.version();
        self.put_entry(properties, actions, operation).await?;
        self.have_moved(moved, before).await;
        self.checkpoint_if_due().await;
        Ok(self.version())
    }

    /// After an entry that moved shards.
    async fn have_moved(&mut self, moved: &[(Shard, Sequence)], before: TableVersion) {
        let sequences = match self.version().0 == before.0 + 1 {
            // Nobody else came in between: the other shards stand where they stood.
            true => {
                let mut sequences = self.asked_for().clone();
                sequences.extend(moved.iter().copied());
                Some(sequences)
            }
            false => self.sequences_since(before).await,
        };
        self.sequences = Arc::new(Mutex::new(sequences.unwrap_or_default()));
    }

    /// Writes one entry, and loads it.
    async fn put_entry(
        &mut self,
        properties: CommitProperties,
        actions: Vec<Action>,
        operation: DeltaOperation,
    ) -> Result<()> {
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(&self.state), Arc::clone(&self.log_store), operation)
            .await
            .map_err(|error| failed("commit to the log", error))?;
        self.state = committed.snapshot();
        Ok(())
    }
}

/// What every entry of ours has in common. The library must not do anything after it has written the
/// entry: if that failed, a commit that has happened would be reported as one that has not.
fn properties() -> CommitProperties {
    CommitProperties::default()
        .with_create_checkpoint(false)
        .with_cleanup_expired_logs(Some(false))
        .with_metadata([("flowglass".to_owned(), Value::from(env!("CARGO_PKG_VERSION")))])
}

fn transactions(moved: &[(Shard, Sequence)]) -> Vec<Transaction> {
    let moved = moved.iter();
    moved
        .map(|(shard, sequence)| Transaction::new(transaction_name(*shard), sequence.0))
        .collect()
}

/// The shard that a transaction is of.
fn shard_of(name: &str) -> Option<Shard> {
    let number = name.strip_prefix(SHARD)?.parse().ok()?;
    Some(Shard(number)).filter(|shard| transaction_name(*shard) == name)
}

const SHARD: &str = "flowglass-shard-";

fn transaction_name(shard: Shard) -> String {
    format!("{SHARD}{shard}")
}
