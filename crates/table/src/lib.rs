//! The table: a Delta Lake log, our own Parquet writer, positions, and the exactly-once protocol.
//!
//! The only crate that names Delta and writes Parquet. It hands `engine` a [`Snapshot`] (version, exact
//! files, statistics) and `ingest` a [`Transaction`]. It knows no log format and runs no query. Its
//! clock is the caller's: every time comes in as an argument.

mod check;
mod checksum;
mod collectors;
mod committed;
mod compact;
mod contents;
mod databases;
mod error;
pub mod export;
mod facts;
mod followers;
mod known;
mod log;
mod migrate;
mod object_reader;
mod own_folders;
mod pace;
mod positions;
mod reason;
mod replace;
mod retain;
mod rollups;
mod rows;
pub mod snapshot;
mod standing;
mod store;
mod table;
mod transaction;
mod turns;
mod vacuum;
mod writer;

pub use check::{CheckReport, Orphan};
pub use collectors::{Collector, Collectors, FoundCollector};
pub use compact::{CompactOptions, CompactReport, Fold};
pub use contents::{IngestTotals, TableStats};
pub use databases::database_hash;
pub use error::{Result, TableError};
pub use facts::FactsFile;
pub use followers::Follower;
pub use known::{Known, KnownRecord};
pub use log::{FORMAT, MigrationStep, day_text};
pub use migrate::Migration;
pub use own_folders::{is_own_folder, table_around};
pub use pace::Pace;
pub use positions::{BlobMark, Position, SegmentRef, ShardState, encoded_bytes};
pub use reason::{io_reason, reason};
pub use replace::Replaced;
pub use retain::{Dropped, RetainReport, Retained, first_day};
pub use rollups::{Built, Hours, HoursSet, RollupDefinition, Rollups, rows_within};
pub use rows::{IngestRow, QuarantineRow};
pub use snapshot::{ColumnStats, DataFile, Snapshot, StatValue, WrittenFile};
pub use standing::Standing;
pub use table::Table;
pub use transaction::{Contribution, Transaction};
pub use vacuum::{Gone, HeldBack, VacuumOptions, VacuumReport};
pub use writer::Writer;
