//! Which of the blobs that were found are to be read at all, and about how much of each.

use table::{Position, Table};

use crate::error::Result;
use crate::outcome::{Outcome, SourceOutcome, Status};
use crate::reader::is_otherwise;
use crate::sources::Source;
use crate::{IngestOptions, Progress};

/// Leaves out the blobs that are as they were, which are nearly all of an account, and estimates the rest by where reading
/// stands: a group of sources is as large as what is read of it.
pub(crate) async fn only_changed(
    table: &mut Table,
    sources: Vec<Source>,
    options: &IngestOptions,
    progress: &dyn Progress,
    outcome: &mut Outcome,
) -> Result<Vec<Source>> {
    if sources.iter().all(|source| source.blob.is_none()) {
        return Ok(sources);
    }
    let mut transaction = table.begin().await?;
    let read_as = options.rows.spelled();
    let mut changed = Vec::new();
    for mut source in sources {
        let Some(blob) = &source.blob else {
            changed.push(source);
            continue;
        };
        let before = transaction.position(&source.address, source.hour).await?;
        let is_seen = |before: &Position| {
            let mark = before.blob.as_ref();
            let is_same = mark.is_some_and(|mark| Some(&mark.etag) == blob.etag.as_ref());
            is_same && !before.waiting && !is_otherwise(before, &read_as)
        };
        if !options.verify && before.as_ref().is_some_and(is_seen) {
            let unchanged = SourceOutcome::new(&source, Status::Unchanged);
            progress.source(&unchanged);
            outcome.add(&unchanged);
            continue;
        }
        let read = before.map_or(0, |before| before.cursor);
        source.new_bytes = match source.bytes.checked_sub(read) {
            Some(new_bytes) if !options.verify => new_bytes,
            _ => source.bytes,
        };
        changed.push(source);
    }
    Ok(changed)
}
