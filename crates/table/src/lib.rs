//! The table: Delta Lake log, our own Parquet writer, positions, and the exactly-once protocol.

pub mod snapshot;
