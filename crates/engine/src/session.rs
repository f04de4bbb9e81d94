//! One query's session: settings, limits, functions and the tables this principal may name.
//!
//! A session lives for one query. It reads no configuration from outside, takes the time from the
//! context, and is given nothing that could write.

use std::sync::Arc;

use crate::spill::Spill;
use chrono::DateTime;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::Result;
use datafusion::execution::cache::cache_manager::{CacheManagerConfig, FileMetadataCache};
use datafusion::execution::context::ExecutionProps;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

use crate::context::{Limits, QueryContext};
use crate::counters::ScanLog;
use crate::fences;
use crate::functions;
use crate::known::{Facts, Functions};
use crate::kql::over_rows::BatchLimits;
use crate::memory::QueryMemory;
use crate::optimizer;
use model::limits::FUNCTION_BYTES_MAX;

const CATALOG: &str = "flowglass";
const SCHEMA: &str = "public";

/// What all sessions of an engine share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// Where operators put what has no room in memory.
    pub(crate) spill: Arc<Spill>,
    pub(crate) stores: Arc<dyn ObjectStoreRegistry>,
    /// Footers of files already seen, of all tables; files never change under their name.
    pub(crate) footers: Option<Arc<FileMetadataCache>>,
    /// The functions that say what is known of a flow's ends.
    pub(crate) known: Functions,
    /// What they say it of.
    pub(crate) facts: Facts,
}

/// Tables by the names that queries use.
pub(crate) type NamedTables = Vec<(String, Arc<dyn TableProvider>)>;

/// Builds the session of a query.
pub(crate) fn session(
    context: &QueryContext,
    shared: &Shared,
    tables: NamedTables,
    log: Arc<ScanLog>,
) -> Result<SessionState> {
    let schema = MemorySchemaProvider::new();
    for (name, table) in tables {
        schema.register_table(name, table)?;
    }
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(SCHEMA, Arc::new(schema))?;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));

    let config = config(&context.limits).with_extension(log);
    let mut props = ExecutionProps::new();
    props.config_options = Some(Arc::clone(config.options()));
    if let Some(now) = DateTime::from_timestamp_micros(context.now) {
        props = props.with_query_execution_start_time(now);
    }
    let mut state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_runtime_env(Arc::new(runtime(&context.limits, shared)?))
        .with_catalog_list(Arc::new(catalogs))
        .with_execution_props(props)
        .with_optimizer_rules(optimizer::rules())
        .with_physical_optimizer_rules(fences::rules())
        .build();
    for function in functions::all().into_iter().chain(shared.known.all()) {
        datafusion::execution::FunctionRegistry::register_udf(&mut state, function)?;
    }
    functions::bound(&mut state, function_bytes(&context.limits))?;
    Ok(state)
}

fn config(limits: &Limits) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true)
        .with_target_partitions(limits.partitions.max(1))
        .with_batch_size(batch_rows(limits));
    let options = config.options_mut();
    // `SrcIp` means the column `SrcIp`, not `srcip`. Function names are still read in any case.
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.collect_spans = true;
    // The zone of every instant in the tables, so that `now()` compares without a conversion.
    options.execution.time_zone = Some("UTC".to_owned());
    options.execution.collect_statistics = true;
    // No table has values inside of values. Of those that functions give, it asks the function once for each, and finds
    // names twice where tables have the same columns.
    options.optimizer.enable_leaf_expression_pushdown = false;
    options.execution.parquet.pushdown_filters = true;
    // They come in the order of what they cost.
    options.execution.parquet.reorder_filters = false;
    options.execution.parquet.bloom_filter_on_read = true;
    options.execution.parquet.enable_page_index = true;
    options.execution.parquet.pruning = true;
    // What a sort keeps back for merging its spilled runs must fit several times into the limit.
    let reserve = limits.memory_bytes / limits.partitions.max(1) / 8;
    options.execution.sort_spill_reservation_bytes =
        options.execution.sort_spill_reservation_bytes.min(reserve);
    options.extensions.insert(BatchLimits {
        memory_bytes: limits.memory_bytes,
    });
    config
}

/// Rows per batch: dozens of batches are in flight in every part of a plan, so under a small limit
/// they are smaller. At 64 MiB for each part they have the library's full size.
fn batch_rows(limits: &Limits) -> usize {
    (limits.memory_bytes / limits.partitions.max(1) / 8192).clamp(256, 8192)
}

/// Spilled runs that are merged at once. A merged batch keeps hold of the text of every run in it, so
/// merging many at once under a small limit hands on batches that do not fit.
fn runs_at_once(limits: &Limits) -> usize {
    (limits.memory_bytes / limits.partitions.max(1) / (2 << 20)).clamp(4, 1024)
}

/// What one function may make of one batch: a part of the limit, so that a handful of them in flight
/// stay within it, but always enough for a batch of ordinary lines.
fn function_bytes(limits: &Limits) -> u64 {
    (limits.memory_bytes as u64 / 64).clamp(1 << 20, FUNCTION_BYTES_MAX)
}

fn runtime(limits: &Limits, shared: &Shared) -> Result<RuntimeEnv> {
    let spill = match &limits.spill_dir {
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => match shared.spill.folder() {
            Some(folder) => DiskManagerMode::Directories(vec![folder.to_owned()]),
            None => DiskManagerMode::OsTmpDirectory,
        },
    };
    let caches = CacheManagerConfig {
        file_metadata_cache: shared.footers.clone(),
        ..CacheManagerConfig::default()
    };
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(QueryMemory::new(limits.memory_bytes)))
        .with_disk_manager_builder(
            DiskManagerBuilder::default()
                .with_mode(spill)
                .with_max_spill_merge_fan_in(runs_at_once(limits)),
        )
        .with_cache_manager(caches)
        .with_object_store_registry(Arc::clone(&shared.stores))
        .build()
}
