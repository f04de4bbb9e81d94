//! A snapshot: one version of a table as an exact list of files.
//!
//! This is all that `engine` sees of a table. It holds no Delta type: whoever scans it needs only the
//! files, their partition day and their statistics. It must not read or write anything itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{TableDef, TableVersion};
use object_store::ObjectStore;
use url::Url;

/// One version of one table.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The table.
    pub table: &'static TableDef,
    /// The version of its log.
    pub version: TableVersion,
    /// Folder of the table as a URL that ends in `/`.
    pub root: Url,
    /// Where the files are read from; paths are relative to the root.
    pub store: Arc<dyn ObjectStore>,
    /// Every file of this version, and no other.
    pub files: Arc<Vec<DataFile>>,
}

/// One Parquet file of a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFile {
    /// Path relative to the table's root, not URL-encoded.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was written, epoch milliseconds.
    pub modified_millis: i64,
    /// The partition: days since 1970-01-01.
    pub day: i32,
    /// Number of rows; none if the log does not say.
    pub rows: Option<u64>,
    /// Statistics per column name; a column that is missing here has none.
    pub columns: BTreeMap<String, ColumnStats>,
}

/// A file that was written, and is in no log yet.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenFile {
    /// What the log will say of it.
    pub file: DataFile,
    /// SHA-256 of the bytes as they were handed to the store, in hexadecimal.
    pub sha256: String,
}

/// What the log knows of a column in one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStats {
    /// No value is below this.
    pub min: Option<StatValue>,
    /// No value is above this.
    pub max: Option<StatValue>,
    /// How many are null.
    pub nulls: Option<u64>,
}

/// A bound in the log's statistics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatValue {
    /// Text; a bound may be a shortened prefix (min) or a raised one (max).
    Text(String),
    /// 32-bit integer.
    Int(i32),
    /// 64-bit integer.
    Long(i64),
    /// Epoch microseconds, UTC.
    Instant(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

impl Snapshot {
    /// Sum of the rows of all files that the log counts.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().filter_map(|file| file.rows).sum()
    }

    /// Sum of the bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}
