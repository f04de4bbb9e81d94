//! What is wrong with a query: Kusto's code, the place, a plain sentence, and the next step.

use crate::span::Span;

/// Kusto's codes, as far as they are given here. `SYN` is syntax, `SEM` what the words mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A query that does not follow the grammar.
    SYN0002,
    /// Two clauses where one may stand, or one in the wrong place.
    SYN0100,
    /// A query that is too deep or too long.
    SYN0200,
    /// A name that stands for nothing here.
    SEM0100,
    /// A name that stands for several things.
    SEM0101,
    /// A function that does not exist.
    SEM0260,
    /// A call with arguments of the wrong number or type.
    SEM0219,
    /// An operator between types that it is not made for.
    SEM0064,
    /// An expression of another type than its place asks for.
    SEM0009,
    /// A value that must be known before the query runs and is not.
    SEM0019,
    /// A name that is declared twice.
    SEM0003,
    /// A regular expression that is none.
    SEM0420,
    /// What Kusto can do and Flowglass cannot, or not yet.
    SEM0501,
}

impl Code {
    /// As it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SYN0002 => "SYN0002",
            Self::SYN0100 => "SYN0100",
            Self::SYN0200 => "SYN0200",
            Self::SEM0100 => "SEM0100",
            Self::SEM0101 => "SEM0101",
            Self::SEM0260 => "SEM0260",
            Self::SEM0219 => "SEM0219",
            Self::SEM0064 => "SEM0064",
            Self::SEM0009 => "SEM0009",
            Self::SEM0019 => "SEM0019",
            Self::SEM0003 => "SEM0003",
            Self::SEM0420 => "SEM0420",
            Self::SEM0501 => "SEM0501",
        }
    }

    /// True if the grammar is broken, so that nothing can be said about meaning.
    #[must_use]
    pub const fn is_syntax(self) -> bool {
        matches!(self, Self::SYN0002 | Self::SYN0100 | Self::SYN0200)
    }
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// It runs, and may not mean what it seems to.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Kusto's code.
    pub code: Code,
    /// Whether the query can run.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What, in one sentence without a final stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            hint: None,
        }
    }

    /// A warning.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// With the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
