//! What every other crate agrees on: the column table, ids, vocabulary, limits and error codes.
//!
//! This crate opens nothing, reads no clock and knows no file format. It must not depend on any
//! other crate of the workspace, and it names no engine, no table format and no wire protocol:
//! the Arrow schema, the Delta schema and the reference pages are all made from [`columns`].

pub mod address;
pub mod codes;
pub mod columns;
pub mod digits;
pub mod facts;
pub mod ids;
pub mod limits;
pub mod printable;
pub mod protocols;
pub mod services;
pub mod vocabulary;

pub use address::{AddressClass, IpClass};
pub use codes::Code;
pub use columns::{
    ColumnDef, FLOWS, FLOWS_BATCH_SCHEMA, INGEST_LOG, Kind, QUARANTINE, Repr, TableDef, ValueType,
};
pub use ids::{Incarnation, RecordHash, Sequence, Shard, SourceId, TableVersion};
pub use vocabulary::{Direction, FlowState, FlowStatus, LogFormat, RuleKind};
