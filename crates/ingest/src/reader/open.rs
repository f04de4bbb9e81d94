//! What is to be done with a blob, before a thread is taken for it: nothing, read on, or read from its beginning.
//!
//! This is where a reader waits for the service, so it is done for many blobs at a time. A blob that is as it was costs no
//! request if its e-tag was listed; one that grew costs two, its blocks and its new bytes.

use model::Code;
use model::codes::list as code;
use table::{BlobMark, Position};
use tokio::runtime::Handle;

use super::How;
use super::blob::BlobFile;
use crate::container::{Blob, BlobError, Blocks};
use crate::sources::Source;

/// Commits that may come between the list of blocks and the bytes.
const COMMITS_MAX: usize = 5;

/// Where reading of a blob begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// At its beginning, as this incarnation.
    Whole { incarnation: u32 },
    /// At its beginning, for it is another one now.
    Anew(Code),
    /// Behind what was read.
    On,
    /// That depends on what the bytes before the cursor hash to: nothing else tells.
    Check,
}

/// What is to be done with a source.
#[derive(Debug)]
pub(crate) enum Opened {
    /// It is no blob.
    Here,
    /// It is as it was.
    Unchanged,
    /// It was deleted since it was found.
    Gone,
    /// It cannot be had.
    Failed(BlobError),
    /// It is read.
    Blob(Box<BlobFile>, Begin),
}

/// Looks what is to be done with a source, and fetches the first bytes that are to be read.
pub(crate) async fn open(source: &Source, before: Option<&Position>, how: &How) -> Opened {
    let Some(blob) = &source.blob else {
        return Opened::Here;
    };
    let mark = before.and_then(|before| before.blob.as_ref());
    let is_seen = |etag: &str| {
        let is_other = before.is_none_or(|before| before.waiting || is_otherwise(before, &how.read_as));
        !how.verify && !how.again && !is_other && mark.is_some_and(|mark| mark.etag == etag)
    };
    if blob.etag.as_deref().is_some_and(is_seen) {
        return Opened::Unchanged;
    }
    let opening = mark.and_then(|mark| mark.opening.clone());
    let mut last = BlobError::Changed;
    for _ in 0..COMMITS_MAX {
        let blocks = match blob.container.blocks(&blob.name).await {
            Ok(blocks) if is_seen(&blocks.etag) => return Opened::Unchanged,
            Ok(blocks) => blocks,
            Err(error) => return refused(error),
        };
        let begin = begin(&blocks, before, mark, how);
        let place = match (begin, before) {
            (Begin::On, Some(before)) => before.cursor,
            _ => 0,
        };
        let opening = opening.clone().filter(|_| begin == Begin::On);
        let mut file = BlobFile::new(blob.clone(), blocks, opening, Handle::current());
        match file.fetch(place).await {
            Ok(()) => return Opened::Blob(Box::new(file), begin),
            Err(BlobError::Changed) => last = BlobError::Changed,
            Err(error) => return refused(error),
        }
    }
    refused(last)
}

/// Opens a blob to be read from its beginning, piece by piece, every piece of one commit. What it is read for is the caller's:
/// no table is asked.
///
/// # Errors
/// If it is not there, or may not be read.
pub async fn open_blob(blob: &Blob) -> Result<BlobFile, BlobError> {
    for _ in 0..COMMITS_MAX {
        let blocks = blob.container.blocks(&blob.name).await?;
        let mut file = BlobFile::new(blob.clone(), blocks, None, Handle::current());
        match file.fetch(0).await {
            Ok(()) => return Ok(file),
            Err(BlobError::Changed) => {}
            Err(error) => return Err(error),
        }
    }
    Err(BlobError::Changed)
}

fn refused(error: BlobError) -> Opened {
    match error {
        BlobError::Gone => Opened::Gone,
        other => Opened::Failed(other),
    }
}

/// True if the caller wants what could not be read before read otherwise.
pub(crate) fn is_otherwise(before: &Position, read_as: &str) -> bool {
    let held = before.read_as.as_ref();
    held.is_some_and(|held| held != read_as)
}

fn begin(blocks: &Blocks, before: Option<&Position>, mark: Option<&BlobMark>, how: &How) -> Begin {
    let Some(before) = before else {
        return Begin::Whole { incarnation: 0 };
    };
    if how.again {
        let incarnation = before.incarnation + 1;
        return Begin::Whole { incarnation };
    }
    // A source that held nothing complete when it was seen has nothing to go on from.
    if before.length == 0 {
        let incarnation = before.incarnation;
        return Begin::Whole { incarnation };
    }
    if is_otherwise(before, &how.read_as) {
        return Begin::Anew(code::SOURCE_OTHERWISE);
    }
    if blocks.size < before.length {
        return Begin::Anew(code::SOURCE_SHRUNK);
    }
    let block = mark.and_then(|mark| mark.block.as_ref());
    match block.filter(|_| !how.verify) {
        Some((id, end)) if blocks.end_of(id) == Some(*end) => match before.compressed {
            Some(true) => Begin::Anew(code::SOURCE_COMPRESSED),
            _ => Begin::On,
        },
        Some(_) => Begin::Anew(code::SOURCE_CHANGED),
        None => Begin::Check,
    }
}
