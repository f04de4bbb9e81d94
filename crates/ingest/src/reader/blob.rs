//! A blob as a file: read piece by piece, every piece of one commit.
//!
//! If the blob is committed again meanwhile, as one that grows is every minute, reading goes on in the new commit, as long as
//! its blocks say that what was read is still the same. Pieces are fetched one ahead, from the thread that parses.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use table::BlobMark;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::stored::Stored;
use crate::container::{Blob, BlobError, Blocks};

/// Bytes of one piece: few requests for a large blob, and little memory for each thread.
pub(crate) const PIECE_BYTES: u64 = 4 << 20;

/// Commits that may come while one blob is read: a blob of an hour has sixty.
const COMMITS_MAX: usize = 100;

/// The opening block of a flow log has twelve bytes, those of early logs twenty-one.
const OPENING_BYTES_MAX: u64 = 64;

/// A blob that is read. Reading waits for the service, so it is not done by a thread that runs tasks.
#[derive(Debug)]
pub struct BlobFile {
    blob: Blob,
    runtime: Handle,
    /// The commit that is read.
    blocks: Blocks,
    /// Bytes at hand, from `start` on.
    piece: Bytes,
    start: u64,
    place: u64,
    ahead: Option<Ahead>,
    opening: Option<String>,
    commits: usize,
}

/// A piece that is on its way.
#[derive(Debug)]
struct Ahead {
    range: Range<u64>,
    coming: JoinHandle<Result<Bytes, BlobError>>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.coming.abort();
    }
}

impl BlobFile {
    /// A blob of which nothing was fetched yet.
    pub(crate) fn new(blob: Blob, blocks: Blocks, opening: Option<String>, runtime: Handle) -> Self {
        Self {
            blob,
            runtime,
            blocks,
            piece: Bytes::new(),
            start: 0,
            place: 0,
            ahead: None,
            opening,
            commits: 0,
        }
    }

    /// Of what it consists, in the commit that is read: the latest that reading went over to.
    #[must_use]
    pub const fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Its first block as text, where that is as short as the opening one of a flow log and has been fetched.
    #[must_use]
    pub fn opening(&self) -> Option<&str> {
        self.opening.as_deref()
    }

    /// Fetches the piece at a place, and stands there.
    pub(crate) async fn fetch(&mut self, place: u64) -> Result<(), BlobError> {
        let range = self.piece_at(place);
        if !range.is_empty() {
            let (container, etag) = (Arc::clone(&self.blob.container), self.blocks.etag.clone());
            let bytes = container.range(&self.blob.name, range.clone(), &etag).await?;
            self.take(range, bytes)?;
        }
        self.place = place;
        Ok(())
    }

    fn piece_at(&self, place: u64) -> Range<u64> {
        place..self.blocks.size.min(place.saturating_add(PIECE_BYTES)).max(place)
    }

    fn take(&mut self, range: Range<u64>, bytes: Bytes) -> Result<(), BlobError> {
        let (asked, came) = (range.end - range.start, bytes.len() as u64);
        if asked != came {
            let text = format!("{came} bytes came where {asked} were asked for");
            return Err(BlobError::failed(text));
        }
        if range.start == 0 {
            self.opening = self.blocks.blocks.first().and_then(|first| {
                let length = Some(first.bytes).filter(|length| *length <= OPENING_BYTES_MAX)?;
                let text = bytes.get(..usize::try_from(length).ok()?)?;
                std::str::from_utf8(text).ok().map(str::to_owned)
            });
        }
        (self.piece, self.start) = (bytes, range.start);
        Ok(())
    }

    /// Brings the bytes at the present place to hand.
    fn bring(&mut self) -> io::Result<()> {
        loop {
            let range = self.piece_at(self.place);
            let ahead = self.ahead.take().filter(|ahead| ahead.range == range);
            let came = match ahead {
                Some(mut ahead) => {
                    let came = self.runtime.block_on(&mut ahead.coming);
                    came.unwrap_or_else(|broken| Err(BlobError::failed(broken.to_string())))
                }
                None => self.runtime.block_on(self.asked(range.clone())),
            };
            match came.and_then(|bytes| self.take(range.clone(), bytes)) {
                Ok(()) => {
                    self.look_ahead(range.end);
                    return Ok(());
                }
                Err(BlobError::Changed) if self.commits < COMMITS_MAX => self.go_over()?,
                Err(error) => return Err(failed(&error)),
            }
        }
    }

    fn asked(&self, range: Range<u64>) -> impl Future<Output = Result<Bytes, BlobError>> + Send + 'static {
        let (container, name) = (Arc::clone(&self.blob.container), self.blob.name.clone());
        let etag = self.blocks.etag.clone();
        async move { container.range(&name, range, &etag).await }
    }

    fn look_ahead(&mut self, place: u64) {
        let range = self.piece_at(place);
        if range.is_empty() {
            return;
        }
        let coming = self.runtime.spawn(self.asked(range.clone()));
        self.ahead = Some(Ahead { range, coming });
    }

    /// Goes over to the blob's present commit, if that begins with what was read.
    fn go_over(&mut self) -> io::Result<()> {
        self.commits += 1;
        let (container, name) = (Arc::clone(&self.blob.container), self.blob.name.clone());
        let later = self
            .runtime
            .block_on(async move { container.blocks(&name).await });
        let later = later.map_err(|error| failed(&error))?;
        if !self.blocks.is_kept_by(&later, self.place) {
            return Err(failed(&BlobError::Changed));
        }
        self.blocks = later;
        Ok(())
    }
}

fn failed(error: &BlobError) -> io::Error {
    match error {
        BlobError::Gone => io::Error::new(io::ErrorKind::NotFound, "it was deleted while it was read"),
        // Whoever gets it finds out of what kind it is.
        other => io::Error::other(other.clone()),
    }
}

/// True if reading failed by something that may be over a moment later.
pub(super) fn passes(error: &io::Error) -> bool {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<BlobError>());
    inner.is_some_and(BlobError::passes)
}

impl Read for BlobFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.place >= self.blocks.size || buffer.is_empty() {
            return Ok(0);
        }
        let end = self.start + self.piece.len() as u64;
        if !(self.start..end).contains(&self.place) {
            self.bring()?;
        }
        let from = usize::try_from(self.place - self.start).unwrap_or(usize::MAX);
        let at_hand = self.piece.get(from..).unwrap_or(&[]);
        let count = at_hand.len().min(buffer.len());
        if let Some((to, from)) = buffer.get_mut(..count).zip(at_hand.get(..count)) {
            to.copy_from_slice(from);
        }
        self.place += count as u64;
        Ok(count)
    }
}

impl Seek for BlobFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.blocks.size.checked_add_signed(by),
        };
        self.place = place.ok_or_else(|| io::Error::other("a place before the beginning"))?;
        Ok(self.place)
    }
}

impl Stored for BlobFile {
    fn size_and_modified(&self) -> (u64, i64) {
        (self.blocks.size, self.blocks.modified)
    }

    fn beginning(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        if let Some(opening) = &self.opening {
            return Ok(opening.clone().into_bytes());
        }
        let came = self.runtime.block_on(self.asked(0..bytes.min(self.blocks.size)));
        came.map(|bytes| bytes.to_vec()).map_err(|error| failed(&error))
    }

    fn mark(&self, cursor: u64, hashed: String) -> Option<BlobMark> {
        let reaching = self.blocks.reaching(cursor).filter(|_| cursor > 0);
        Some(BlobMark {
            etag: self.blocks.etag.clone(),
            block: reaching.map(|(block, end)| (block.id.clone(), end)),
            opening: self.opening.clone(),
            hashed,
        })
    }
}
