//! Facts beside the table: what was known of the network, snapshot by snapshot. A snapshot is an immutable file
//! `_facts/TIME-HASH.json.zst` that appears whole or not at all; what stands in it is the caller's business.

use bytes::Bytes;
use futures::TryStreamExt;
use model::limits::FACTS_BYTES_MAX;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use sha2::{Digest as _, Sha256};

use crate::error::{Result, TableError};
use crate::table::Table;

/// Folder of the snapshots.
pub(crate) const FOLDER: &str = "_facts";

const SUFFIX: &str = ".json.zst";

/// A snapshot as its file's name says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactsFile {
    /// When it was so, epoch microseconds.
    pub taken_micros: i64,
    /// The beginning of the SHA-256 of what stands in it, in hex.
    pub hash: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// True if something of it holds before its own time, too. Only what stands in all files says that, so who reads them
    /// sets it; of a list of files alone it is false.
    pub is_early: bool,
}

impl FactsFile {
    fn path(&self) -> Path {
        Path::from(format!(
            "{FOLDER}/{:020}-{}{SUFFIX}",
            self.taken_micros, self.hash
        ))
    }

    fn of(name: &str, bytes: u64) -> Option<Self> {
        let (taken, hash) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        Some(Self {
            taken_micros: taken.parse().ok()?,
            hash: hash.to_owned(),
            bytes,
            is_early: false,
        })
    }
}

impl Table {
    /// Keeps a snapshot. The same one again is the same file; another one of the same time stands a microsecond behind it, so
    /// that what was loaded later counts.
    ///
    /// # Errors
    /// If it is too large, or the file cannot be written.
    pub async fn put_facts(&self, taken_micros: i64, text: &[u8]) -> Result<FactsFile> {
        if text.len() > FACTS_BYTES_MAX {
            return Err(TableError::FactsTooLarge {
                bytes: text.len(),
                bytes_max: FACTS_BYTES_MAX,
            });
        }
        let hash = Sha256::digest(text);
        let packed =
            zstd::encode_all(text, 0).map_err(|error| TableError::io("pack a snapshot of facts", error))?;
        let mut file = FactsFile {
            taken_micros: taken_micros.max(0),
            hash: hex::encode(hash).chars().take(32).collect(),
            bytes: packed.len() as u64,
            is_early: false,
        };
        let there = self.facts().await?;
        let of = |micros: i64| there.iter().filter(move |held| held.taken_micros == micros);
        let mut mode = PutMode::Create;
        while of(file.taken_micros).next().is_some() {
            let is_last = of(file.taken_micros + 1).next().is_none();
            if is_last && of(file.taken_micros).any(|held| held.hash == file.hash) {
                if self.read_facts(&file).await.is_ok() {
                    return Ok(file);
                }
                // It was damaged.
                mode = PutMode::Overwrite;
                break;
            }
            file.taken_micros += 1;
        }
        let path = file.path();
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        match self.store.put_opts(&path, packed.into(), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(file),
            Err(error) => Err(TableError::io(format!("write `{path}`"), error)),
        }
    }

    /// The snapshots, the oldest first.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub async fn facts(&self) -> Result<Vec<FactsFile>> {
        let listed = |error| TableError::io(format!("list `{FOLDER}`"), error);
        let mut files = self.store.list(Some(&Path::from(FOLDER)));
        let mut snapshots = Vec::new();
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let name = meta.location.filename().unwrap_or_default();
            snapshots.extend(FactsFile::of(name, meta.size));
        }
        snapshots.sort();
        Ok(snapshots)
    }

    /// What stands in a snapshot.
    ///
    /// # Errors
    /// If the file cannot be read, or does not hold what its name says.
    pub async fn read_facts(&self, file: &FactsFile) -> Result<Bytes> {
        let path = file.path();
        let unread = |error| TableError::io(format!("read `{path}`"), error);
        let found = self.store.get(&path).await.map_err(unread)?;
        let packed = found.bytes().await.map_err(unread)?;
        let text = unpacked(&path, &packed)?;
        let hash = hex::encode(Sha256::digest(&text));
        if !hash.starts_with(&file.hash) {
            return Err(TableError::Damaged {
                what: format!("`{path}` does not hold what its name says"),
            });
        }
        Ok(text)
    }

    /// When a snapshot was written, in epoch microseconds.
    ///
    /// # Errors
    /// If the file cannot be found.
    pub async fn facts_loaded(&self, file: &FactsFile) -> Result<Option<i64>> {
        let path = file.path();
        let found = self.store.head(&path).await;
        let meta = found.map_err(|error| TableError::io(format!("look for `{path}`"), error))?;
        Ok(Some(meta.last_modified.timestamp_micros()).filter(|micros| *micros > 0))
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub async fn remove_facts(&self, file: &FactsFile) -> Result<()> {
        let path = file.path();
        let removed = self.store.delete(&path).await;
        removed.map_err(|error| TableError::io(format!("remove `{path}`"), error))
    }
}

/// What is packed in a file, up to the limit.
pub(crate) fn unpacked(path: &Path, packed: &[u8]) -> Result<Bytes> {
    let damaged = |_| TableError::Damaged {
        what: format!("`{path}` cannot be unpacked"),
    };
    let mut reader = zstd::Decoder::new(packed).map_err(damaged)?;
    let mut text = Vec::new();
    let most = FACTS_BYTES_MAX as u64 + 1;
    std::io::Read::read_to_end(&mut std::io::Read::take(&mut reader, most), &mut text).map_err(damaged)?;
    Ok(text.into())
}
