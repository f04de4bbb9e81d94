//! Databases of addresses beside the facts that name them: immutable files `_facts/databases/HASH.mmdb.zst`. They are too large
//! to stand in a snapshot, and most questions do not ask for them.

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutMode, PutOptions};
use sha2::{Digest as _, Sha256};

use crate::error::{Result, TableError};
use crate::facts::unpacked;
use crate::table::Table;

/// The name of a database: the beginning of the SHA-256 of its bytes, in hex.
#[must_use]
pub fn database_hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(32).collect()
}

const FOLDER: &str = "_facts/databases";

const SUFFIX: &str = ".mmdb.zst";

fn path(hash: &str) -> Path {
    Path::from(format!("{FOLDER}/{hash}{SUFFIX}"))
}

impl Table {
    /// Keeps a database. One that is there already is written again: if its file was damaged, it is whole after that.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn put_database(&self, hash: &str, bytes: &[u8]) -> Result<()> {
        let path = path(hash);
        let packed = zstd::encode_all(bytes, 0).map_err(|error| TableError::io("pack a database", error))?;
        let options = PutOptions {
            mode: PutMode::Overwrite,
            ..PutOptions::default()
        };
        let written = self.store.put_opts(&path, packed.into(), options).await;
        written.map_err(|error| TableError::io(format!("write `{path}`"), error))?;
        Ok(())
    }

    /// The names of all databases.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub async fn databases(&self) -> Result<Vec<String>> {
        let listed = |error| TableError::io(format!("list `{FOLDER}`"), error);
        let files = self.store.list(Some(&Path::from(FOLDER)));
        let files: Vec<_> = files.try_collect().await.map_err(listed)?;
        let names = files.iter().filter_map(|meta| meta.location.filename());
        Ok(names
            .filter_map(|name| Some(name.strip_suffix(SUFFIX)?.to_owned()))
            .collect())
    }

    /// The bytes of a database.
    ///
    /// # Errors
    /// If the file cannot be read, or does not hold what its name says.
    pub async fn read_database(&self, hash: &str) -> Result<Bytes> {
        let path = path(hash);
        let unread = |error| TableError::io(format!("read `{path}`"), error);
        let found = self.store.get(&path).await.map_err(unread)?;
        let packed = found.bytes().await.map_err(unread)?;
        let bytes = unpacked(&path, &packed)?;
        match database_hash(&bytes) == hash {
            true => Ok(bytes),
            false => Err(TableError::Damaged {
                what: format!("`{path}` does not hold what its name says"),
            }),
        }
    }

    /// Forgets a database. One that is not there is forgotten already.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub async fn remove_database(&self, hash: &str) -> Result<()> {
        let path = path(hash);
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(TableError::io(format!("remove `{path}`"), error)),
        }
    }

    /// The bytes of a database, for who cannot wait as others do: a function in the middle of a query.
    ///
    /// # Errors
    /// As [`Table::read_database`].
    pub fn read_database_now(&self, hash: &str) -> Result<Bytes> {
        let (table, hash) = (self.clone(), hash.to_owned());
        // A thread of its own: that of the caller may be one that waits for nobody.
        let read = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| TableError::io("start a thread to read a database", error))?;
            runtime.block_on(table.read_database(&hash))
        });
        read.join().unwrap_or_else(|_| {
            Err(TableError::io(
                "read a database",
                std::io::Error::other("the thread that reads it ended early"),
            ))
        })
    }
}
