//! `Assets` and `NsgRules`: what is known beside the logs, as tables. Their rows are made when a query names them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{Expr, LogicalPlan, TableType};
use datafusion::physical_plan::ExecutionPlan;
use enrich::{AssetRow, RuleRow};
use model::columns::{ASSETS, NSG_RULES};
use model::{TableDef, ValueType};

use crate::known::Facts;
use crate::kql::RowsTable;

/// A table of facts, by the name of its definition.
#[derive(Debug)]
pub(crate) struct FactsTable {
    table: &'static TableDef,
    schema: SchemaRef,
    facts: Facts,
}

impl FactsTable {
    pub(crate) fn new(table: &'static TableDef, facts: &Facts) -> Self {
        Self {
            table,
            schema: schema(table),
            facts: facts.clone(),
        }
    }

    fn rows(&self) -> Result<RecordBatch> {
        let timeline = self.facts.timeline()?;
        let columns: Vec<ArrayRef> = match self.table.name {
            name if name == ASSETS.name => assets(&timeline.assets()),
            name if name == NSG_RULES.name => rules(&timeline.rules()),
            name => return exec_err!("`{name}` is no table of facts"),
        };
        let columns = columns
            .iter()
            .zip(self.schema.fields())
            .map(|(column, field)| Ok(cast(column, field.data_type())?))
            .collect::<Result<Vec<_>>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    fn plan(&self) -> Result<LogicalPlan> {
        RowsTable::of(self.rows()?).planned()
    }
}

#[async_trait]
impl TableProvider for FactsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn get_logical_plan(&'_ self) -> Option<Cow<'_, LogicalPlan>> {
        self.plan().ok().map(Cow::Owned)
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // It comes here only where its rows could not be made.
        self.plan()?;
        plan_err!("`{}` is not scanned by itself", self.table.name)
    }
}

/// Texts are views, as in all tables.
fn schema(table: &TableDef) -> SchemaRef {
    let fields = table.columns.iter().map(|column| {
        let kind = match column.value_type {
            ValueType::Text => DataType::Utf8View,
            other => other.arrow(),
        };
        Field::new(column.name, kind, column.nullable)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn text<T>(rows: &[T], of: impl Fn(&T) -> &str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
}

fn moments<T>(rows: &[T], of: impl Fn(&T) -> Option<i64>) -> ArrayRef {
    let moments: TimestampMicrosecondArray = rows.iter().map(of).collect();
    Arc::new(moments.with_timezone("UTC"))
}

/// In the order of [`ASSETS`].
fn assets(rows: &[AssetRow]) -> Vec<ArrayRef> {
    vec![
        moments(rows, |row| row.from),
        moments(rows, |row| row.to),
        text(rows, |row| &row.id),
        text(rows, |row| row.kind),
        text(rows, |row| &row.name),
        text(rows, |row| &row.subscription),
        text(rows, |row| &row.region),
        text(rows, |row| &row.mac_address),
        text(rows, |row| &row.private_addresses),
        text(rows, |row| &row.public_addresses),
        text(rows, |row| &row.machine),
        text(rows, |row| &row.scale_set),
        text(rows, |row| &row.subnet),
        text(rows, |row| &row.security_group),
        text(rows, |row| &row.route_table),
        text(rows, |row| &row.prefixes),
        text(rows, |row| &row.power_state),
        text(rows, |row| &row.tags),
        text(rows, |row| &row.details),
    ]
}

/// In the order of [`NSG_RULES`].
fn rules(rows: &[RuleRow]) -> Vec<ArrayRef> {
    let lower: Vec<String> = rows.iter().map(|row| row.name.to_ascii_lowercase()).collect();
    let priorities: Int32Array = rows.iter().map(|row| row.priority).collect();
    vec![
        moments(rows, |row| row.from),
        moments(rows, |row| row.to),
        text(rows, |row| &row.group_id),
        text(rows, |row| &row.group),
        text(rows, |row| &row.name),
        text(&lower, String::as_str),
        text(rows, |row| row.kind),
        Arc::new(priorities),
        text(rows, |row| row.direction),
        text(rows, |row| row.access),
        text(rows, |row| row.protocol),
        text(rows, |row| &row.source),
        text(rows, |row| &row.source_ports),
        text(rows, |row| &row.destination),
        text(rows, |row| &row.destination_ports),
        text(rows, |row| &row.description),
        text(rows, |row| if row.is_known { "Known" } else { "NotKnown" }),
    ]
}
