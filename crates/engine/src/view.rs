//! A table as queries see it: stored columns, computed columns, and only the rows one may see.
//!
//! The view is a plan that is put in place of the table's name, so that conditions, projections and
//! limits pass through it to the scan: a computed column costs nothing unless somebody asks for it.
//! It holds no rule of its own about what may be seen; that is the row filter it is given.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, Result, TableReference, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableType};
use datafusion::physical_plan::ExecutionPlan;
use model::{ColumnDef, TableDef};

use crate::functions;
use crate::known;
use crate::provider::SnapshotProvider;

/// A table's name in queries.
#[derive(Debug)]
pub(crate) struct TableView {
    plan: LogicalPlan,
    schema: SchemaRef,
}

impl TableView {
    /// Stored columns, then computed ones.
    pub(crate) fn new(provider: Arc<SnapshotProvider>, known: &known::Functions) -> Result<Self> {
        let table = provider.table;
        let columns: Result<Vec<Expr>> = table
            .columns
            .iter()
            .map(|column| expression(table, column, known))
            .collect();
        let plan = LogicalPlanBuilder::scan(
            TableReference::bare(table.name),
            provider_as_source(provider),
            None,
        )?
        .project(columns?)?
        .build()?;
        Ok(Self::of(plan))
    }

    /// The same view with rows that do not meet the condition left out.
    pub(crate) fn filtered(self, condition: Expr) -> Result<Self> {
        Ok(Self::of(
            LogicalPlanBuilder::from(self.plan).filter(condition)?.build()?,
        ))
    }

    pub(crate) fn plan(&self) -> &LogicalPlan {
        &self.plan
    }

    fn of(plan: LogicalPlan) -> Self {
        let schema: &Schema = plan.schema().as_arrow();
        Self {
            schema: Arc::new(schema.clone()),
            plan,
        }
    }
}

#[async_trait]
impl TableProvider for TableView {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn get_logical_plan(&'_ self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // Binding puts the plan in place of the name; a scan of the name itself would lose the row filter.
        plan_err!("a view is not scanned by itself")
    }
}

fn expression(table: &TableDef, column: &ColumnDef, known: &known::Functions) -> Result<Expr> {
    let stored = |name: &str| Expr::Column(Column::new(Some(TableReference::bare(table.name)), name));
    if column.stored() {
        return Ok(stored(column.name));
    }
    if let Some(said) = known.column(column.name, stored) {
        return Ok(said.alias(column.name));
    }
    let (function, arguments) = match column.name {
        "FlowId" => ("flow_id", vec!["RecordHash", "RecordOccurrence", "TupleIndex"]),
        "L7Protocol" => ("service_name", vec!["DestPort", "L4Protocol"]),
        "TrafficCategory" => ("traffic_category", vec!["AclRuleKind", "LogFormat"]),
        "InitiatorConfidence" => ("initiator_confidence", vec!["AclRuleKind", "SrcPort", "DestPort"]),
        "InitiatorReason" => ("initiator_reason", vec!["AclRuleKind", "SrcPort", "DestPort"]),
        "SrcIpClass" => ("ip_class", vec!["SrcIp"]),
        "DestIpClass" => ("ip_class", vec!["DestIp"]),
        other => return plan_err!("column `{other}` has no definition"),
    };
    let Some(function) = functions::by_name(function) else {
        return plan_err!("function `{function}` is not there");
    };
    Ok(function
        .call(arguments.into_iter().map(stored).collect())
        .alias(column.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::columns::TABLES;

    #[test]
    fn every_column_of_the_column_table_has_an_expression() {
        let known = known::Functions::of(&known::Facts::default());
        for table in TABLES {
            for column in table.columns {
                assert!(
                    expression(table, column, &known).is_ok(),
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }
}
