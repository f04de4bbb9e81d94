//! Collectors of a table: who follows what, and who lives.
//!
//! A collector is a file `_collectors/NAME.json` that it writes anew at each beat, and removes when it ends. Nobody else writes
//! it, so it needs no condition; whoever sees that its beat stands still may remove it. What the others make of it is for speed
//! only: what is stored, and how often, is decided by positions and the log alone (docs/adr/0003-exactly-once.md).

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};

use crate::error::{Result, TableError};
use crate::store::TEMPORARY_PREFIX;
use crate::table::Table;

/// Folder of the collectors' files.
pub(crate) const FOLDER: &str = "_collectors";

/// Files that are looked at: far more than there are collectors of one table.
const FILES_MAX: usize = 1000;

/// A collector as its file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collector {
    /// Its name, another one each time a program begins.
    pub name: String,
    /// What tells its machine's processes from those of others; nothing where that is not known.
    #[serde(default)]
    pub machine: String,
    /// Its process.
    pub process: u32,
    /// When its process began, as the machine counts: numbers of processes come again.
    #[serde(default)]
    pub began: u64,
    /// Grows with each beat.
    pub beat: u64,
    /// Time between two beats.
    pub beat_millis: u64,
    /// What it follows: each an address that those of its blobs begin with.
    pub sources: Vec<String>,
}

/// A collector's file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCollector {
    /// What the file is called by.
    pub name: String,
    /// When it was written, by the clock of the store, in epoch milliseconds.
    pub written_millis: i64,
    /// What it says; none if that is not understood.
    pub collector: Option<Collector>,
}

/// The collectors of one table.
#[derive(Clone, Debug)]
pub struct Collectors {
    store: Arc<dyn ObjectStore>,
}

impl Table {
    /// Its collectors.
    #[must_use]
    pub fn collectors(&self) -> Collectors {
        Collectors {
            store: Arc::clone(&self.store),
        }
    }
}

fn path_of(name: &str) -> Path {
    Path::from(format!("{FOLDER}/{name}.json"))
}

impl Collectors {
    /// Writes a collector's file: it lives.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn beat(&self, collector: &Collector) -> Result<()> {
        let path = path_of(&collector.name);
        let failed = |error| TableError::io(format!("write `{path}`"), error);
        let text = serde_json::to_vec(collector)
            .map_err(|error| TableError::io("make a collector's file", error))?;
        self.store
            .put(&path, text.into())
            .await
            .map(|_| ())
            .map_err(failed)
    }

    /// Everyone whose file is there.
    ///
    /// # Errors
    /// If the folder cannot be listed, or a file not be read.
    pub async fn found(&self) -> Result<Vec<FoundCollector>> {
        let listed = |error| TableError::io(format!("list `{FOLDER}`"), error);
        let mut files = self.store.list(Some(&Path::from(FOLDER)));
        let mut found = Vec::new();
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let file = meta.location.filename().unwrap_or_default();
            let name = file.strip_suffix(".json");
            let Some(name) = name.filter(|name| !name.starts_with(TEMPORARY_PREFIX)) else {
                continue;
            };
            if let Some(text) = self.read(&meta.location).await? {
                let collector: Option<Collector> = serde_json::from_slice(&text).ok();
                found.push(FoundCollector {
                    name: name.to_owned(),
                    written_millis: meta.last_modified.timestamp_millis(),
                    collector: collector.filter(|collector| collector.name == name),
                });
            }
            if found.len() >= FILES_MAX {
                break;
            }
        }
        Ok(found)
    }

    /// None if it has ended meanwhile.
    async fn read(&self, path: &Path) -> Result<Option<Bytes>> {
        let unread = |error| TableError::io(format!("read `{path}`"), error);
        let found = match self.store.get(path).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(unread)?,
        };
        match found.bytes().await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            bytes => bytes.map(Some).map_err(unread),
        }
    }

    /// Removes the file of a collector that has ended.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let path = path_of(name);
        match self.store.delete(&path).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => done.map_err(|error| TableError::io(format!("remove `{path}`"), error)),
        }
    }
}
