//! Reads a data file whole and compares it with what the log says of it.
//!
//! Two things are compared: the bytes with their checksum, and the values with the statistics. Files of
//! the first versions have no checksum; then a value may be damaged unseen as long as it can be decoded
//! and keeps within the bounds. Whatever damage does to a decoder ends as a sentence.

use crate::check::bounds::Bounds;
use crate::check::guard::guarded;
use crate::checksum;
use crate::error::TableError;
use crate::object_reader::{Batches, open};
use crate::reason::reason;
use crate::snapshot::{DataFile, Snapshot};

/// That the file's bytes are those that were written, or the end of a sentence that says otherwise.
pub(super) async fn check_bytes(snapshot: &Snapshot, file: &DataFile, sha256: &str) -> Result<(), String> {
    match checksum::of_file(&snapshot.store, &file.path).await {
        Ok(found) if found == sha256 => Ok(()),
        Ok(_) => Err("holds other bytes than were written: its SHA-256 differs".to_owned()),
        Err(error) => Err(format!("cannot be read: {}", said(&error))),
    }
}

/// What the values are, or the end of a sentence that says why they cannot be read.
pub(super) async fn values(snapshot: &Snapshot, file: &DataFile) -> Result<Bounds, String> {
    guarded(decode(snapshot, file))
        .await?
        .map_err(|error| format!("cannot be decoded: {}", said(&error)))
}

/// What a failure to read a file means, where the sentence names the file already.
pub(super) fn said(error: &TableError) -> String {
    match error {
        TableError::Io { source, .. } => reason(source.as_ref()),
        other => other.to_string(),
    }
}

async fn decode(snapshot: &Snapshot, file: &DataFile) -> Result<Bounds, TableError> {
    let mut batches = Batches::whole(file, open(snapshot, file).await?)?;
    let mut bounds = Bounds::new(snapshot.table);
    while let Some(batch) = batches.next().await? {
        bounds.add(&batch);
    }
    Ok(bounds)
}
