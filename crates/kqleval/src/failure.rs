//! Why a query cannot be evaluated, and where in its text.

use arrow_schema::ArrowError;
use kql::Span;

/// What kind of failure it is: who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The query asks for what there is not.
    Query,
    /// It needs more memory than it may have.
    Memory,
    /// It is no longer wanted, or its time is up.
    Stopped,
    /// A file of `externaldata` cannot be read.
    File,
}

/// Why a query cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What is wrong.
    pub message: String,
    /// Where in the query's text, as closely as it is known.
    pub span: Option<Span>,
    /// It is the size of what was made at once: with fewer rows it may do.
    pub(crate) is_of_size: bool,
}

impl Failure {
    /// A failure of the query.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of_kind(FailureKind::Query, message)
    }

    /// A failure of some kind.
    pub fn of_kind(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            span: None,
            is_of_size: false,
        }
    }

    /// It is no longer wanted, or its time is up.
    pub fn stopped(message: impl Into<String>) -> Self {
        Self::of_kind(FailureKind::Stopped, message)
    }

    /// A file cannot be read.
    pub fn file(message: impl Into<String>) -> Self {
        Self::of_kind(FailureKind::File, message)
    }

    /// Arrays that cannot be put one behind the other.
    #[must_use]
    pub fn putting_together(error: &ArrowError) -> Self {
        match error {
            ArrowError::OffsetOverflowError(_) => Self::of_kind(
                FailureKind::Memory,
                "the arrays and bags of a column are larger than 2 GiB together",
            ),
            error => Self::new(format!("rows cannot be put together: {error}")),
        }
    }

    /// The failure with its place, unless a closer one is known.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        // What the binder has made of itself has no place.
        if self.span.is_none() && span != Span::default() {
            self.span = Some(span);
        }
        self
    }

    /// Kusto has it, and it is not here.
    pub(crate) fn unsupported(what: &str) -> Self {
        Self::new(format!("{what} is not supported"))
    }

    /// A size of what was made at once, which fewer rows may have less of.
    pub(crate) const fn of_size(mut self) -> Self {
        self.is_of_size = matches!(self.kind, FailureKind::Memory);
        self
    }

    /// A size that fewer rows do not change.
    pub(crate) const fn settled(mut self) -> Self {
        self.is_of_size = false;
        self
    }
}

impl From<kqlfn::Refusal> for Failure {
    fn from(refusal: kqlfn::Refusal) -> Self {
        if refusal.is_too_large {
            return Self::of_kind(FailureKind::Memory, refusal.message).of_size();
        }
        Self::new(refusal.message)
    }
}
