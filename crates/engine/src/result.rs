//! A query's answer as a stream that stops when it is told to.
//!
//! The token and the time limit are looked at before every batch and while waiting for one; once
//! either fires, the plan is dropped with everything it spawned. Dropping the stream does the same.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::runtime::Handle;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use crate::context::Limits;
use crate::counters::{Counters, ExplainHandle};
use crate::diagnose;
use crate::error::EngineError;
use crate::heads::{self, Heads};
use crate::output::{plain_batch, plain_schema};
use crate::workers::{self, Workers};

/// The answer of a query.
#[derive(Debug)]
pub struct QueryResult {
    schema: SchemaRef,
    stream: QueryStream,
    explain: ExplainHandle,
}

impl QueryResult {
    pub(crate) fn new(
        inner: SendableRecordBatchStream,
        heads: Heads,
        stop: Stop,
        explain: ExplainHandle,
    ) -> Self {
        let schema = heads::put(heads, plain_schema(&inner.schema()));
        let stream = QueryStream {
            schema: Arc::clone(&schema),
            inner: Some(inner),
            cancelled: Box::pin(stop.cancel.cancelled_owned()),
            sleep: stop
                .deadline
                .map(|(at, limit)| (Box::pin(tokio::time::sleep_until(at)), limit)),
            rows_left: stop.limits.rows_max,
            limits: stop.limits,
            truncated: Arc::new(AtomicBool::new(false)),
            _running: stop.running.drop_guard(),
            _workers: stop.workers,
        };
        Self {
            schema,
            stream,
            explain,
        }
    }

    /// The columns of every batch.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The handle that gives the counters; take it before the stream.
    #[must_use]
    pub fn explain(&self) -> ExplainHandle {
        self.explain.clone()
    }

    /// What was touched so far; complete once the stream has ended.
    #[must_use]
    pub fn explain_counters(&self) -> Counters {
        self.explain.counters()
    }

    /// The batches, one after the other.
    #[must_use]
    pub fn into_stream(self) -> QueryStream {
        self.stream
    }

    /// All batches at once; they are held in memory beside the query's own limit.
    ///
    /// # Errors
    /// The first error of the stream.
    pub async fn collect(self) -> Result<Vec<RecordBatch>, EngineError> {
        self.stream.try_collect().await
    }
}

/// Starts a plan on the query threads. Whoever reads the batches must be free to look at the token
/// and the time at any moment, so no part of the plan runs inside the reader's own poll.
pub(crate) fn start(
    plan: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    threads: &Handle,
) -> datafusion::common::Result<SendableRecordBatchStream> {
    let _entered = threads.enter();
    let schema = plan.schema();
    let batches = execute_stream(plan, context)?;
    let mut builder = RecordBatchReceiverStream::builder(schema, 2);
    let sender = builder.tx();
    builder.spawn(async move {
        let mut batches = unpanicked(batches);
        while let Some(batch) = batches.next().await {
            if sender.send(batch).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    Ok(builder.build())
}

/// Decoders may panic on damaged bytes; that ends the query, not the program.
fn unpanicked<S>(batches: S) -> impl Stream<Item = S::Item> + Unpin
where
    S: Stream<Item = datafusion::common::Result<RecordBatch>> + Unpin,
{
    AssertUnwindSafe(batches)
        .catch_unwind()
        .map(|batch| batch.unwrap_or_else(|panic| Err(workers::broke_off(panic.as_ref()))))
}

/// What stops a stream.
pub(crate) struct Stop {
    pub(crate) cancel: CancellationToken,
    /// What the plan itself looks at: cancelled with `cancel`, and when the stream is dropped.
    pub(crate) running: CancellationToken,
    pub(crate) workers: Arc<Workers>,
    pub(crate) deadline: Option<(tokio::time::Instant, Duration)>,
    pub(crate) limits: Limits,
}

/// Batches of a query. Ends after the first error.
pub struct QueryStream {
    schema: SchemaRef,
    inner: Option<SendableRecordBatchStream>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    sleep: Option<(Pin<Box<Sleep>>, Duration)>,
    limits: Limits,
    rows_left: Option<u64>,
    truncated: Arc<AtomicBool>,
    /// Stops what still runs when the stream is dropped.
    _running: DropGuard,
    /// The threads it runs on, which must outlive it even where the engine does not.
    _workers: Arc<Workers>,
}

impl std::fmt::Debug for QueryStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryStream")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl QueryStream {
    /// The columns of every batch.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Turns true when rows were left out because of the limit on rows. Keep it beside the stream.
    #[must_use]
    pub fn truncated(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.truncated)
    }

    fn stopped(&mut self, context: &mut Context<'_>) -> Option<EngineError> {
        if self.cancelled.as_mut().poll(context).is_ready() {
            return Some(EngineError::Cancelled);
        }
        let (sleep, limit) = self.sleep.as_mut()?;
        sleep
            .as_mut()
            .poll(context)
            .is_ready()
            .then_some(EngineError::TimedOut { limit: *limit })
    }

    /// Cuts the batch at the limit on rows. The limit is reached only when a row beyond it is seen,
    /// so that a result of exactly that many rows is not called truncated.
    fn within_limit(&mut self, batch: RecordBatch) -> Option<RecordBatch> {
        let Some(left) = self.rows_left else {
            return Some(batch);
        };
        let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        if rows <= left {
            self.rows_left = Some(left - rows);
            return Some(batch);
        }
        self.truncated.store(true, Ordering::Relaxed);
        self.inner = None;
        let keep = usize::try_from(left).unwrap_or(usize::MAX);
        (keep > 0).then(|| batch.slice(0, keep))
    }
}

impl Stream for QueryStream {
    type Item = Result<RecordBatch, EngineError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.inner.is_none() {
                return Poll::Ready(None);
            }
            if let Some(error) = this.stopped(context) {
                this.inner = None;
                return Poll::Ready(Some(Err(error)));
            }
            let Some(inner) = this.inner.as_mut() else {
                return Poll::Ready(None);
            };
            let batch = match futures::ready!(inner.poll_next_unpin(context)) {
                None => {
                    this.inner = None;
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    this.inner = None;
                    return Poll::Ready(Some(Err(diagnose::running(&error, &this.limits))));
                }
                Some(Ok(batch)) => batch,
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let Some(batch) = this.within_limit(batch) else {
                return Poll::Ready(None);
            };
            let batch = plain_batch(&batch, &this.schema)
                .map_err(|error| diagnose::running(&error.into(), &this.limits));
            return Poll::Ready(Some(batch));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_that_speaks_of_damage() {
        let panics = futures::stream::poll_fn(|_| panic!("index out of bounds"));
        let mut batches = unpanicked(panics);
        let error = batches.next().await.unwrap().unwrap_err();
        let error = diagnose::running(&error, &Limits::default());
        assert_eq!(error.code(), model::codes::list::QUERY_FAILED);
        assert_eq!(error.to_string(), "a data file is damaged: index out of bounds");
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("flowglass table check --deep"))
        );
        assert!(batches.next().await.is_none());
    }
}
