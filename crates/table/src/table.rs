//! A Flowglass table: `Flows` with its side tables and positions, in one folder.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use model::{FLOWS, INGEST_LOG, QUARANTINE, TableDef, TableVersion};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Result, TableError};
use crate::log::Log;
use crate::positions::{ShardState, decode};
use crate::snapshot::Snapshot;
use crate::store::DurableLocal;
use crate::transaction::Transaction;
use model::{Sequence, Shard};

/// An open table.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) path: PathBuf,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) flows: Log,
    pub(crate) ingest_log: Log,
    pub(crate) quarantine: Log,
}

impl Table {
    /// Opens the table in a folder.
    ///
    /// # Errors
    /// If there is none, it is another program's, or it is newer than this program.
    pub async fn open(path: &FsPath) -> Result<Self> {
        let missing = || TableError::Missing {
            path: path.to_path_buf(),
        };
        if !path.is_dir() {
            return Err(missing());
        }
        let store = local(path)?;
        let Some(flows) = Log::open(&store, &FLOWS)
            .await
            .map_err(|error| named(path, error))?
        else {
            return Err(missing());
        };
        // A writer that died while it created the table may have left only the first of the three.
        let ingest_log = side(&store, &INGEST_LOG).await?;
        let quarantine = side(&store, &QUARANTINE).await?;
        Ok(Self {
            path: path.to_path_buf(),
            store,
            flows,
            ingest_log,
            quarantine,
        })
    }

    /// Opens the table in a folder, and makes folder and table if there are none.
    ///
    /// # Errors
    /// As [`Table::open`], and if nothing can be written there.
    pub async fn open_or_create(path: &FsPath) -> Result<Self> {
        match Self::open(path).await {
            Err(TableError::Missing { .. }) => {}
            other => return other,
        }
        std::fs::create_dir_all(path)
            .map_err(|error| TableError::io(format!("make the folder `{}`", path.display()), error))?;
        let store = local(path)?;
        let flows = Log::create(&store, &FLOWS).await?;
        let ingest_log = side(&store, &INGEST_LOG).await?;
        let quarantine = side(&store, &QUARANTINE).await?;
        Ok(Self {
            path: path.to_path_buf(),
            store,
            flows,
            ingest_log,
            quarantine,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &FsPath {
        &self.path
    }

    /// The version of `Flows` that is loaded.
    #[must_use]
    pub fn version(&self) -> TableVersion {
        self.flows.version()
    }

    /// Brings all logs up to their newest version.
    ///
    /// # Errors
    /// If a log cannot be read.
    pub async fn refresh(&mut self) -> Result<()> {
        self.flows.refresh().await?;
        self.ingest_log.refresh().await?;
        self.quarantine.refresh().await
    }

    /// Begins a transaction on the newest version.
    ///
    /// # Errors
    /// If a log cannot be read.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        self.refresh().await?;
        Ok(Transaction::new(self))
    }

    /// What a query reads: `Flows`, then the committed part of the side tables.
    ///
    /// # Errors
    /// If a log or a position file cannot be read.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let flows = self.flows.snapshot()?;
        let mut all = vec![flows];
        for log in [&self.ingest_log, &self.quarantine] {
            all.push(crate::committed::only_committed(self, log.snapshot()?).await?);
        }
        Ok(all)
    }

    /// As [`Table::snapshots`], with `Flows` as it was at an earlier version.
    ///
    /// # Errors
    /// If that version is not there any more.
    pub async fn snapshots_at(&self, version: TableVersion) -> Result<Vec<Snapshot>> {
        let earlier = Self {
            flows: self.flows.at_version(version).await?,
            ..self.clone()
        };
        earlier.snapshots().await
    }

    /// The state of a shard as of the loaded version of `Flows`.
    pub(crate) async fn shard_state(&self, shard: Shard) -> Result<ShardState> {
        let sequence = self.flows.sequence(shard).await?;
        if sequence == Sequence(0) {
            return Ok(ShardState::empty(shard));
        }
        let path = ShardState::path(shard, sequence);
        self.read_position_file(&path).await
    }

    pub(crate) async fn read_position_file<T: for<'d> serde::Deserialize<'d>>(
        &self,
        path: &str,
    ) -> Result<T> {
        let bytes = match self.store.get(&Path::from(path)).await {
            Ok(found) => found
                .bytes()
                .await
                .map_err(|error| TableError::io(format!("read `{path}`"), error))?,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(TableError::Damaged {
                    what: format!("`{path}` is missing, though the log names it"),
                });
            }
            Err(error) => return Err(TableError::io(format!("read `{path}`"), error)),
        };
        decode(&bytes).map_err(|error| TableError::Damaged {
            what: format!("`{path}`: {error}"),
        })
    }
}

fn local(path: &FsPath) -> Result<Arc<dyn ObjectStore>> {
    let store = DurableLocal::new(path)
        .map_err(|error| TableError::io(format!("open the folder `{}`", path.display()), error))?;
    Ok(Arc::new(store))
}

async fn side(store: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Log> {
    match Log::open(store, table).await? {
        Some(log) => Ok(log),
        None => Log::create(store, table).await,
    }
}

fn named(path: &FsPath, error: TableError) -> TableError {
    match error {
        TableError::Foreign { .. } => TableError::Foreign {
            path: path.to_path_buf(),
        },
        other => other,
    }
}
