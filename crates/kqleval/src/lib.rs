//! Bound KQL over rows in memory. It is what runs inside of operators that have a query for each group of rows
//! (`mv-apply`, `partition`), it holds the operators that no plan algebra has, and it is the slow, obvious twin that the
//! engine's plans are compared with.
//!
//! It knows no query engine, opens nothing and reads no clock.

mod aggregate;
mod expand;
mod external;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod grouping;
mod join;
mod names;
mod order;
mod parse;
mod plugin;
mod range;
mod run;
mod scalar;
mod scan;
mod series;
mod table;
mod value;
mod window;

pub use aggregate::{aggregate_groups, has_survivors, survivors};
pub use names::{Elsewhere, Names};
pub use run::{Evaluator, Tables};
pub use scalar::widened;
pub use table::Table;
pub use value::Value;

/// Why a query cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// A failure.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// Kusto has it, and it is not here.
    pub(crate) fn unsupported(what: &str) -> Self {
        Self::new(format!("{what} is not supported"))
    }
}

impl From<kqlfn::Refusal> for Failure {
    fn from(refusal: kqlfn::Refusal) -> Self {
        Self::new(refusal.message)
    }
}

/// The result of all that may fail.
pub type Result<T> = std::result::Result<T, Failure>;
