//! What stops an ingest as a whole. A source that cannot be read is an outcome instead.

use model::Code;
use table::TableError;

/// A failure that ends the run.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The table cannot be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
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
            Self::Cancelled | Self::Thread(_) => None,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Table(error) => error.hint(),
            Self::Cancelled => "run it again to go on where it stopped",
            Self::Thread(_) => "please report it with the file, if you may share it",
        }
    }
}

/// Result of this crate.
pub type Result<T, E = IngestError> = std::result::Result<T, E>;
