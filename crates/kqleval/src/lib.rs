//! Bound KQL over rows in memory. It is what runs inside of operators that have a query for each group of rows
//! (`mv-apply`, `partition`), it holds the operators that no plan algebra has, and it is the slow, obvious twin that the
//! engine's plans are compared with.
//!
//! It knows no query engine, opens nothing and reads no clock.

mod aggregate;
mod apply;
mod base;
mod budget;
mod expand;
mod external;
mod failure;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod gathering;
mod grouping;
mod join;
mod known;
mod names;
mod nested;
mod order;
mod parse;
mod parts;
mod plugin;
mod probe;
mod range;
mod run;
mod scalar;
mod scan;
mod series;
mod spelling;
mod table;
mod texts;
mod value;
mod window;

pub use aggregate::{aggregate_groups, follows_order, has_survivors, survivors};
pub use failure::{Failure, FailureKind};
pub use names::{Elsewhere, KEPT, Names, Stored, StoredByName};
pub use parse::probe_pattern;
pub use probe::asks_for_rows;
pub use run::{Begun, Evaluator, Tables, parts_are_few};
pub use scalar::widened;
pub use spelling::{has_spellings, spelled_once};
pub use table::Table;
pub use texts::in_few_buffers;
pub use value::Value;

/// The result of all that may fail.
pub type Result<T> = std::result::Result<T, Failure>;
