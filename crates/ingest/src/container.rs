//! What a reader needs of a storage account: the committed blocks of a blob, and its bytes as of one commit.
//!
//! A blob of a flow log grows for an hour: each commit of its block list leaves the blocks that were there, but for the closing
//! one, and changes its e-tag. Whoever reads names the e-tag, so that no answer mixes two commits.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;

/// A committed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its id, as the service gives it.
    pub id: String,
    /// Its size.
    pub bytes: u64,
}

/// What a blob consisted of at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// Which commit it is.
    pub etag: String,
    /// The size of all of it.
    pub size: u64,
    /// When it was committed, epoch nanoseconds.
    pub modified: i64,
    /// The blocks in order; none if it was written in one piece.
    pub blocks: Vec<Block>,
}

impl Blocks {
    /// Where the block with that id ends, if it is there.
    pub(crate) fn end_of(&self, id: &str) -> Option<u64> {
        let mut ends = self.ends();
        ends.find(|(block, _)| block.id == id).map(|(_, end)| end)
    }

    /// The first block that reaches as far as a place, and where it ends.
    pub(crate) fn reaching(&self, place: u64) -> Option<(&Block, u64)> {
        self.ends().find(|(_, end)| *end >= place)
    }

    /// True if the bytes before a place are the same in a later commit, as far as blocks tell.
    pub(crate) fn is_kept_by(&self, later: &Self, place: u64) -> bool {
        let mut both = self.ends().zip(later.ends());
        let mut reached = 0;
        while reached < place {
            match both.next() {
                Some(((own, end), (other, _))) if own == other => reached = end,
                _ => return false,
            }
        }
        true
    }

    fn ends(&self) -> impl Iterator<Item = (&Block, u64)> {
        self.blocks.iter().scan(0_u64, |end, block| {
            *end = end.saturating_add(block.bytes);
            Some((block, *end))
        })
    }
}

/// Why a blob, or a part of it, did not come.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BlobError {
    /// There is no such blob any more.
    #[error("it is not there any more")]
    Gone,
    /// It was committed again since, and may be another.
    #[error("it was changed while it was read")]
    Changed,
    /// Nobody answered, or too many asked: it may be over a moment later, and says nothing of the blob.
    #[error("{message}")]
    Away {
        /// Why not.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// It did not come.
    #[error("{message}")]
    Failed {
        /// Why not.
        message: String,
        /// What to do next; nothing if nothing can be done.
        hint: String,
    },
}

/// A blob as a list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// Which commit it is.
    pub etag: String,
    /// When it was committed, epoch nanoseconds.
    pub modified: i64,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Blobs in order of their names.
    pub blobs: Vec<Listed>,
    /// What names begin with up to the next `/`, where that was asked for.
    pub prefixes: Vec<String>,
    /// With this the list goes on; none at its end.
    pub next: Option<String>,
}

impl BlobError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Gone | Self::Changed => "run it again",
            Self::Away { hint, .. } | Self::Failed { hint, .. } => hint,
        }
    }

    /// True if it may be over a moment later, whatever blob it was of.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Changed | Self::Away { .. })
    }

    /// A failure that nobody can do anything about.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            hint: String::new(),
        }
    }
}

/// A container of a storage account.
#[async_trait]
pub trait Container: fmt::Debug + Send + Sync {
    /// Its address: `az://account/container`.
    fn address(&self) -> &str;

    /// A page of the blobs whose names begin so; `by_folder` gives what stands up to the next `/` once.
    async fn list(&self, prefix: &str, by_folder: bool, next: Option<&str>) -> Result<Page, BlobError>;

    /// The committed blocks of a blob.
    async fn blocks(&self, name: &str) -> Result<Blocks, BlobError>;

    /// Bytes of a blob as of a commit.
    async fn range(&self, name: &str, range: Range<u64>, etag: &str) -> Result<Bytes, BlobError>;
}

/// A blob that was found.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Where it is.
    pub container: Arc<dyn Container>,
    /// Its name in there.
    pub name: String,
    /// Its commit when it was found; none where that is not known.
    pub etag: Option<String>,
}

impl PartialEq for Blob {
    /// The address of their source tells containers apart.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.etag == other.etag
    }
}

impl Eq for Blob {}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Blocks {
        let block = |part: &str| {
            let (id, bytes) = part.split_once(':').unwrap();
            Block {
                id: id.to_owned(),
                bytes: bytes.parse().unwrap(),
            }
        };
        Blocks {
            blocks: text.split_whitespace().map(block).collect(),
            ..Blocks::default()
        }
    }

    #[test]
    fn where_blocks_end() {
        let held = blocks("A:12 D1:100 D2:50 Z:2");
        assert_eq!(held.end_of("D2"), Some(162));
        assert_eq!(held.end_of("D3"), None);
        let reaching = |place| held.reaching(place).map(|(block, end)| (block.id.as_str(), end));
        assert_eq!(reaching(162), Some(("D2", 162)));
        assert_eq!(reaching(13), Some(("D1", 112)));
        assert_eq!(reaching(165), None);
    }

    #[test]
    fn what_growth_keeps() {
        let before = blocks("A:12 D1:100 Z:2");
        let grown = blocks("A:12 D1:100 D2:50 Z:2");
        assert!(before.is_kept_by(&grown, 112));
        assert!(before.is_kept_by(&grown, 50));
        // The closing block has moved.
        assert!(!before.is_kept_by(&grown, 113));
        assert!(!before.is_kept_by(&blocks("A:12 D9:100 Z:2"), 112));
        assert!(!before.is_kept_by(&blocks("A:12"), 112));
        assert!(before.is_kept_by(&blocks(""), 0));
    }
}
