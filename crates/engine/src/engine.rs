//! The door: a statement and its context go in, a stream comes out.
//!
//! Reading the text, binding it, pruning and planning happen here, all under the caller's token and
//! time limit; the rows come when the stream is polled. Nothing is kept between queries but file
//! footers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arrow_schema::DataType;
use datafusion::common::DataFusionError;
use datafusion::execution::cache::cache_manager::{CacheManager, CacheManagerConfig};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use model::TableVersion;
use model::columns::FLOWS;
use table::snapshot::Snapshot;
use tokio::time::Instant;

use crate::bind;
use crate::context::{Limits, QueryContext};
use crate::counters::ExplainHandle;
use crate::diagnose::{self, Names};
use crate::error::{EngineError, NameKind};
use crate::interrupt;
use crate::provider::SnapshotProvider;
use crate::result::{QueryResult, Stop, start};
use crate::roundtrip;
use crate::session::{NamedTables, Shared, session};
use crate::statement;
use crate::stores::{TableStore, TableStores, store_url};
use crate::view::TableView;
use crate::workers::Workers;

/// The tables that can be queried, each at one version or several.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Snapshots; of one table there may be several versions.
    pub snapshots: Vec<Snapshot>,
}

/// How an engine works; none of it changes an answer.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// Every plan is sent through its wire form and back before it runs. On in debug builds, so that
    /// whatever any test asks, through the program too, has made the journey.
    pub roundtrip_plans: bool,
    /// Memory for footers of files already seen.
    pub footer_cache_bytes: usize,
    /// Threads that queries compute on, for all of them together.
    pub threads: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        // A footer of a large file has some ten kilobytes: this holds those of a few thousand files.
        Self {
            roundtrip_plans: cfg!(debug_assertions),
            footer_cache_bytes: 64 << 20,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }
}

/// Answers queries over a catalogue. Cheap to share behind an `Arc`; queries run side by side.
#[derive(Debug)]
pub struct Engine {
    providers: Vec<Arc<SnapshotProvider>>,
    options: EngineOptions,
    shared: Shared,
    workers: Arc<Workers>,
}

impl Engine {
    /// An engine with default options.
    ///
    /// # Errors
    /// If two snapshots of one table lie in different folders.
    pub fn new(catalog: Catalog) -> Result<Self, EngineError> {
        Self::with_options(catalog, EngineOptions::default())
    }

    /// An engine.
    ///
    /// # Errors
    /// If two snapshots of one table lie in different folders.
    pub fn with_options(catalog: Catalog, options: EngineOptions) -> Result<Self, EngineError> {
        let stores = TableStores::default();
        let mut providers: Vec<Arc<SnapshotProvider>> = Vec::new();
        for snapshot in catalog.snapshots {
            let name = snapshot.table.name;
            if providers
                .iter()
                .any(|known| known.table.name == name && known.root != snapshot.root)
            {
                let message = format!("table `{name}` is given from two folders");
                return Err(EngineError::Failed {
                    message,
                    advice: None,
                });
            }
            let failed = |error: DataFusionError| diagnose::running(&error, &Limits::default());
            let url = store_url(&snapshot.root).map_err(failed)?;
            let provider = SnapshotProvider::new(&snapshot).map_err(failed)?;
            stores.register_store(url.as_ref(), Arc::new(TableStore::new(name, snapshot.store)));
            providers.push(Arc::new(provider));
        }
        let caches = CacheManagerConfig::default().with_metadata_cache_limit(options.footer_cache_bytes);
        let footers = CacheManager::try_new(&caches)
            .map_err(|error| diagnose::running(&error, &Limits::default()))?
            .get_file_metadata_cache();
        let workers = Arc::new(
            Workers::new(options.threads).map_err(|error| diagnose::running(&error, &Limits::default()))?,
        );
        Ok(Self {
            providers,
            options,
            shared: Shared {
                stores: Arc::new(stores),
                footers: Some(footers),
            },
            workers,
        })
    }

    /// Tasks of queries that still run, for metrics. None is left soon after the last stream is gone.
    #[must_use]
    pub fn tasks_alive(&self) -> usize {
        self.workers.handle().metrics().num_alive_tasks()
    }

    /// Answers one reading SQL statement.
    ///
    /// The plan is made before this returns; rows come when the result is read.
    ///
    /// # Errors
    /// See [`EngineError`]; those of running come from the stream.
    pub async fn sql(&self, context: &QueryContext, text: &str) -> Result<QueryResult, EngineError> {
        let deadline = context
            .limits
            .timeout
            .map(|limit| (Instant::now() + limit, limit));
        let explain = ExplainHandle::default();
        let planned = tokio::select! {
            biased;
            () = context.cancel.cancelled() => Err(EngineError::Cancelled),
            error = time_up(deadline) => Err(error),
            planned = self.plan(context, text, &explain) => planned,
        };
        let (state, plan) = planned?;
        let limits = &context.limits;
        let running = context.cancel.child_token();
        let plan = interrupt::stoppable(plan, &running).map_err(|error| diagnose::running(&error, limits))?;
        explain.executes(Arc::clone(&plan));
        let stream = start(plan, state.task_ctx(), self.workers.handle())
            .map_err(|error| diagnose::running(&error, limits))?;
        let stop = Stop {
            cancel: context.cancel.clone(),
            running,
            workers: Arc::clone(&self.workers),
            deadline,
            limits: limits.clone(),
        };
        Ok(QueryResult::new(stream, stop, explain))
    }

    async fn plan(
        &self,
        context: &QueryContext,
        text: &str,
        explain: &ExplainHandle,
    ) -> Result<(SessionState, Arc<dyn ExecutionPlan>), EngineError> {
        let statement = statement::parse(text)?;
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
        Ok((state, plan))
    }

    async fn physical(
        &self,
        state: &SessionState,
        bound: LogicalPlan,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        if self.options.roundtrip_plans
            && let Some(part) = roundtrip::travelling(&bound)?
        {
            let plan = travelled(state, part).await?;
            if std::ptr::eq(part, &bound) {
                return Ok(plan);
            }
        }
        let optimized = state.optimize(&bound)?;
        let planner = state.query_planner();
        planner.create_physical_plan(&optimized, state).await
    }

    /// The tables by name, as this principal may see them.
    fn tables(&self, context: &QueryContext) -> Result<NamedTables, EngineError> {
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
            let mut view = TableView::new(provider).map_err(failed)?;
            if let Some(filter) = filter {
                let condition = self.condition(context, &view, filter.condition())?;
                view = view.filtered(condition).map_err(failed)?;
            }
            tables.push((name.to_owned(), Arc::new(view)));
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
            state.create_logical_expr(text, view.plan().schema())
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

/// The operators of a plan that has been through its wire form.
async fn travelled(
    state: &SessionState,
    bound: &LogicalPlan,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let optimized = state.optimize(bound)?;
    let recursive = roundtrip::is_recursive(bound)?;
    let sent = if recursive { bound } else { &optimized };
    let came = roundtrip::logical(sent, &optimized, state)?;
    let plan = state.query_planner().create_physical_plan(&came, state).await?;
    if recursive {
        return Ok(plan);
    }
    roundtrip::physical(&plan, &state.task_ctx())
}

async fn time_up(deadline: Option<(Instant, Duration)>) -> EngineError {
    match deadline {
        Some((at, limit)) => {
            tokio::time::sleep_until(at).await;
            EngineError::TimedOut { limit }
        }
        None => std::future::pending().await,
    }
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
