//! A Flowglass table: `Flows` with its side tables and positions, in one folder.

use std::io::{Error, ErrorKind};
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
    /// None until a writer makes it: a writer that died while it created the table may have left only
    /// the first of the three, and whoever only reads must not write.
    pub(crate) ingest_log: Option<Log>,
    /// As `ingest_log`.
    pub(crate) quarantine: Option<Log>,
}

impl Table {
    /// Opens the table in a folder. Writes nothing.
    ///
    /// # Errors
    /// If there is none, it is another program's, or it is newer than this program.
    pub async fn open(path: &FsPath) -> Result<Self> {
        if !path.is_dir() {
            return Err(TableError::Missing {
                path: path.to_path_buf(),
            });
        }
        Self::open_in(local(path)?, path).await
    }

    /// Opens the table in a store, such as a container of a storage account; `path` is what it is called. The store must be
    /// able to write a file only if there is none of its name. Writes nothing.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub async fn open_in(store: Arc<dyn ObjectStore>, path: &FsPath) -> Result<Self> {
        let flows = Log::open(&store, &FLOWS).await;
        let Some(flows) = flows.map_err(|error| named(path, error))? else {
            return Err(TableError::Missing {
                path: path.to_path_buf(),
            });
        };
        let ingest_log = Log::open(&store, &INGEST_LOG).await?;
        let quarantine = Log::open(&store, &QUARANTINE).await?;
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
        std::fs::create_dir_all(path).map_err(|error| {
            let error = match error.kind() {
                ErrorKind::AlreadyExists => Error::other("a file of that name is there"),
                _ => error,
            };
            TableError::io(format!("make the folder `{}`", path.display()), error)
        })?;
        Self::create_in(local(path)?, path).await
    }

    /// Opens the table in a store, and makes it if there is none.
    ///
    /// # Errors
    /// As [`Table::open`], and if nothing can be written there.
    pub async fn open_or_create_in(store: Arc<dyn ObjectStore>, path: &FsPath) -> Result<Self> {
        match Self::open_in(Arc::clone(&store), path).await {
            Err(TableError::Missing { .. }) => Self::create_in(store, path).await,
            other => other,
        }
    }

    async fn create_in(store: Arc<dyn ObjectStore>, path: &FsPath) -> Result<Self> {
        let mut table = Self {
            path: path.to_path_buf(),
            flows: Log::create(&store, &FLOWS).await?,
            store,
            ingest_log: None,
            quarantine: None,
        };
        table.make_side_tables().await?;
        Ok(table)
    }

    /// The folder, or the address in a storage account.
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
        refresh_side(&self.store, &INGEST_LOG, &mut self.ingest_log).await?;
        refresh_side(&self.store, &QUARANTINE, &mut self.quarantine).await
    }

    async fn make_side_tables(&mut self) -> Result<()> {
        for (log, table) in [
            (&mut self.ingest_log, &INGEST_LOG),
            (&mut self.quarantine, &QUARANTINE),
        ] {
            if log.is_none() {
                *log = Some(Log::create(&self.store, table).await?);
            }
        }
        Ok(())
    }

    /// Begins a transaction on the newest version. A table of an earlier format is brought to the present
    /// one first ([`Table::migrate`]): its files would otherwise hold columns that its log does not name.
    ///
    /// # Errors
    /// If a log cannot be read, or the table is one that only newer programs may write to.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        self.refresh().await?;
        self.flows.check_writable()?;
        self.make_side_tables().await?;
        self.migrate().await?;
        Ok(Transaction::new(self))
    }

    /// What a query reads: `Flows`, then the committed part of the side tables.
    ///
    /// # Errors
    /// If a log or a position file cannot be read.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let mut all = vec![self.flows.snapshot()?];
        for (log, table) in [(&self.ingest_log, &INGEST_LOG), (&self.quarantine, &QUARANTINE)] {
            all.push(match log {
                Some(log) => crate::committed::only_committed(self, log).await?,
                None => Log::nothing(&self.store, table)?,
            });
        }
        Ok(all)
    }

    /// `IngestLog` and `Quarantine` with the files of transactions that never committed; one that was
    /// not made yet is empty.
    pub(crate) fn side_snapshots(&self) -> Result<[Snapshot; 2]> {
        let of = |log: &Option<Log>, table| match log {
            Some(log) => log.snapshot(),
            None => Log::nothing(&self.store, table),
        };
        Ok([
            of(&self.ingest_log, &INGEST_LOG)?,
            of(&self.quarantine, &QUARANTINE)?,
        ])
    }

    /// As [`Table::snapshots`], with `Flows` as it was at an earlier version.
    ///
    /// # Errors
    /// If that version is not there any more.
    pub async fn snapshots_at(&self, version: TableVersion) -> Result<Vec<Snapshot>> {
        let oldest = self.flows.history().await?.oldest();
        let gone = |oldest: Option<TableVersion>| TableError::VersionGone {
            table: FLOWS.name.to_owned(),
            version: version.0,
            oldest: oldest.map(|oldest| oldest.0),
        };
        if oldest.is_some_and(|oldest| version < oldest) {
            return Err(gone(oldest));
        }
        let earlier = Self {
            flows: self.flows.at_version(version).await?,
            ..self.clone()
        };
        match earlier.snapshots().await {
            // The log reaches further back than what vacuum has left of its files.
            Err(TableError::PositionMissing { .. }) if version < self.version() => Err(gone(None)),
            other => other,
        }
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
                return Err(TableError::PositionMissing {
                    path: path.to_owned(),
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

async fn refresh_side(
    store: &Arc<dyn ObjectStore>,
    table: &'static TableDef,
    log: &mut Option<Log>,
) -> Result<()> {
    match log {
        Some(log) => log.refresh().await,
        // Another process may have made it in the meantime.
        None => {
            *log = Log::open(store, table).await?;
            Ok(())
        }
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
