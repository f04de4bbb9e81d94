//! Queries: a snapshot of each table goes in, record batches come out.
//!
//! The engine binds a statement, widens its filters to files, row groups and pages, runs the plan
//! under the caller's limits and hands back Arrow. Everything it needs to know about the caller
//! comes through [`QueryContext`]: who asks, what they may see, what time it is, how much memory
//! and time there is, and the token that stops it.
//!
//! It must not print, write a table, open a file that no snapshot lists, read a clock for `now()`,
//! or let a type of the query library underneath appear in its public interface.

mod bind;
mod chains;
mod codec;
mod context;
mod counters;
mod diagnose;
mod engine;
mod error;
mod facts_table;
mod fences;
mod file_stats;
mod functions;
mod heads;
mod interrupt;
mod known;
mod kql;
mod memory;
mod optimizer;
mod output;
mod planner;
mod provider;
mod prune;
mod reserved;
mod result;
mod roundtrip;
mod session;
mod spill;
mod statement;
mod stores;
mod through;
mod view;
mod views;
mod workers;

pub use context::{Limits, Principal, QueryContext, RowFilter};
pub use counters::{Counters, ExplainHandle, QueryNote};
pub use engine::{Catalog, Engine, EngineOptions};
pub use error::{EngineError, NameKind, Position};
pub use functions::{FunctionPage, function_pages};
pub use known::{Facts, FactsSnapshot};
pub use kql::rollups::{rollup_definition, rollup_query};
pub use kql::{KqlAnswer, KqlFailure, KqlParameters};
pub use result::{QueryResult, QueryStream};
