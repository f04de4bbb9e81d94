//! How a plan of ours travels: which files a scan reads, and functions by name.
//!
//! The wire form of a snapshot is the exact file list with its statistics, so that whoever decodes
//! it prunes as we would and reads nothing else. It is private to one version of the program on
//! both ends: a column table that differs is refused, not guessed at.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{Result, TableReference, internal_datafusion_err, internal_err};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan, ScalarUDF};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use model::columns::{ROLLUPS, TABLES};
use model::{TableDef, TableVersion};
use prost::Message;
use table::snapshot::{ColumnStats, DataFile, StatValue};
use url::Url;

use crate::functions;
use crate::kql::{RowsTable, aggregate_by_name};
use crate::provider::SnapshotProvider;

/// A snapshot on the wire.
#[derive(Clone, PartialEq, Message)]
struct WireSnapshot {
    #[prost(string, tag = "1")]
    table: String,
    #[prost(int64, tag = "2")]
    version: i64,
    #[prost(string, tag = "3")]
    root: String,
    /// Names that the statistics refer to by index: the stored columns of the sender.
    #[prost(string, repeated, tag = "4")]
    columns: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    files: Vec<WireFile>,
}

#[derive(Clone, PartialEq, Message)]
struct WireFile {
    #[prost(string, tag = "1")]
    path: String,
    #[prost(uint64, tag = "2")]
    bytes: u64,
    #[prost(int64, tag = "3")]
    modified_millis: i64,
    #[prost(sint32, tag = "4")]
    day: i32,
    #[prost(uint64, optional, tag = "5")]
    rows: Option<u64>,
    #[prost(message, repeated, tag = "6")]
    columns: Vec<WireStats>,
}

#[derive(Clone, PartialEq, Message)]
struct WireStats {
    #[prost(uint32, tag = "1")]
    column: u32,
    #[prost(message, optional, tag = "2")]
    min: Option<WireBound>,
    #[prost(message, optional, tag = "3")]
    max: Option<WireBound>,
    #[prost(uint64, optional, tag = "4")]
    nulls: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
struct WireBound {
    #[prost(oneof = "WireValue", tags = "1, 2, 3, 4, 5")]
    value: Option<WireValue>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum WireValue {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(sint32, tag = "2")]
    Int(i32),
    #[prost(sint64, tag = "3")]
    Long(i64),
    #[prost(sint64, tag = "4")]
    Instant(i64),
    #[prost(sint32, tag = "5")]
    Day(i32),
}

impl From<&StatValue> for WireBound {
    fn from(value: &StatValue) -> Self {
        let value = match value {
            StatValue::Text(text) => WireValue::Text(text.clone()),
            StatValue::Int(int) => WireValue::Int(*int),
            StatValue::Long(long) => WireValue::Long(*long),
            StatValue::Instant(micros) => WireValue::Instant(*micros),
            StatValue::Day(day) => WireValue::Day(*day),
        };
        Self { value: Some(value) }
    }
}

impl WireBound {
    fn into_value(self) -> Option<StatValue> {
        self.value.map(|value| match value {
            WireValue::Text(text) => StatValue::Text(text),
            WireValue::Int(int) => StatValue::Int(int),
            WireValue::Long(long) => StatValue::Long(long),
            WireValue::Instant(micros) => StatValue::Instant(micros),
            WireValue::Day(day) => StatValue::Day(day),
        })
    }
}

fn column_names(table: &TableDef) -> Vec<String> {
    table
        .stored_columns()
        .map(|column| column.name.to_owned())
        .collect()
}

fn encode(provider: &SnapshotProvider) -> WireSnapshot {
    let columns = column_names(provider.table);
    let files = provider
        .files
        .iter()
        .map(|file| WireFile {
            path: file.path.clone(),
            bytes: file.bytes,
            modified_millis: file.modified_millis,
            day: file.day,
            rows: file.rows,
            columns: wire_stats(file, &columns),
        })
        .collect();
    WireSnapshot {
        table: provider.table.name.to_owned(),
        version: provider.version.0,
        root: provider.root.to_string(),
        columns,
        files,
    }
}

fn wire_stats(file: &DataFile, columns: &[String]) -> Vec<WireStats> {
    columns
        .iter()
        .zip(0u32..)
        .filter_map(|(name, column)| {
            let known = file.columns.get(name)?;
            Some(WireStats {
                column,
                min: known.min.as_ref().map(WireBound::from),
                max: known.max.as_ref().map(WireBound::from),
                nulls: known.nulls,
            })
        })
        .collect()
}

fn decode(wire: WireSnapshot) -> Result<SnapshotProvider> {
    let table = TABLES
        .iter()
        .chain(ROLLUPS)
        .find(|table| table.name == wire.table)
        .ok_or_else(|| {
            internal_datafusion_err!("no table `{}` in this version of the program", wire.table)
        })?;
    if column_names(table) != wire.columns {
        return internal_err!(
            "the plan comes from another version of the program: `{}` differs",
            wire.table
        );
    }
    let root = Url::parse(&wire.root)
        .map_err(|error| internal_datafusion_err!("`{}` is no address: {error}", wire.root))?;
    let columns = &wire.columns;
    let files: Result<Vec<DataFile>> = wire
        .files
        .into_iter()
        .map(|file| decode_file(file, columns))
        .collect();
    SnapshotProvider::of_files(table, TableVersion(wire.version), root, Arc::new(files?))
}

fn decode_file(file: WireFile, columns: &[String]) -> Result<DataFile> {
    let mut known = BTreeMap::new();
    for stats in file.columns {
        let name = usize::try_from(stats.column)
            .ok()
            .and_then(|index| columns.get(index));
        let name = name.ok_or_else(|| internal_datafusion_err!("column {} is not there", stats.column))?;
        let value = ColumnStats {
            min: stats.min.and_then(WireBound::into_value),
            max: stats.max.and_then(WireBound::into_value),
            nulls: stats.nulls,
        };
        known.insert(name.clone(), value);
    }
    Ok(DataFile {
        path: file.path,
        bytes: file.bytes,
        modified_millis: file.modified_millis,
        day: file.day,
        rows: file.rows,
        columns: known,
    })
}

fn function(name: &str) -> Result<Arc<ScalarUDF>> {
    functions::by_name(name).ok_or_else(|| internal_datafusion_err!("no function `{name}`"))
}

fn aggregate(name: &str) -> Result<Arc<AggregateUDF>> {
    aggregate_by_name(name).ok_or_else(|| internal_datafusion_err!("no aggregate `{name}`"))
}

/// Logical plans: snapshots as their file lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogicalCodec;

impl LogicalExtensionCodec for LogicalCodec {
    fn try_decode(&self, _: &[u8], _: &[LogicalPlan], _: &TaskContext) -> Result<Extension> {
        internal_err!("no plan node of our own exists")
    }

    fn try_encode(&self, node: &Extension, _: &mut Vec<u8>) -> Result<()> {
        internal_err!("plan node `{}` does not travel", node.node.name())
    }

    fn try_decode_table_provider(
        &self,
        buf: &[u8],
        name: &TableReference,
        _: SchemaRef,
        context: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        if name.table() == RowsTable::NAME {
            return Ok(Arc::new(RowsTable::from_bytes(buf)?));
        }
        let wire = WireSnapshot::decode(buf)
            .map_err(|error| internal_datafusion_err!("a snapshot cannot be decoded: {error}"))?;
        let provider = decode(wire)?;
        // Whoever decodes a plan must be able to read its files: better now than in the middle of it.
        context.runtime_env().object_store(provider.store())?;
        Ok(Arc::new(provider))
    }

    fn try_encode_table_provider(
        &self,
        name: &TableReference,
        provider: Arc<dyn TableProvider>,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        if let Some(rows) = provider.downcast_ref::<RowsTable>() {
            buf.extend(rows.to_bytes()?);
            return Ok(());
        }
        let Some(provider) = provider.downcast_ref::<SnapshotProvider>() else {
            return internal_err!("table `{name}` does not travel");
        };
        encode(provider)
            .encode(buf)
            .map_err(|error| internal_datafusion_err!("{error}"))
    }

    fn try_decode_udf(&self, name: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        function(name)
    }

    fn try_decode_udaf(&self, name: &str, _: &[u8]) -> Result<Arc<AggregateUDF>> {
        aggregate(name)
    }
}

/// Physical plans: nothing but functions is ours.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PhysicalCodec;

impl PhysicalExtensionCodec for PhysicalCodec {
    fn try_decode(
        &self,
        _: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        internal_err!("no operator of our own exists")
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        _: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        internal_err!("operator `{}` does not travel", node.name())
    }

    fn try_decode_udf(&self, name: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        function(name)
    }

    fn try_decode_udaf(&self, name: &str, _: &[u8]) -> Result<Arc<AggregateUDF>> {
        aggregate(name)
    }
}
