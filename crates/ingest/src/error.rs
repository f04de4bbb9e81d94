//! What stops an ingest as a whole. A source that cannot be read is an outcome instead.

use model::Code;
use table::TableError;

use crate::container::BlobError;

/// A failure that ends the run.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The table cannot be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The blobs of a container cannot be listed.
    #[error("{error}")]
    List {
        /// The container.
        address: String,
        /// Why not.
        error: BlobError,
    },
    /// Somebody asked to stop.
    #[error("stopped; what was committed before is safe")]
    Cancelled,
    /// A reading thread died; a bug.
    #[error("a reading thread failed: {0}")]
    Thread(String),
}

impl IngestError {
    /// The stable code, where there is one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Table(error) => Some(error.code()),
            Self::List { .. } | Self::Cancelled | Self::Thread(_) => None,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::List { error, .. } => error.hint(),
            Self::Table(error) => error.hint(),
            Self::Cancelled => "run it again to go on where it stopped",
            Self::Thread(_) => "please report it with the file, if you may share it",
        }
    }
}

/// Result of this crate.
pub type Result<T, E = IngestError> = std::result::Result<T, E>;
