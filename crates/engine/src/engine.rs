//! The door: a statement and its context go in, a stream comes out.
//!
//! The plan is made under the caller's token and time limit, on the query threads; the rows come
//! when the stream is polled. Nothing is kept between queries but file footers.

use std::sync::Arc;
use std::time::Duration;

use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::cache::cache_manager::{CacheManager, CacheManagerConfig};
use datafusion::execution::object_store::ObjectStoreRegistry;
use table::Rollups;
use table::snapshot::Snapshot;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::context::{Limits, QueryContext};
use crate::counters::ExplainHandle;
use crate::diagnose;
use crate::error::EngineError;
use crate::heads::Heads;
use crate::interrupt;
use crate::known::{self, Facts};
use crate::kql::{KqlAnswer, KqlFailure, KqlParameters, Program};
use crate::planner::{Kept, Planner};
use crate::provider::SnapshotProvider;
use crate::result::{QueryResult, Stop, start};
use crate::session::Shared;
use crate::spill::Spill;
use crate::stores::{TableStore, TableStores, store_url};
use crate::workers::Workers;

/// The tables that can be queried, each at one version or several.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Snapshots; of one table there may be several versions.
    pub snapshots: Vec<Snapshot>,
    /// What is known of the network.
    pub facts: Facts,
    /// What is kept by the hour, as it holds for the newest version of `Flows` and these facts.
    pub rollups: Option<Rollups>,
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
    planner: Arc<Planner>,
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
            providers.push(provider(snapshot, &stores)?);
        }
        let kept = catalog.rollups.map(|rollups| -> Result<Kept, EngineError> {
            let snapshots = rollups.snapshots().iter().cloned();
            Ok(Kept {
                providers: snapshots
                    .map(|snapshot| provider(snapshot, &stores))
                    .collect::<Result<_, _>>()?,
                rollups,
            })
        });
        let caches = CacheManagerConfig::default().with_metadata_cache_limit(options.footer_cache_bytes);
        let footers = CacheManager::try_new(&caches)
            .map_err(|error| diagnose::running(&error, &Limits::default()))?
            .get_file_metadata_cache();
        let spill = Arc::new(Spill::default());
        let workers = Arc::new(
            Workers::new(options.threads, Arc::clone(&spill))
                .map_err(|error| diagnose::running(&error, &Limits::default()))?,
        );
        Ok(Self {
            planner: Arc::new(Planner {
                providers,
                roundtrip_plans: options.roundtrip_plans,
                shared: Shared {
                    spill,
                    stores: Arc::new(stores),
                    footers: Some(footers),
                    known: known::Functions::of(&catalog.facts),
                    facts: catalog.facts,
                },
                rollups: kept.transpose()?,
            }),
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
        // A limit beyond what the clock can count is none.
        let deadline = context
            .limits
            .timeout
            .and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        let explain = ExplainHandle::default();
        let running = context.cancel.child_token();
        // Planning gives way to nothing until it is done; here it would keep the token and the time waiting.
        let mut started = JoinSet::new();
        started.spawn_on(
            self.start(context, text, &explain, &running),
            self.workers.handle(),
        );
        let (stream, heads) = tokio::select! {
            biased;
            () = context.cancel.cancelled() => Err(EngineError::Cancelled),
            error = time_up(deadline) => Err(error),
            started = started.join_next() => match started {
                Some(Ok(stream)) => stream,
                Some(Err(broken)) => Err(diagnose::planning_broke_off(broken)),
                None => Err(EngineError::Cancelled),
            },
        }?;
        let stop = Stop {
            cancel: context.cancel.clone(),
            running,
            workers: Arc::clone(&self.workers),
            deadline,
            limits: context.limits.clone(),
        };
        Ok(QueryResult::new(stream, heads, stop, explain))
    }

    /// Answers a query in KQL; each statement that gives rows is one answer.
    ///
    /// # Errors
    /// See [`KqlFailure`].
    pub async fn kql(
        &self,
        context: &QueryContext,
        text: &str,
        parameters: KqlParameters,
    ) -> Result<(Vec<KqlAnswer>, ExplainHandle), KqlFailure> {
        let deadline = context
            .limits
            .timeout
            .and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        let explain = ExplainHandle::default();
        let running = context.cancel.child_token();
        let program = Program {
            planner: Arc::clone(&self.planner),
            context: context.clone(),
            explain: explain.clone(),
            running: running.clone(),
            threads: self.workers.handle().clone(),
        };
        let text = text.to_owned();
        let mut started = JoinSet::new();
        started.spawn_blocking_on(move || program.answer(&text, &parameters), self.workers.handle());
        let run = |error| KqlFailure::run(error, None);
        let answers = tokio::select! {
            biased;
            () = context.cancel.cancelled() => Err(run(EngineError::Cancelled)),
            error = time_up(deadline) => Err(run(error)),
            started = started.join_next() => match started {
                Some(Ok(answers)) => answers,
                Some(Err(broken)) => Err(run(diagnose::planning_broke_off(broken))),
                None => Err(run(EngineError::Cancelled)),
            },
        };
        // What still computes gives up at its next step.
        running.cancel();
        Ok((answers?, explain))
    }

    /// Plans the text and starts the plan.
    fn start(
        &self,
        context: &QueryContext,
        text: &str,
        explain: &ExplainHandle,
        running: &CancellationToken,
    ) -> impl Future<Output = Result<(SendableRecordBatchStream, Heads), EngineError>> + Send + 'static {
        let (planner, threads) = (Arc::clone(&self.planner), self.workers.handle().clone());
        let (context, text) = (context.clone(), text.to_owned());
        let (explain, running) = (explain.clone(), running.clone());
        async move {
            let (state, plan, heads) = planner.plan(&context, &text, &explain).await?;
            let failed = |error: DataFusionError| diagnose::running(&error, &context.limits);
            let plan = interrupt::stoppable(plan, &running).map_err(failed)?;
            explain.executes(Arc::clone(&plan));
            let stream = start(plan, state.task_ctx(), &threads).map_err(failed)?;
            Ok((stream, heads))
        }
    }
}

/// What scans a snapshot; its store is known from here on.
fn provider(snapshot: Snapshot, stores: &TableStores) -> Result<Arc<SnapshotProvider>, EngineError> {
    let failed = |error: DataFusionError| diagnose::running(&error, &Limits::default());
    let url = store_url(&snapshot.root).map_err(failed)?;
    let provider = SnapshotProvider::new(&snapshot).map_err(failed)?;
    let store = TableStore::new(snapshot.table.name, snapshot.store);
    stores.register_store(url.as_ref(), Arc::new(store));
    Ok(Arc::new(provider))
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
