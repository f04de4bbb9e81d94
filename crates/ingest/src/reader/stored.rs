//! What a source is read from: a file, or a blob.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use table::BlobMark;

use crate::sources::modified_nanos;

/// Bytes that can be read again.
pub(super) trait Stored: Read + Seek {
    /// How large that is which is read, and when it was changed, in epoch nanoseconds.
    fn size_and_modified(&self) -> (u64, i64);

    /// How it begins, so many bytes at the most.
    fn beginning(&mut self, bytes: u64) -> io::Result<Vec<u8>>;

    /// Where a reader stands that has read up to a cursor, with the state of the hash of what lies before it.
    fn mark(&self, cursor: u64, hashed: String) -> Option<BlobMark>;
}

/// A file, with what it was when it was opened: what comes while it is read has not been read.
#[derive(Debug)]
pub(super) struct LocalFile {
    file: File,
    size: u64,
    modified: i64,
}

impl LocalFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        let (size, modified) = (meta.len(), modified_nanos(&meta));
        Ok(Self { file, size, modified })
    }
}

impl Read for LocalFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for LocalFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Stored for LocalFile {
    fn size_and_modified(&self) -> (u64, i64) {
        (self.size, self.modified)
    }

    fn beginning(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        let mut beginning = Vec::new();
        self.file.rewind()?;
        self.file.by_ref().take(bytes).read_to_end(&mut beginning)?;
        Ok(beginning)
    }

    fn mark(&self, _: u64, _: String) -> Option<BlobMark> {
        None
    }
}
