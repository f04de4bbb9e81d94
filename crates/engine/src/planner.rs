//! From a statement's text to operators: read, bound to the tables one may see, optimised, planned.
//!
//! Nothing runs here and nothing is read but what the snapshots say. Planning goes on without a
//! break, in recursions as deep as the query is long, so it belongs on a thread of [`crate::workers`].

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, lit};
use datafusion::physical_plan::ExecutionPlan;
use model::TableVersion;
use model::columns::{FACT_TABLES, FLOWS};
use table::Rollups;

use crate::bind;
use crate::context::QueryContext;
use crate::counters::ExplainHandle;
use crate::diagnose::{self, Names};
use crate::error::{EngineError, NameKind};
use crate::facts_table::FactsTable;
use crate::heads::{self, Heads};
use crate::kql::rollups;
use crate::provider::SnapshotProvider;
use crate::roundtrip;
use crate::session::{NamedTables, Shared, session};
use crate::statement;
use crate::view::TableView;

/// Makes plans over a catalogue.
#[derive(Debug)]
pub(crate) struct Planner {
    pub(crate) providers: Vec<Arc<SnapshotProvider>>,
    pub(crate) roundtrip_plans: bool,
    pub(crate) shared: Shared,
    /// What is kept of the newest version of `Flows`.
    pub(crate) rollups: Option<Kept>,
}

/// Rollups that are kept, and their tables.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) rollups: Rollups,
    pub(crate) providers: Vec<Arc<SnapshotProvider>>,
}

impl Planner {
    /// The operators that answer the text, the session they run in, and the heads of columns as the text has them.
    pub(crate) async fn plan(
        &self,
        context: &QueryContext,
        text: &str,
        explain: &ExplainHandle,
    ) -> Result<(SessionState, Arc<dyn ExecutionPlan>, Heads), EngineError> {
        let statement = statement::parse(text)?;
        let heads = heads::of(&statement);
        let tables = self.tables(context)?;
        let mut names = Names {
            tables: tables.iter().map(|(name, _)| name.clone()).collect(),
            ..Names::default()
        };
        let limits = &context.limits;
        let state = session(context, &self.shared, tables, explain.log())
            .map_err(|error| diagnose::running(&error, limits))?;
        names.functions = [
            state.scalar_functions().keys().cloned().collect::<Vec<_>>(),
            state.aggregate_functions().keys().cloned().collect(),
            state.window_functions().keys().cloned().collect(),
            state.table_functions().keys().cloned().collect(),
        ]
        .concat();
        let bound = state
            .statement_to_plan(statement)
            .await
            .map_err(|error| diagnose::binding(&error, &names, limits))?;
        let read_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        if read_only.verify_plan(&bound).is_err() {
            return Err(EngineError::Write {
                statement: writing_word(&bound),
            });
        }
        unique_names(&bound)?;
        let bound =
            bind::to_session(bound, &state).map_err(|error| diagnose::binding(&error, &names, limits))?;
        let plan = self
            .physical(&state, bound)
            .await
            .map_err(|error| diagnose::binding(&error, &names, limits))?;
        Ok((state, plan, heads))
    }

    pub(crate) async fn physical(
        &self,
        state: &SessionState,
        bound: LogicalPlan,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        if self.roundtrip_plans
            && let Some(part) = roundtrip::travelling(&bound)?
        {
            let plan = travelled(state, part).await?;
            if std::ptr::eq(part, &bound) {
                return Ok(plan);
            }
        }
        let optimized = state.optimize(&bound)?;
        operators(&optimized, state).await
    }

    /// The tables by name, as this principal may see them.
    pub(crate) fn tables(&self, context: &QueryContext) -> Result<NamedTables, EngineError> {
        let mut tables = NamedTables::new();
        let mut names: Vec<&str> = self
            .providers
            .iter()
            .map(|provider| provider.table.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let filter = context.row_filter.as_ref();
            if filter.is_some() && name != FLOWS.name {
                // The filter speaks of flows. Other tables may hold what it hides, so they are not there.
                continue;
            }
            let version = context.version.filter(|_| name == FLOWS.name);
            let provider = self.version_of(name, version)?;
            let failed = |error: DataFusionError| diagnose::running(&error, &context.limits);
            let mut view = TableView::new(provider, &self.shared.known).map_err(failed)?;
            if let Some(filter) = filter {
                let condition = self.condition(context, &view, filter.condition())?;
                view = view.filtered(condition).map_err(failed)?;
            }
            if let Some(condition) = within(context, &view) {
                view = view.filtered(condition).map_err(failed)?;
            }
            tables.push((name.to_owned(), Arc::new(view)));
        }
        // Facts speak of what a filter of flows hides.
        if context.row_filter.is_none() {
            for table in FACT_TABLES {
                let facts = FactsTable::new(table, &self.shared.facts);
                tables.push((table.name.to_owned(), Arc::new(facts)));
            }
        }
        Ok(tables)
    }

    /// What is kept, if it is of the rows that this principal asks for: all of them, at that version.
    pub(crate) fn rollups(&self, context: &QueryContext) -> Option<&Rollups> {
        self.kept(context).map(|kept| &kept.rollups)
    }

    fn kept(&self, context: &QueryContext) -> Option<&Kept> {
        let flows = self.version_of(FLOWS.name, context.version).ok()?;
        let kept = self.rollups.as_ref()?;
        let is_of_all = context.row_filter.is_none() && context.uses_rollups;
        (is_of_all && flows.version == kept.rollups.flows_version()).then_some(kept)
    }

    /// The tables of what is kept, by the names that rollups know them by.
    pub(crate) fn kept_tables(&self, context: &QueryContext) -> Result<NamedTables, EngineError> {
        let providers = self.kept(context).map(|kept| &kept.providers);
        let mut tables = NamedTables::new();
        for provider in providers.into_iter().flatten() {
            let name = rollups::kept_name(provider.table.name);
            let view = TableView::new(Arc::clone(provider), &self.shared.known);
            let view = view.map_err(|error| diagnose::running(&error, &context.limits))?;
            tables.push((name, Arc::new(view)));
        }
        Ok(tables)
    }

    fn version_of(
        &self,
        name: &str,
        version: Option<TableVersion>,
    ) -> Result<Arc<SnapshotProvider>, EngineError> {
        let found = self
            .providers
            .iter()
            .filter(|provider| provider.table.name == name)
            .filter(|provider| version.is_none_or(|wanted| provider.version == wanted))
            .max_by_key(|provider| provider.version);
        found.cloned().ok_or_else(|| EngineError::Name {
            kind: NameKind::Version,
            name: version.map_or_else(String::new, |wanted| wanted.to_string()),
            position: None,
            suggestion: None,
        })
    }

    /// The row filter as a condition over the view, or why it is none.
    fn condition(&self, context: &QueryContext, view: &TableView, text: &str) -> Result<Expr, EngineError> {
        let refuse = |message: String| EngineError::RowFilter {
            principal: context.principal.0.clone(),
            message,
        };
        let read = || -> Result<Expr, DataFusionError> {
            // A session without tables: a filter cannot look anything up.
            let state = session(context, &self.shared, Vec::new(), Arc::default())?;
            let condition = state.create_logical_expr(text, view.plan().schema())?;
            bind::comparable_in(&condition, view.plan().schema())?;
            Ok(condition)
        };
        let condition = read().map_err(|error| {
            refuse(diagnose::binding(&error, &Names::default(), &context.limits).to_string())
        })?;
        let data_type = condition.get_type(view.plan().schema());
        if condition.is_volatile() || !matches!(data_type, Ok(DataType::Boolean)) {
            return Err(refuse(
                "it must be a condition that is true or false of a row".to_owned(),
            ));
        }
        Ok(condition)
    }
}

/// The times that are asked for, as a condition over a view that has times.
fn within(context: &QueryContext, view: &TableView) -> Option<Expr> {
    let (from, before) = context.timespan?;
    let (qualifier, field) = view
        .plan()
        .schema()
        .qualified_field_with_unqualified_name("TimeGenerated")
        .ok()?;
    let column = || Expr::Column((qualifier, field).into());
    let instant = |micros| {
        lit(ScalarValue::TimestampMicrosecond(
            Some(micros),
            Some("UTC".into()),
        ))
    };
    Some(column().gt_eq(instant(from)).and(column().lt(instant(before))))
}

/// The operators of a plan. The library sorts the inputs of a union each by itself, forgets the keys that are constant in
/// one of them, and then finds that the rows have the wrong order; it is asked again to sort after the union.
async fn operators(
    plan: &LogicalPlan,
    state: &SessionState,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let planner = state.query_planner();
    match planner.create_physical_plan(plan, state).await {
        Err(error) if error.to_string().contains("does not satisfy order requirements") => {
            let mut state = state.clone();
            state.config_mut().options_mut().optimizer.repartition_sorts = false;
            planner.create_physical_plan(plan, &state).await
        }
        planned => planned,
    }
}

/// The operators of a plan that has been through its wire form.
async fn travelled(
    state: &SessionState,
    bound: &LogicalPlan,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let optimized = state.optimize(bound)?;
    let recursive = roundtrip::is_recursive(bound)?;
    let sent = if recursive || roundtrip::has_empty_part(&optimized)? {
        bound
    } else {
        &optimized
    };
    let came = roundtrip::logical(sent, &optimized, state)?;
    let plan = operators(&came, state).await?;
    if recursive {
        return Ok(plan);
    }
    roundtrip::physical(&plan, &state.task_ctx())
}

/// Refuses a result with two columns of one name: an object of JSON could hold only one of them.
fn unique_names(plan: &LogicalPlan) -> Result<(), EngineError> {
    let mut seen = HashSet::new();
    let twice = plan
        .schema()
        .fields()
        .iter()
        .find(|field| !seen.insert(field.name().as_str()));
    twice.map_or(Ok(()), |field| Err(EngineError::same_name(field.name())))
}

/// What a plan that writes would do, in the user's words.
fn writing_word(plan: &LogicalPlan) -> String {
    match plan {
        LogicalPlan::Ddl(_) => "SELECT INTO".to_owned(),
        LogicalPlan::Dml(write) => write.op.to_string(),
        other => other
            .inputs()
            .first()
            .map_or_else(|| "statement".to_owned(), |input| writing_word(input)),
    }
}
