//! A query from its text to its answers.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use futures::TryStreamExt as _;
use kql::bound::{Bound, Rendering, Rows, StepKind};
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kql::{Severity, Span, bind, parse};
use kqleval::{Begun, Evaluator, Failure, FailureKind, Names, Table, Tables};
use kqlfn::{Call, Computed};
use model::FLOWS;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::batches::rows_of;
use super::catalog::columns;
use super::elsewhere::ELSEWHERE;
use super::lower::{Lowered, Lowerer, Stop};
use super::outside;
use super::reach;
use super::views::stored;
use crate::context::QueryContext;
use crate::counters::ExplainHandle;
use crate::diagnose;
use crate::error::EngineError;
use crate::interrupt;
use crate::planner::Planner;
use crate::result::start;
use crate::session::session;
use crate::views;

/// Values of a query's parameters, by name.
pub type KqlParameters = Vec<(String, String)>;

/// One answer of a query.
#[derive(Debug)]
pub struct KqlAnswer {
    /// Its name, if the query gives it one.
    pub name: Option<String>,
    /// Its rows.
    pub rows: Table,
    /// How they are to be drawn.
    pub rendering: Option<Rendering>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum KqlFailure {
    /// The query is not one that can be answered.
    Query {
        /// Kusto's code.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What to do next.
        hint: Option<String>,
    },
    /// It could not be run.
    Run {
        /// Why not.
        error: Box<EngineError>,
        /// The line and the column of the step that failed, from 1, where they are known.
        place: Option<(usize, usize)>,
    },
}

impl KqlFailure {
    pub(crate) fn run(error: EngineError, place: Option<(usize, usize)>) -> Self {
        Self::Run {
            error: Box::new(error),
            place,
        }
    }
}

/// A query being run.
pub(crate) struct Program {
    pub(crate) planner: Arc<Planner>,
    pub(crate) context: QueryContext,
    pub(crate) explain: ExplainHandle,
    pub(crate) running: CancellationToken,
    pub(crate) threads: Handle,
}

/// Where the rows of tables come from, while a query runs.
struct Plans<'p> {
    program: &'p Program,
    state: SessionState,
    tables: Vec<(String, Arc<dyn TableProvider>)>,
    /// What stopped it, where it is more than a text.
    stopped: RefCell<Option<EngineError>>,
    /// The step whose rows are brought into memory.
    gathers_for: Cell<Option<Span>>,
}

impl Program {
    /// Answers a text. It computes and waits, and so belongs on a thread where both may be done.
    pub(crate) fn answer(
        &self,
        text: &str,
        parameters: &[(String, String)],
    ) -> Result<Vec<KqlAnswer>, KqlFailure> {
        let run = |error| KqlFailure::run(error, None);
        // Views are made of more than the times that are asked for; the binder leaves out what is not.
        let mut all_times = self.context.clone();
        all_times.timespan = None;
        let mut tables = self.planner.tables(&all_times).map_err(run)?;
        tables.extend(self.planner.kept_tables(&all_times).map_err(run)?);
        let state = session(
            &self.context,
            &self.planner.shared,
            tables.clone(),
            self.explain.log(),
        )
        .map_err(|error| run(diagnose::running(&error, &self.context.limits)))?;
        let plans = Plans {
            program: self,
            state,
            tables,
            stopped: RefCell::new(None),
            gathers_for: Cell::new(None),
        };
        let evaluator = Evaluator::new(&plans, self.context.now.unsigned_abs());
        let bound = plans.bound(text, parameters, &evaluator)?;
        let answered = evaluator.answers(&bound);
        let rows = answered.map_err(|failure| plans.failure(failure, text))?;
        Ok(bound
            .answers
            .into_iter()
            .zip(rows)
            .map(|(answer, rows)| KqlAnswer {
                name: answer.name,
                rows,
                rendering: answer.rendering,
            })
            .collect())
    }
}

impl Plans<'_> {
    fn bound(
        &self,
        text: &str,
        parameters: &[(String, String)],
        evaluator: &Evaluator<'_>,
    ) -> Result<Bound, KqlFailure> {
        let now = self.program.context.now * TICKS_PER_MICROSECOND + UNIX_EPOCH_TICKS;
        let named = self
            .tables
            .iter()
            .map(|(name, table)| (name.clone(), columns(&table.schema())))
            .collect();
        let ticks = |micros: i64| {
            micros
                .saturating_mul(TICKS_PER_MICROSECOND)
                .saturating_add(UNIX_EPOCH_TICKS)
        };
        let timespan = self.program.context.timespan;
        let timespan = timespan.map(|(from, before)| (ticks(from), ticks(before)));
        let mut catalog = Names::new(named, now, evaluator)
            .with_elsewhere(ELSEWHERE)
            .within(timespan);
        if self.tables.iter().any(|(name, _)| name == FLOWS.name) {
            let kept = self.program.planner.rollups(&self.program.context);
            catalog = catalog.with_stored(stored(kept, self.program.context.timespan));
        }
        let (query, mut diagnostics) = parse(text);
        let (bound, more) = bind(&query, text, &catalog, parameters);
        // What cannot be read has no meaning to speak of.
        if !diagnostics.iter().any(|held| held.severity == Severity::Error) {
            diagnostics = more;
        }
        let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics
            .into_iter()
            .partition(|held| held.severity == Severity::Error);
        match errors.into_iter().next() {
            None => {
                let notes = warnings.into_iter().map(|held| (held.message, held.hint));
                self.program.explain.notes(notes.collect());
                Ok(bound)
            }
            Some(diagnostic) => {
                let (line, column) = diagnostic.span.line_and_column(text);
                Err(KqlFailure::Query {
                    code: diagnostic.code.name(),
                    message: diagnostic.message,
                    line,
                    column,
                    hint: diagnostic.hint,
                })
            }
        }
    }

    fn failure(&self, failure: Failure, text: &str) -> KqlFailure {
        if let Some(error) = self.stopped.borrow_mut().take() {
            let span = self.gathers_for.get().filter(|span| *span != Span::default());
            return KqlFailure::run(error, span.map(|span| span.line_and_column(text)));
        }
        let place = failure.span.map(|span| span.line_and_column(text));
        if failure.kind == FailureKind::Memory {
            let message = failure.message;
            return KqlFailure::run(EngineError::StepMemory { message }, place);
        }
        let (line, column) = place.unwrap_or((1, 1));
        KqlFailure::Query {
            code: "SEM0501",
            message: failure.message,
            line,
            column,
            hint: None,
        }
    }

    /// Stops the query for a reason that is more than a text.
    fn stop(&self, error: EngineError) -> Failure {
        let failure = Failure::stopped(error.to_string());
        *self.stopped.borrow_mut() = Some(error);
        failure
    }

    /// Runs the beginning of rows as a plan.
    fn start(&self, plan: LogicalPlan) -> kqleval::Result<SendableRecordBatchStream> {
        let stream = self.program.threads.block_on(async {
            let plan = self.program.planner.physical(&self.state, plan).await?;
            let plan = interrupt::stoppable(plan, &self.program.running)?;
            self.program.explain.executes(Arc::clone(&plan));
            start(plan, self.state.task_ctx(), &self.program.threads)
        });
        stream.map_err(|error| self.failed(&error))
    }

    /// All rows of a plan. They may take so many bytes.
    fn whole(&self, lowered: Lowered, limit: usize) -> kqleval::Result<Table> {
        let mut stream = self.start(lowered.plan)?;
        let batches = self.program.threads.block_on(async {
            let mut batches = Vec::new();
            let mut bytes = 0_usize;
            while let Some(batch) = stream.try_next().await? {
                bytes = bytes.saturating_add(views::batch_bytes(&batch));
                if bytes > limit {
                    return Err(DataFusionError::ResourcesExhausted("rows in memory".to_owned()));
                }
                batches.push(batch);
            }
            Ok(batches)
        });
        let batches = batches.map_err(|error| self.failed(&error))?;
        rows_of(&lowered.columns, batches)
    }

    /// The rows of a plan as they come.
    fn parts(&self, lowered: Lowered) -> kqleval::Result<impl Iterator<Item = kqleval::Result<Table>>> {
        let mut stream = self.start(lowered.plan)?;
        Ok(std::iter::from_fn(move || {
            let batch = self.program.threads.block_on(stream.try_next()).transpose()?;
            let batch = batch.map_err(|error| self.failed(&error));
            Some(batch.and_then(|batch| rows_of(&lowered.columns, vec![batch])))
        }))
    }

    fn failed(&self, error: &DataFusionError) -> Failure {
        self.stop(diagnose::running(error, &self.program.context.limits))
    }
}

impl Tables for Plans<'_> {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }

    fn begin(&self, rows: &Rows, evaluator: &Evaluator<'_>) -> kqleval::Result<Option<(Begun<'_>, usize)>> {
        let lowerer = Lowerer {
            tables: &self.tables,
            evaluator,
            known: &self.program.planner.shared.known,
            held_bytes: Cell::new(0),
            scans: Cell::new(0),
        };
        let lowered = match lowerer.begin(rows) {
            Ok(None) => return Ok(None),
            Ok(Some(lowered)) => lowered,
            Err(Stop::Plan(error)) => return Err(self.failed(&error)),
            Err(Stop::Failed(failure)) => return Err(failure),
            Err(Stop::Beyond) => return Ok(None),
        };
        let steps = lowered.steps;
        if let Some(table) = lowered.table {
            return Ok(Some((Begun::Whole(table), steps)));
        }
        let step = rows.steps.get(steps).map(|step| &step.kind);
        if matches!(step, Some(StepKind::Scan(_))) {
            return Ok(Some((Begun::Parts(Box::new(self.parts(lowered)?)), steps)));
        }
        let limit = evaluator.room().saturating_sub(lowerer.held_bytes.get());
        self.gathers_for.set(rows.steps.get(steps).map(|step| step.span));
        let whole = self.whole(lowered, limit)?;
        self.gathers_for.set(None);
        Ok(Some((Begun::Whole(whole), steps)))
    }

    fn opened(&self, rows: &Rows, evaluator: &Evaluator<'_>) -> Option<Rows> {
        reach::opened(rows, evaluator)
    }

    fn external(&self, place: &str) -> kqleval::Result<String> {
        if !self.program.context.reads_files {
            return Err(Failure::file(format!(
                "`{place}` is not opened here: `externaldata` reads no files of this machine"
            )));
        }
        let limit = self.program.context.limits.memory_bytes as u64;
        outside::read(place, limit).map_err(Failure::file)
    }

    fn answered_by_facts(&self, function: &str, call: &Call<'_>) -> Option<Computed> {
        self.program.planner.shared.known.judging().answer(function, call)
    }

    fn check(&self) -> kqleval::Result<()> {
        if self.program.running.is_cancelled() {
            return Err(self.stop(EngineError::Cancelled));
        }
        Ok(())
    }

    fn memory_bytes(&self) -> usize {
        self.program.context.limits.memory_bytes
    }
}
