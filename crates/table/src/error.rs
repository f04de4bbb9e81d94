//! What can go wrong with a table, by what the reader can do about it.

use std::path::PathBuf;

use model::Code;
use model::codes::list as code;

use crate::reason::reason;

/// A failure of the table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is no table.
    #[error("no table at `{}`", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The table asks for a newer program.
    #[error("table `{table}` asks for format {found}, this program knows up to {supported}")]
    Newer {
        /// Which table.
        table: String,
        /// What its properties ask for.
        found: u32,
        /// What this program can do.
        supported: u32,
    },
    /// A Delta table, but not ours.
    #[error("`{}` is a Delta table that Flowglass did not make", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// Another writer committed the same shards first.
    #[error("another writer committed first")]
    Conflict,
    /// Too many writers at once.
    #[error("another writer committed first, {attempts} times in a row")]
    ConflictAgain {
        /// How often it was tried.
        attempts: u32,
    },
    /// The file system or object store refused.
    #[error("cannot {what}: {}", reason(source.as_ref()))]
    Io {
        /// What was being done, to what.
        what: String,
        /// What the store or a library said; the message has it in plain words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something that the log names is not as the log says.
    #[error("table is damaged: {what}")]
    Damaged {
        /// What is wrong, and where.
        what: String,
    },
    /// A newer program has given the table a column that this one would lose.
    #[error("table `{table}` has a column `{column}` that this program does not know")]
    NewerColumn {
        /// Which table.
        table: String,
        /// The column.
        column: String,
    },
    /// A version that was asked for is no longer kept.
    #[error("version {version} of `{table}` is not kept any more{}", oldest.map_or_else(String::new, |oldest| format!("; the oldest is {oldest}")))]
    VersionGone {
        /// Which table.
        table: String,
        /// What was asked for.
        version: i64,
        /// What there is, where that is known.
        oldest: Option<i64>,
    },
    /// A position file that the log names is missing.
    #[error("table is damaged: `{path}` is missing, though the log names it")]
    PositionMissing {
        /// The file.
        path: String,
    },
    /// The table differs from the present format in a way that no step mends.
    #[error("table `{table}` cannot be migrated: {what}")]
    Unmigratable {
        /// Which table.
        table: String,
        /// What differs.
        what: String,
    },
    /// Something is wrong with a follower, or with what was asked of it.
    #[error("follower `{name}` {what}")]
    Follower {
        /// Its name.
        name: String,
        /// What is wrong, as the end of a sentence.
        what: String,
    },
    /// Facts that are too many for one snapshot.
    #[error("the facts take {} MB; a snapshot has at most {} MB", .bytes >> 20, .bytes_max >> 20)]
    FactsTooLarge {
        /// How many bytes they take.
        bytes: usize,
        /// How many they may.
        bytes_max: usize,
    },
    /// One commit would touch too many days.
    #[error("rows spread over {days} days; one commit may touch {limit}")]
    PartitionLimit {
        /// How many days.
        days: usize,
        /// The limit.
        limit: usize,
    },
}

impl TableError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => code::TABLE_MISSING,
            Self::Newer { .. } | Self::NewerColumn { .. } => code::TABLE_NEWER,
            Self::VersionGone { .. } => code::TABLE_VERSION_GONE,
            Self::Follower { .. } => code::TABLE_FOLLOWER,
            Self::Unmigratable { .. } => code::TABLE_UNMIGRATABLE,
            Self::Foreign { .. } => code::TABLE_FOREIGN,
            Self::Conflict | Self::ConflictAgain { .. } => code::TABLE_CONFLICT,
            Self::Io { .. } => code::TABLE_IO,
            Self::Damaged { .. } | Self::PositionMissing { .. } => code::TABLE_DAMAGED,
            Self::FactsTooLarge { .. } => code::TABLE_FACTS,
            Self::PartitionLimit { .. } => code::PARTITION_LIMIT,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "make one with `flowglass ingest PATH --table DIR`, or try `flowglass demo` and name the table that it makes"
            }
            Self::Newer { .. } | Self::NewerColumn { .. } => "use a newer flowglass",
            Self::VersionGone { .. } => {
                "ask for a newer version, or leave `--version` out to ask the table as it is"
            }
            Self::Follower { .. } => {
                "`flowglass table followers` lists them; with `--remove NAME` it forgets one that will not come back"
            }
            Self::Unmigratable { .. } => {
                "ingest the sources into a fresh table; this one can still be queried"
            }
            Self::Foreign { .. } => "choose another folder with `--table`",
            Self::Conflict | Self::ConflictAgain { .. } => "run it again; nothing was half stored",
            Self::Io { .. } => "mend what the message names and run it again; what was committed is safe",
            Self::Damaged { .. } | Self::PositionMissing { .. } => {
                "`flowglass table check` lists what is wrong"
            }
            Self::FactsTooLarge { .. } => "load fewer subscriptions at a time",
            Self::PartitionLimit { .. } => "look at the span of times with `flowglass read`",
        }
    }

    pub(crate) fn io(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Io {
            what: what.into(),
            source: source.into(),
        }
    }
}

/// Result of this crate.
pub type Result<T, E = TableError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_said_is_told_in_plain_words() {
        let missing = std::fs::File::open("/no/such/file/anywhere").unwrap_err();
        let wrapped = object_store::Error::Generic {
            store: "LocalFileSystem",
            source: Box::new(missing),
        };
        assert_eq!(
            TableError::io("read `x`", wrapped).to_string(),
            "cannot read `x`: no such file or folder"
        );
    }
}
