//! A snapshot as a table that can be scanned: exactly its files, and no others.
//!
//! The scan is the query library's own Parquet scan, with each file's day as a partition value, so
//! that the same plan runs here or on executors that know nothing of us. It must not list folders
//! and must not look at the table's log.

use std::cmp::Reverse;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, ScalarValue, Statistics, exec_datafusion_err};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use model::{TableDef, TableVersion};
use object_store::ObjectMeta;
use table::snapshot::{DataFile, Snapshot};
use url::Url;

use crate::counters::ScanLog;
use crate::file_stats::statistics;
use crate::prune::{decided_by_day, prune};
use crate::stores::{plan_path, store_url};

/// A snapshot of a table, without the store: that is found again by the address of the folder.
#[derive(Debug)]
pub(crate) struct SnapshotProvider {
    pub(crate) table: &'static TableDef,
    pub(crate) version: TableVersion,
    pub(crate) root: Url,
    pub(crate) files: Arc<Vec<DataFile>>,
    store: ObjectStoreUrl,
    schema: SchemaRef,
}

/// The stored columns in the order of the column table, as a scan gives them: text and bytes as
/// views, which the Parquet reader fills without copying.
pub(crate) fn scan_schema(table: &TableDef) -> SchemaRef {
    let fields: Vec<Field> = table
        .stored_columns()
        .map(|column| {
            let field = column.field();
            let viewed = match field.data_type() {
                DataType::Utf8 => DataType::Utf8View,
                DataType::Binary => DataType::BinaryView,
                other => other.clone(),
            };
            field.with_data_type(viewed)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

impl SnapshotProvider {
    pub(crate) fn new(snapshot: &Snapshot) -> Result<Self> {
        Self::of_files(
            snapshot.table,
            snapshot.version,
            snapshot.root.clone(),
            Arc::clone(&snapshot.files),
        )
    }

    pub(crate) fn of_files(
        table: &'static TableDef,
        version: TableVersion,
        root: Url,
        files: Arc<Vec<DataFile>>,
    ) -> Result<Self> {
        Ok(Self {
            table,
            version,
            store: store_url(&root)?,
            root,
            files,
            schema: scan_schema(table),
        })
    }

    pub(crate) fn store(&self) -> &ObjectStoreUrl {
        &self.store
    }

    /// The columns that lie in the files, and the partition column behind them.
    fn table_schema(&self) -> Result<TableSchema> {
        let (inside, partition): (Vec<_>, Vec<_>) = self
            .schema
            .fields()
            .iter()
            .cloned()
            .partition(|field| field.name() != self.table.partition);
        Ok(TableSchema::builder(Arc::new(Schema::new(inside)))
            .with_table_partition_cols(partition)
            .build())
    }

    fn partitioned_file(&self, file: &DataFile, stored: &Schema) -> Result<PartitionedFile> {
        let modified: DateTime<Utc> = DateTime::from_timestamp_millis(file.modified_millis)
            .ok_or_else(|| exec_datafusion_err!("file `{}` has no valid time", file.path))?;
        let meta = ObjectMeta {
            location: plan_path(self.table.name, &file.path),
            last_modified: modified,
            size: file.bytes,
            e_tag: None,
            version: None,
        };
        Ok(PartitionedFile::new_from_meta(meta)
            .with_partition_values(vec![ScalarValue::Date32(Some(file.day))])
            .with_statistics(Arc::new(statistics(file, stored))))
    }

    /// Files spread over groups so that the groups have about the same size; within a group in the
    /// order of the snapshot.
    fn groups(&self, files: &[&DataFile], wanted: usize, stored: &Schema) -> Result<Vec<FileGroup>> {
        let mut largest_first: Vec<(usize, &&DataFile)> = files.iter().enumerate().collect();
        largest_first.sort_by_key(|(index, file)| (Reverse(file.bytes), *index));
        let mut groups: Vec<(u64, Vec<(usize, &DataFile)>)> =
            vec![(0, Vec::new()); wanted.clamp(1, files.len().max(1))];
        for (index, file) in largest_first {
            if let Some(smallest) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
                smallest.0 = smallest.0.saturating_add(file.bytes.max(1));
                smallest.1.push((index, file));
            }
        }
        groups
            .into_iter()
            .map(|(_, mut members)| {
                members.sort_by_key(|(index, _)| *index);
                let files: Result<Vec<_>> = members
                    .into_iter()
                    .map(|(_, file)| self.partitioned_file(file, stored))
                    .collect();
                files.map(FileGroup::new)
            })
            .collect()
    }
}

/// Adds up the statistics of the files, per group and for the whole scan.
fn summed(groups: Vec<FileGroup>, schema: &Schema) -> Result<(Vec<FileGroup>, Statistics)> {
    let mut of_groups = Vec::with_capacity(groups.len());
    let mut summed = Vec::with_capacity(groups.len());
    for group in groups {
        let of_files = group.files().iter().filter_map(|file| file.statistics.as_deref());
        let of_group = Arc::new(Statistics::try_merge_iter(of_files, schema)?);
        summed.push(group.with_statistics(Arc::clone(&of_group)));
        of_groups.push(of_group);
    }
    let whole = Statistics::try_merge_iter(of_groups.iter().map(AsRef::as_ref), schema)?;
    Ok((summed, whole))
}

#[async_trait]
impl TableProvider for SnapshotProvider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| {
            if decided_by_day(filter, self.table) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let kept = prune(state, self.table, &self.schema, &self.files, filters)?;
        if let Some(log) = state.config().get_extension::<ScanLog>() {
            log.add(self.files.len(), kept.after_days, kept.files.len());
        }
        let wanted: Vec<usize> =
            projection.map_or_else(|| (0..self.schema.fields().len()).collect(), Clone::clone);
        if kept.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&wanted)?))));
        }

        let schema = self.table_schema()?;
        // Indices of the column table turned into indices of "columns of the file, then partition".
        let wanted: Vec<usize> = self
            .schema
            .project(&wanted)?
            .fields()
            .iter()
            .map(|field| schema.table_schema().index_of(field.name()))
            .collect::<std::result::Result<_, _>>()?;
        let groups = self.groups(
            &kept.files,
            state.config().target_partitions(),
            schema.file_schema(),
        )?;
        let (groups, statistics) = summed(groups, schema.table_schema())?;
        let runtime = state.runtime_env();
        let reader = CachedParquetFileReaderFactory::new(
            runtime.object_store(&self.store)?,
            runtime.cache_manager.get_file_metadata_cache(),
        );
        let options = TableParquetOptions {
            global: state.config_options().execution.parquet.clone(),
            ..TableParquetOptions::default()
        };
        let source = ParquetSource::new(schema)
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader));
        let config = FileScanConfigBuilder::new(self.store.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(wanted))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
