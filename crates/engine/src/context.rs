//! What a query is asked under: who, what they may see, what time it is, and how much it may use.
//!
//! Nothing here is read from the environment or from a clock; the caller says it all.

use std::path::PathBuf;
use std::time::Duration;

use model::TableVersion;
use model::limits::QUERY_MEMORY_BYTES;
use tokio_util::sync::CancellationToken;

/// Who asks. The engine only names it in messages; what the principal may see is the row filter's matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal(pub String);

/// A condition that every row of `Flows` must meet before the query sees it.
///
/// It is written as an SQL condition over the columns of `Flows` (`SrcIp = '10.0.0.4'`), may use
/// computed columns, and may not hold a subquery. It is checked when the query is bound: a filter
/// that cannot be understood refuses the query, and tables it does not speak of are not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowFilter {
    condition: String,
}

impl RowFilter {
    /// A filter from the text of a condition.
    #[must_use]
    pub fn new(condition: impl Into<String>) -> Self {
        Self {
            condition: condition.into(),
        }
    }

    /// The condition as written.
    #[must_use]
    pub fn condition(&self) -> &str {
        &self.condition
    }
}

/// How much a query may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory of the query's operators; beyond it they spill, and those that cannot fail with `FG3003`.
    pub memory_bytes: usize,
    /// Rows handed out; the result is cut there and says so.
    pub rows_max: Option<u64>,
    /// How long it may take, counted from the call; then `FG3004`.
    pub timeout: Option<Duration>,
    /// How many parts of the plan run side by side.
    pub partitions: usize,
    /// Where operators spill to; the system's folder for temporary files if not given.
    pub spill_dir: Option<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: usize::try_from(QUERY_MEMORY_BYTES).unwrap_or(usize::MAX),
            rows_max: None,
            timeout: None,
            partitions: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            spill_dir: None,
        }
    }
}

/// Everything a query is asked under.
#[derive(Clone, Debug)]
pub struct QueryContext {
    /// Who asks.
    pub principal: Principal,
    /// What they may see of `Flows`; everything if none.
    pub row_filter: Option<RowFilter>,
    /// The instant that `now()` means, epoch microseconds, fixed for the whole query.
    pub now: i64,
    /// How much it may use.
    pub limits: Limits,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Which version of `Flows` to read; the newest that the catalog holds if none.
    pub version: Option<TableVersion>,
    /// Rows whose `TimeGenerated` lies outside are not there: epoch microseconds, from and before.
    pub timespan: Option<(i64, i64)>,
    /// Whether rollups may take what is kept of them; if not, they are computed from rows.
    pub uses_rollups: bool,
    /// Whether `externaldata` may open files of this machine.
    pub reads_files: bool,
}

impl QueryContext {
    /// A context with default limits, no row filter and a token of its own.
    #[must_use]
    pub fn new(principal: Principal, now: i64) -> Self {
        Self {
            principal,
            row_filter: None,
            now,
            limits: Limits::default(),
            cancel: CancellationToken::new(),
            version: None,
            timespan: None,
            uses_rollups: true,
            reads_files: false,
        }
    }
}
