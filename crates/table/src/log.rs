//! The Delta log: the only module that names Delta types.
//!
//! Opens, creates and reads a log, and commits `Add` actions together with the transaction numbers of
//! shards. It knows nothing of what the rows mean, and writes no data file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake_core::kernel::{Action, Add, DataType, PrimitiveType, StructField, Transaction};
use deltalake_core::logstore::LogStoreRef;
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use model::{Sequence, Shard, TableDef, TableVersion, ValueType};
use object_store::ObjectStore;
use object_store::prefix::PrefixStore;
use serde_json::Value;
use url::Url;

use crate::error::{Result, TableError};
use crate::snapshot::{ColumnStats, DataFile, Snapshot, StatValue};

/// The format written by this program, as a number that only grows.
pub const FORMAT: u32 = 1;
const PROPERTY_FORMAT: &str = "flowglass.format";
const PROPERTY_MIN_READER: &str = "flowglass.minReader";
const PROPERTY_MIN_WRITER: &str = "flowglass.minWriter";
const PROPERTY_SHARDS: &str = "flowglass.shards";
const PROPERTY_TABLE: &str = "flowglass.table";

/// One table's log, loaded at some version.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    table: &'static TableDef,
    url: Url,
    store: Arc<dyn ObjectStore>,
    log_store: LogStoreRef,
    state: DeltaTableState,
}

fn failed(what: &str, error: DeltaTableError) -> TableError {
    match error {
        DeltaTableError::Transaction {
            source: TransactionError::CommitConflict(_) | TransactionError::MaxCommitAttempts(_),
        }
        | DeltaTableError::VersionAlreadyExists(_) => TableError::Conflict,
        DeltaTableError::ObjectStore { source } => TableError::io(what, source),
        other => TableError::io(what, other),
    }
}

fn builder(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<(Url, DeltaTable)> {
    // A URL of its own keeps the library from opening the local file system behind our back.
    let url = Url::parse(&format!("memory:///{}/", table.name))
        .map_err(|error| TableError::io("name the table", error))?;
    let delta = DeltaTableBuilder::from_url(url.clone())
        .map_err(|error| failed("open the log", error))?
        .with_storage_backend(Arc::clone(root), url.clone())
        .build()
        .map_err(|error| failed("open the log", error))?;
    Ok((url, delta))
}

fn delta_type(value_type: ValueType) -> DataType {
    DataType::Primitive(match value_type {
        ValueType::Text => PrimitiveType::String,
        ValueType::Int => PrimitiveType::Integer,
        ValueType::Long => PrimitiveType::Long,
        ValueType::Instant => PrimitiveType::Timestamp,
        ValueType::Day => PrimitiveType::Date,
        ValueType::Bytes => PrimitiveType::Binary,
        ValueType::Bool => PrimitiveType::Boolean,
    })
}

impl Log {
    /// Opens the log of a table, or `None` if there is none.
    pub(crate) async fn open(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Option<Self>> {
        let (url, mut delta) = builder(root, table)?;
        if !delta
            .verify_deltatable_existence()
            .await
            .map_err(|error| failed("look for a log", error))?
        {
            return Ok(None);
        }
        delta
            .load()
            .await
            .map_err(|error| failed("read the log", error))?;
        Self::loaded(root, table, url, &delta).map(Some)
    }

    /// Creates the table; if another process did so first, opens that.
    pub(crate) async fn create(root: &Arc<dyn ObjectStore>, table: &'static TableDef) -> Result<Self> {
        let (url, delta) = builder(root, table)?;
        let columns = table
            .stored_columns()
            .map(|column| StructField::new(column.name, delta_type(column.value_type), true));
        let number = FORMAT.to_string();
        let shards = Shard::COUNT.to_string();
        let properties = [
            (PROPERTY_FORMAT, number.as_str()),
            (PROPERTY_MIN_READER, "1"),
            (PROPERTY_MIN_WRITER, "1"),
            (PROPERTY_SHARDS, shards.as_str()),
            (PROPERTY_TABLE, table.name),
            ("delta.checkpointInterval", "100"),
            // Written by our own statistics; the log's readers find them for every column that has them.
            ("delta.dataSkippingNumIndexedCols", "-1"),
        ];
        let created = CreateBuilder::new()
            .with_log_store(delta.log_store())
            .with_table_name(table.name)
            .with_comment(table.row)
            .with_columns(columns)
            .with_partition_columns([table.partition])
            .with_raise_if_key_not_exists(false)
            .with_configuration(properties.map(|(key, value)| (key, Some(value))))
            .with_save_mode(SaveMode::Ignore)
            .await
            .map_err(|error| failed("create the log", error));
        match created {
            Ok(delta) => Self::loaded(root, table, url, &delta),
            Err(TableError::Conflict) => Self::open(root, table).await?.ok_or(TableError::Conflict),
            Err(other) => Err(other),
        }
    }

    fn loaded(
        root: &Arc<dyn ObjectStore>,
        table: &'static TableDef,
        url: Url,
        delta: &DeltaTable,
    ) -> Result<Self> {
        let state = delta
            .snapshot()
            .map_err(|error| failed("read the log", error))?
            .clone();
        let log = Self {
            table,
            url,
            store: Arc::new(PrefixStore::new(Arc::clone(root), table.name)),
            log_store: delta.log_store(),
            state,
        };
        log.check_format()?;
        Ok(log)
    }

    fn check_format(&self) -> Result<()> {
        let properties = self.state.metadata().configuration();
        let number = |key: &str| properties.get(key).and_then(|value| value.parse::<u32>().ok());
        let Some(needed) = number(PROPERTY_MIN_READER).max(number(PROPERTY_MIN_WRITER)) else {
            return Err(TableError::Foreign {
                path: self.table.name.into(),
            });
        };
        if needed > FORMAT {
            return Err(TableError::Newer {
                table: self.table.name.into(),
                found: needed,
                supported: FORMAT,
            });
        }
        Ok(())
    }

    /// The version that is loaded.
    #[must_use]
    pub(crate) fn version(&self) -> TableVersion {
        TableVersion(i64::try_from(self.state.version()).unwrap_or(i64::MAX))
    }

    /// Brings the log up to its newest version.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        self.state
            .update(&self.log_store, None)
            .await
            .map_err(|error| failed("read the log", error))
    }

    /// Loads an earlier version.
    pub(crate) async fn at_version(&self, version: TableVersion) -> Result<Self> {
        let number = u64::try_from(version.0).unwrap_or(0);
        let state = DeltaTableState::try_new(self.log_store.as_ref(), Some(number))
            .await
            .map_err(|error| failed("read an earlier version of the log", error))?;
        Ok(Self {
            state,
            ..self.clone()
        })
    }

    /// The last transaction of a shard; 0 if there is none.
    pub(crate) async fn sequence(&self, shard: Shard) -> Result<Sequence> {
        let version = self
            .state
            .transaction_version(self.log_store.as_ref(), transaction_name(shard))
            .await
            .map_err(|error| failed("read a shard's transaction", error))?;
        Ok(Sequence(version.unwrap_or(0)))
    }

    /// The exact files of the loaded version.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let data = self
            .state
            .snapshot()
            .try_log_data()
            .map_err(|error| failed("read the log", error))?;
        let mut files = Vec::with_capacity(data.num_files());
        for view in data.iter() {
            let day = view.partition_values_map().remove(self.table.partition).flatten();
            let path = view.path().into_owned();
            let Some(day) = day.as_deref().and_then(day_number) else {
                return Err(TableError::Damaged {
                    what: format!("`{path}` has no partition day"),
                });
            };
            files.push(data_file(
                self.table,
                path,
                view.size(),
                view.modification_time(),
                day,
                view.stats(),
            ));
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Snapshot {
            table: self.table,
            version: self.version(),
            root: self.url.clone(),
            store: Arc::clone(&self.store),
            files: Arc::new(files),
        })
    }

    /// Appends files, and moves these shards to these sequences, all or nothing. Fails with
    /// [`TableError::Conflict`] if any of the shards was moved since this log was loaded.
    pub(crate) async fn commit(
        &mut self,
        files: &[DataFile],
        moved: &[(Shard, Sequence)],
    ) -> Result<TableVersion> {
        let actions = files
            .iter()
            .map(|file| Action::Add(add(self.table, file)))
            .collect();
        let transactions = moved
            .iter()
            .map(|(shard, sequence)| Transaction::new(transaction_name(*shard), sequence.0))
            .collect();
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![self.table.partition.to_owned()]),
            predicate: None,
        };
        let properties = CommitProperties::default()
            .with_application_transactions(transactions)
            .with_max_retries(50)
            .with_metadata([("flowglass".to_owned(), Value::from(env!("CARGO_PKG_VERSION")))]);
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(&self.state), Arc::clone(&self.log_store), operation)
            .await
            .map_err(|error| failed("commit to the log", error))?;
        self.state = committed.snapshot();
        Ok(self.version())
    }
}

fn transaction_name(shard: Shard) -> String {
    format!("flowglass-shard-{shard}")
}

/// Text columns longer than this have no bounds in the log: no query prunes by an ARM id.
const BOUND_CHARS_MAX: usize = 64;

fn add(table: &TableDef, file: &DataFile) -> Add {
    let mut min = serde_json::Map::new();
    let mut max = serde_json::Map::new();
    let mut nulls = serde_json::Map::new();
    for (name, stats) in &file.columns {
        let short = |value: &&StatValue| !matches!(value, StatValue::Text(text) if text.chars().count() > BOUND_CHARS_MAX);
        if let Some(value) = stats.min.as_ref().filter(short) {
            min.insert(name.clone(), stat_json(value));
        }
        if let Some(value) = stats.max.as_ref().filter(short) {
            max.insert(name.clone(), stat_json(value));
        }
        if let Some(count) = stats.nulls {
            nulls.insert(name.clone(), count.into());
        }
    }
    let stats =
        serde_json::json!({"numRecords": file.rows, "minValues": min, "maxValues": max, "nullCount": nulls});
    Add {
        path: file.path.clone(),
        partition_values: HashMap::from([(table.partition.to_owned(), Some(day_text(file.day)))]),
        size: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        modification_time: file.modified_millis,
        data_change: true,
        stats: Some(stats.to_string()),
        ..Add::default()
    }
}

fn stat_json(value: &StatValue) -> Value {
    match value {
        StatValue::Text(text) => text.as_str().into(),
        StatValue::Int(number) => (*number).into(),
        StatValue::Long(number) => (*number).into(),
        StatValue::Day(day) => day_text(*day).into(),
        StatValue::Instant(micros) => chrono::DateTime::from_timestamp_micros(*micros)
            .map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
            .into(),
    }
}

/// `2024-03-14` of a day since 1970.
#[must_use]
pub fn day_text(day: i32) -> String {
    chrono::DateTime::from_timestamp(i64::from(day) * 86_400, 0)
        .map_or_else(|| day.to_string(), |time| time.format("%Y-%m-%d").to_string())
}

fn day_number(text: &str) -> Option<i32> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(
        date.signed_duration_since(chrono::NaiveDate::default())
            .num_days(),
    )
    .ok()
}

fn data_file(
    table: &TableDef,
    path: String,
    bytes: i64,
    modified_millis: i64,
    day: i32,
    stats: Option<String>,
) -> DataFile {
    let stats: Value = stats
        .and_then(|stats| serde_json::from_str(&stats).ok())
        .unwrap_or(Value::Null);
    let part = |name: &str, column: &str| stats.get(name).and_then(|values| values.get(column));
    let mut columns = BTreeMap::new();
    for column in table.stored_columns() {
        let found = ColumnStats {
            min: part("minValues", column.name).and_then(|value| stat_value(column.value_type, value)),
            max: part("maxValues", column.name).and_then(|value| stat_value(column.value_type, value)),
            nulls: part("nullCount", column.name).and_then(Value::as_u64),
        };
        if found != ColumnStats::default() {
            columns.insert(column.name.to_owned(), found);
        }
    }
    DataFile {
        path,
        bytes: u64::try_from(bytes).unwrap_or(0),
        modified_millis,
        day,
        rows: stats.get("numRecords").and_then(Value::as_u64).unwrap_or(0),
        columns,
    }
}

fn stat_value(value_type: ValueType, value: &Value) -> Option<StatValue> {
    match value_type {
        ValueType::Text => value.as_str().map(|text| StatValue::Text(text.to_owned())),
        ValueType::Int => value
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .map(StatValue::Int),
        ValueType::Long => value.as_i64().map(StatValue::Long),
        ValueType::Day => value.as_str().and_then(day_number).map(StatValue::Day),
        ValueType::Instant => chrono::DateTime::parse_from_rfc3339(value.as_str()?)
            .ok()
            .map(|time| StatValue::Instant(time.timestamp_micros())),
        ValueType::Bytes | ValueType::Bool => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_back() {
        for day in [-1, 0, 19_796, 40_000] {
            assert_eq!(day_number(&day_text(day)), Some(day));
        }
        assert_eq!(day_number("yesterday"), None);
    }

    #[test]
    fn statistics_read_back() {
        let stats = |min, max| ColumnStats {
            min: Some(min),
            max: Some(max),
            nulls: Some(2),
        };
        let file = DataFile {
            path: "FlowDate=2024-03-14/a.parquet".into(),
            bytes: 10,
            modified_millis: 5,
            day: 19_796,
            rows: 7,
            columns: BTreeMap::from([
                (
                    "SrcIp".to_owned(),
                    stats(
                        StatValue::Text("10.0.0.1".into()),
                        StatValue::Text("9.9.9.9".into()),
                    ),
                ),
                (
                    "TimeGenerated".to_owned(),
                    stats(StatValue::Instant(-1), StatValue::Instant(1_710_413_935_827_001)),
                ),
                (
                    "DestPort".to_owned(),
                    stats(StatValue::Int(1), StatValue::Int(65_535)),
                ),
            ]),
        };
        let added = add(&model::FLOWS, &file);
        let read = data_file(
            &model::FLOWS,
            added.path.clone(),
            added.size,
            added.modification_time,
            19_796,
            added.stats,
        );
        assert_eq!(read, file);
    }
}
