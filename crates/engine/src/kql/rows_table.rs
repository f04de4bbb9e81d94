//! Rows that were computed beforehand, as a table of a plan.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, Result, TableReference, internal_datafusion_err};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::ExecutionPlan;
use kqleval::Table;
use kqlfn::arrow_type;

/// A batch holds no more rows than this.
const BATCH_ROWS_MAX: usize = 8192;

/// Rows in memory.
#[derive(Debug)]
pub(crate) struct RowsTable {
    schema: SchemaRef,
    /// All rows together: what their parts share travels once.
    rows: RecordBatch,
}

impl RowsTable {
    /// What such a table is called in a plan.
    pub(crate) const NAME: &str = "#rows";

    pub(super) fn new(table: &Table) -> Result<Self> {
        let fields: Vec<Field> = table
            .schema
            .iter()
            .map(|column| Field::new(&*column.name, arrow_type(column.kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let columns = table
            .columns
            .iter()
            .map(|column| Arc::clone(&column.array))
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(table.rows));
        let rows = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
        Ok(Self { schema, rows })
    }

    /// Rows of any types.
    pub(crate) fn of(rows: RecordBatch) -> Self {
        Self {
            schema: rows.schema(),
            rows,
        }
    }

    /// A plan of the rows, without the table's name, which may stand several times in one plan.
    pub(crate) fn planned(self) -> Result<LogicalPlan> {
        let name = TableReference::bare(Self::NAME);
        let columns: Vec<Expr> = self
            .schema
            .fields()
            .iter()
            .map(|field| Expr::Column(Column::new(Some(name.clone()), field.name())).alias(field.name()))
            .collect();
        let scanned = LogicalPlanBuilder::scan(name, provider_as_source(Arc::new(self)), None)?;
        scanned.project(columns)?.build()
    }

    /// The rows as they travel.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(&mut bytes, &self.schema)?;
        writer.write(&self.rows)?;
        writer.finish()?;
        drop(writer);
        Ok(bytes)
    }

    /// The rows that have travelled.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let reader = arrow_ipc::reader::StreamReader::try_new(bytes, None)
            .map_err(|error| internal_datafusion_err!("rows cannot be decoded: {error}"))?;
        let schema = reader.schema();
        let parts = reader.collect::<std::result::Result<Vec<_>, _>>()?;
        let rows = arrow_select::concat::concat_batches(&schema, &parts)?;
        Ok(Self { schema, rows })
    }
}

#[async_trait::async_trait]
impl TableProvider for RowsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let count = self.rows.num_rows();
        let parts = (0..count).step_by(BATCH_ROWS_MAX);
        let parts = parts.map(|from| self.rows.slice(from, BATCH_ROWS_MAX.min(count - from)));
        Ok(MemorySourceConfig::try_new_exec(
            &[parts.collect()],
            self.schema(),
            projection.cloned(),
        )?)
    }
}
