//! The SHA-256 of a data file, as its entry in the log holds it.
//!
//! Parquet has no checksum of its own that our writer could make, and a flipped bit often decompresses
//! to another value without complaint; so `table check --deep` needs this to see every byte.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

use crate::error::{Result, TableError};

/// Bytes read at a time: the library's own stream of a local file takes a thread's turn for every 8 KiB.
const PART_BYTES: u64 = 4 << 20;

/// Reads a file through and gives its SHA-256 in hexadecimal.
pub(crate) async fn of_file(store: &Arc<dyn ObjectStore>, path: &str) -> Result<String> {
    let broken = |error| TableError::io(format!("read `{path}`"), error);
    let place = Path::from(path);
    let size = store.head(&place).await.map_err(broken)?.size;
    let mut digest = Sha256::new();
    let mut at = 0;
    while at < size {
        let end = size.min(at + PART_BYTES);
        digest.update(store.get_range(&place, at..end).await.map_err(broken)?);
        at = end;
    }
    Ok(hex::encode(digest.finalize()))
}
