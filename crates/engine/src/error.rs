//! What can go wrong with a query, by what its author can do about it.
//!
//! Messages name what the user typed and what the table holds, never a type of this program or of
//! the query library. How a library error becomes one of these is `diagnose`'s work, not this file's.

use std::fmt;
use std::time::Duration;

use model::Code;
use model::codes::list;
use model::columns::TABLES;

use crate::kql::elsewhere;

/// A place in the query's text, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What a name was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A table.
    Table,
    /// A column.
    Column,
    /// A function.
    Function,
    /// A version of a table.
    Version,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Function => "function",
            Self::Version => "version",
        })
    }
}

/// Why a query gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The text cannot be read, or its parts do not fit together.
    #[error("{message}{}", at(.position.as_ref()))]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where, if known.
        position: Option<Position>,
        /// The next step, where there is one better than to look at the place.
        advice: Option<String>,
    },
    /// A name that does not exist.
    #[error("no {kind} `{name}`{}{}", at(.position.as_ref()), did_you_mean(.suggestion.as_deref()))]
    Name {
        /// What the name was taken for.
        kind: NameKind,
        /// The name as typed.
        name: String,
        /// Where, if known.
        position: Option<Position>,
        /// The nearest name that exists.
        suggestion: Option<String>,
    },
    /// The statement would change something.
    #[error("`{statement}` is refused: queries only read")]
    Write {
        /// The statement's first word.
        statement: String,
    },
    /// The memory limit was reached by a step that cannot spill.
    #[error("the query needs more than its {} of memory", Size(*.limit_bytes))]
    Memory {
        /// The limit.
        limit_bytes: usize,
    },
    /// The memory limit was reached by a step that holds all of its rows.
    #[error("{message}")]
    StepMemory {
        /// Which step, and the limit.
        message: String,
    },
    /// A function would make more out of its arguments than one step may hold.
    #[error("`{function}` would make more than {} at once", Size(usize::try_from(*.bytes_max).unwrap_or(usize::MAX)))]
    TooMuch {
        /// The function.
        function: String,
        /// What it may make.
        bytes_max: u64,
    },
    /// Somebody stopped it.
    #[error("the query was cancelled")]
    Cancelled,
    /// Its time was up.
    #[error("the query was stopped after {}", Seconds(*.limit))]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The row filter of the principal cannot be applied; nothing was read.
    #[error("the row filter of `{principal}` cannot be applied: {message}")]
    RowFilter {
        /// Whose filter.
        principal: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file of the table cannot be read, or one for spilling not written.
    #[error("{message}")]
    Unreadable {
        /// Which, and why.
        message: String,
        /// The next step, where it is not to check the table.
        advice: Option<String>,
    },
    /// A file of the version that is read is not there any more.
    #[error("{message}")]
    FileGone {
        /// Which.
        message: String,
    },
    /// A value could not be computed, or the engine failed.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
        /// The next step, where there is one better than to look at the values.
        advice: Option<String>,
    },
}

impl EngineError {
    /// Text that cannot be read, or parts that do not fit.
    pub(crate) fn syntax(message: impl Into<String>, position: Option<Position>) -> Self {
        Self::Syntax {
            message: message.into(),
            position,
            advice: None,
        }
    }

    /// A result that would have two columns of one name.
    pub(crate) fn same_name(name: &str) -> Self {
        Self::Syntax {
            message: format!("two columns of the result are named `{name}`"),
            position: None,
            advice: Some(format!(
                "give one of them another name with AS: `{name} AS {}`",
                another(name)
            )),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Syntax { .. } => list::QUERY_SYNTAX,
            Self::Name { .. } => list::QUERY_NAME,
            Self::Write { .. } => list::QUERY_WRITE,
            Self::Memory { .. } | Self::StepMemory { .. } | Self::TooMuch { .. } => list::QUERY_MEMORY,
            Self::Cancelled | Self::TimedOut { .. } => list::QUERY_CANCELLED,
            Self::FileGone { .. } => list::QUERY_FILE_GONE,
            Self::RowFilter { .. } | Self::Unreadable { .. } | Self::Failed { .. } => list::QUERY_FAILED,
        }
    }

    /// The next step, for the `hint:` line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Syntax {
                advice: Some(advice), ..
            }
            | Self::Unreadable {
                advice: Some(advice), ..
            }
            | Self::Failed {
                advice: Some(advice), ..
            } => return Some(advice.clone()),
            Self::Syntax {
                position: Some(position),
                ..
            } => {
                return Some(format!("look at {position} of the query"));
            }
            Self::Syntax { .. } => "a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
            Self::Name {
                kind: NameKind::Table,
                name,
                ..
            } if let Some(hint) = elsewhere::table_in_sql(name) => hint,
            Self::Name {
                suggestion: Some(suggestion),
                name,
                ..
            } => return Some(write_name(name, suggestion)),
            Self::Name {
                kind: NameKind::Table,
                ..
            } => "`SHOW TABLES` lists the tables",
            Self::Name {
                kind: NameKind::Column,
                ..
            } => "`DESCRIBE Flows` lists the columns",
            Self::Name {
                kind: NameKind::Function,
                ..
            } => "`SHOW FUNCTIONS` lists the functions",
            Self::Name {
                kind: NameKind::Version,
                ..
            } => "ask for a version that the table still holds",
            Self::Write { .. } => "use `flowglass ingest` to add data",
            Self::Memory { .. } => {
                "allow more memory with `--memory`, narrow the time range, or group by fewer columns"
            }
            Self::StepMemory { .. } => {
                "leave fewer rows or columns to this step, with `where`, `summarize` or `project` before it, or allow more memory with `--memory`"
            }
            Self::TooMuch { .. } => "make shorter text: cut its parts with `left`, or ask for fewer of them",
            Self::Cancelled => "run it again when it may finish",
            Self::TimedOut { .. } => "narrow the time range, or allow more time with `--timeout`",
            Self::RowFilter { .. } => "the administrator who wrote the filter can mend it",
            Self::FileGone { .. } => {
                "run it again: the newest version is read then; `flowglass table check` tells whether it is whole"
            }
            Self::Unreadable { .. } => "`flowglass table check --deep` tells whether the files are whole",
            Self::Failed { .. } => "look at the values of the columns that this step is given",
        };
        Some(text.to_owned())
    }
}

fn at(position: Option<&Position>) -> String {
    position.map_or_else(String::new, |position| format!(" at {position}"))
}

/// A name that a second column may have.
fn another(name: &str) -> String {
    let simple = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if simple {
        format!("{name}2")
    } else {
        "other".to_owned()
    }
}

/// What to write instead of a name that is not there, and why it is not.
fn write_name(typed: &str, suggestion: &str) -> String {
    if typed.eq_ignore_ascii_case(suggestion) {
        format!("write `{suggestion}`; letter case counts")
    } else if column_known_as(typed) == Some(suggestion) {
        format!("write `{suggestion}`; `{typed}` is what other tools call it")
    } else {
        format!("write `{suggestion}`")
    }
}

/// Our name of a column that other tools call so.
pub(crate) fn column_known_as(typed: &str) -> Option<&'static str> {
    let mut columns = TABLES.iter().flat_map(|table| table.columns);
    columns
        .find(|column| {
            column
                .kql_aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(typed))
        })
        .map(|column| column.name)
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// A number of bytes in the largest unit that keeps it whole, or else rounded down.
pub(crate) struct Size(pub(crate) usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        for (shift, unit) in units {
            if self.0 >> shift > 0 {
                return write!(f, "{} {unit}", self.0 >> shift);
            }
        }
        write!(f, "{} bytes", self.0)
    }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_millis() == 0 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{} ms", self.0.as_millis())
        }
    }
}
