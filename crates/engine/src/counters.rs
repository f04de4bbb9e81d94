//! How much of a table a query had to touch: files, row groups, rows and bytes.
//!
//! Files are counted while the plan is made, the rest is read off the plan after it ran. Counting
//! changes nothing about a query; a plan that runs elsewhere is simply not counted here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;

/// What a query touched. All scans of the query are added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// How often a table was scanned.
    pub scans: u64,
    /// Files of the snapshot.
    pub files_total: u64,
    /// Files left after looking at days only.
    pub files_after_days: u64,
    /// Files left after looking at the log's statistics too: the files that were opened.
    pub files_after_statistics: u64,
    /// Row groups in the files that were opened.
    pub row_groups_total: u64,
    /// Row groups passed over by their statistics.
    pub row_groups_pruned_statistics: u64,
    /// Row groups passed over by their Bloom filters.
    pub row_groups_pruned_bloom: u64,
    /// Rows passed over by the page index.
    pub rows_pruned_pages: u64,
    /// Rows decoded, at least as far as the columns of the condition.
    pub rows_read: u64,
    /// Rows that left the scans.
    pub rows_matched: u64,
    /// Bytes read from files.
    pub bytes_scanned: u64,
    /// Bytes that operators spilled.
    pub bytes_spilled: u64,
}

/// Files counted while a plan is made. It travels in the session, not in the plan.
#[derive(Debug, Default)]
pub(crate) struct ScanLog {
    scans: AtomicU64,
    total: AtomicU64,
    after_days: AtomicU64,
    after_statistics: AtomicU64,
}

impl ScanLog {
    pub(crate) fn add(&self, total: usize, after_days: usize, after_statistics: usize) {
        let add = |counter: &AtomicU64, files: usize| {
            counter.fetch_add(u64::try_from(files).unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        add(&self.scans, 1);
        add(&self.total, total);
        add(&self.after_days, after_days);
        add(&self.after_statistics, after_statistics);
    }
}

/// Gives the counters of a query; complete once its stream has ended.
#[derive(Clone, Default)]
pub struct ExplainHandle {
    log: Arc<ScanLog>,
    plans: Arc<Mutex<Vec<Arc<dyn ExecutionPlan>>>>,
    notes: Arc<OnceLock<Vec<QueryNote>>>,
}

/// What is to be said beside an answer, and the next step.
pub type QueryNote = (String, Option<String>);

impl std::fmt::Debug for ExplainHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExplainHandle")
            .field("counters", &self.counters())
            .finish()
    }
}

impl ExplainHandle {
    pub(crate) fn log(&self) -> Arc<ScanLog> {
        Arc::clone(&self.log)
    }

    pub(crate) fn executes(&self, plan: Arc<dyn ExecutionPlan>) {
        // A query in KQL may be several plans, one after the other.
        self.plans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(plan);
    }

    pub(crate) fn notes(&self, notes: Vec<QueryNote>) {
        // A query is bound once.
        let _ = self.notes.set(notes);
    }

    /// What is to be said beside the answer, such as tables that a union did without.
    #[must_use]
    pub fn noted(&self) -> &[QueryNote] {
        self.notes.get().map_or(&[], Vec::as_slice)
    }

    /// The counters as they stand.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = Counters {
            scans: self.log.scans.load(Ordering::Relaxed),
            files_total: self.log.total.load(Ordering::Relaxed),
            files_after_days: self.log.after_days.load(Ordering::Relaxed),
            files_after_statistics: self.log.after_statistics.load(Ordering::Relaxed),
            ..Counters::default()
        };
        for plan in &*self.plans.lock().unwrap_or_else(PoisonError::into_inner) {
            add_plan(plan.as_ref(), &mut counters);
        }
        counters
    }
}

fn add_plan(plan: &dyn ExecutionPlan, counters: &mut Counters) {
    if let Some(metrics) = plan.metrics() {
        let leaf = plan.children().is_empty();
        for metric in metrics.iter() {
            add_metric(metric.value(), leaf, counters);
        }
    }
    for child in plan.children() {
        add_plan(child.as_ref(), counters);
    }
}

fn add_metric(value: &MetricValue, leaf: bool, counters: &mut Counters) {
    let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    match value {
        MetricValue::OutputRows(rows) if leaf => {
            counters.rows_matched += wide(rows.value());
            counters.rows_read += wide(rows.value());
        }
        MetricValue::SpilledBytes(bytes) => counters.bytes_spilled += wide(bytes.value()),
        MetricValue::Count { name, count } => match name.as_ref() {
            "bytes_scanned" => counters.bytes_scanned += wide(count.value()),
            "pushdown_rows_pruned" => counters.rows_read += wide(count.value()),
            _ => {}
        },
        MetricValue::PruningMetrics {
            name,
            pruning_metrics,
        } => {
            let (pruned, matched) = (wide(pruning_metrics.pruned()), wide(pruning_metrics.matched()));
            match name.as_ref() {
                "row_groups_pruned_statistics" => {
                    counters.row_groups_total += pruned + matched;
                    counters.row_groups_pruned_statistics += pruned;
                }
                "row_groups_pruned_bloom_filter" => counters.row_groups_pruned_bloom += pruned,
                "page_index_rows_pruned" => counters.rows_pruned_pages += pruned,
                _ => {}
            }
        }
        _ => {}
    }
}
