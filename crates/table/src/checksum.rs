//! The SHA-256 of a data file, as its entry in the log holds it.
//!
//! Parquet has no checksum of its own that our writer could make, and a flipped bit often decompresses
//! to another value without complaint; so `table check --deep` needs this to see every byte.

use std::sync::Arc;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

use crate::error::{Result, TableError};

/// Reads a file through and gives its SHA-256 in hexadecimal. Right after writing, it is still in memory.
pub(crate) async fn of_file(store: &Arc<dyn ObjectStore>, path: &str) -> Result<String> {
    let broken = |error| TableError::io(format!("read `{path}`"), error);
    let found = store.get(&Path::from(path)).await.map_err(broken)?;
    let mut parts = found.into_stream();
    let mut digest = Sha256::new();
    while let Some(part) = parts.try_next().await.map_err(broken)? {
        digest.update(&part);
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
