//! Care of the table while a collector runs: how it is asked for, and what is said of it.

use std::sync::Arc;
use std::time::Duration;

use ingest::{Container, Events, Recent, Upkeep, UpkeepEvents, UpkeepOptions};
use metrics::{counter, gauge};
use model::limits::COMPACT_MEMORY_BYTES;
use table::{CompactReport, Fold, Gone, RetainReport, Table, VacuumReport, day_text};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::arguments::whole_number;
use crate::config::keys;
use crate::config::raw::Layer;
use crate::session::Session;

/// Compaction takes so much less than all the memory that is allowed: reading needs the rest.
const MEMORY_PARTS: u64 = 8;
/// What is under way has so long to end. It may end anywhere.
const END_MAX: Duration = Duration::from_secs(3);

/// How the table is taken care of.
#[derive(Debug, clap::Args)]
pub(super) struct UpkeepFlags {
    /// Drop days older than that: 90d [default: off]
    #[arg(long, value_name = "DAYS")]
    retention: Option<String>,
    /// Between two upkeeps of the table [60; 0: never]
    #[arg(long, value_name = "SECONDS", value_parser = whole_number::<u32>)]
    upkeep: Option<u32>,
}

/// Care that may be under way.
pub(super) struct Running(Option<(CancellationToken, JoinHandle<()>)>);

impl UpkeepFlags {
    /// Notes what was typed.
    pub(super) fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::RETENTION, self.retention.as_ref());
    }

    /// A container without what would be dropped at once.
    pub(super) fn recent(session: &Session, container: Arc<dyn Container>) -> Arc<dyn Container> {
        match session.settings.retention_days.value {
            Some(days) => Recent::new(container, days, clock()),
            None => container,
        }
    }

    /// Starts it. What the collector tells goes by way of it.
    pub(super) fn start(
        &self,
        session: &Session,
        table: &Table,
        cancel: &CancellationToken,
        events: Arc<dyn Events>,
    ) -> (Arc<dyn Events>, Running) {
        let mut options = UpkeepOptions::new(clock());
        match self.upkeep {
            Some(0) => return (events, Running(None)),
            Some(secs) => options.turn = Duration::from_secs(u64::from(secs)),
            None => (),
        }
        let memory = session.settings.memory_bytes.value / MEMORY_PARTS;
        options.compact.memory_bytes = memory.min(COMPACT_MEMORY_BYTES);
        options.retention_days = session.settings.retention_days.value;
        let upkeep = Upkeep::new(table, options, Arc::new(Said));
        let events = upkeep.beside(events);
        let cancel = cancel.child_token();
        let task = upkeep.start(cancel.clone());
        (events, Running(Some((cancel, task))))
    }
}

impl Running {
    /// Ends it.
    pub(super) async fn end(self) {
        if let Some((cancel, task)) = self.0 {
            cancel.cancel();
            // What has not ended by then is as a kill would leave it.
            let _ = timeout(END_MAX, task).await;
        }
    }
}

fn clock() -> Arc<dyn Fn() -> i64 + Send + Sync> {
    Arc::new(|| chrono::Utc::now().timestamp_micros())
}

/// Says what was done, and counts it.
struct Said;

impl UpkeepEvents for Said {
    fn folded(&self, fold: &Fold) {
        let (table, day) = (fold.table, day_text(fold.day));
        tracing::info!(table, day, files = fold.files.0, into = fold.files.1, "compacted");
        counter!("flowglass_compactions_total", "table" => table).increment(1);
        counter!("flowglass_compacted_files_total", "table" => table).increment(fold.files.0);
    }

    fn compacted(&self, report: &CompactReport) {
        for damaged in &report.damaged {
            tracing::error!("{damaged}; it is left alone: `flowglass table check` tells more");
        }
    }

    fn checkpointed(&self, table: &'static str, version: i64) {
        tracing::info!(table, version, "checkpoint");
        let version = f64::from(i32::try_from(version).unwrap_or(i32::MAX));
        gauge!("flowglass_checkpoint_version", "table" => table).set(version);
    }

    fn retained(&self, report: &RetainReport) {
        let from = day_text(report.from_day);
        for dropped in &report.dropped {
            let (table, days, rows) = (dropped.table, dropped.days.len() as u64, dropped.rows);
            tracing::info!(table, days, rows, "dropped by retention: days before {from}");
            counter!("flowglass_dropped_days_total", "table" => table).increment(days);
            counter!("flowglass_dropped_rows_total", "table" => table).increment(rows);
        }
    }

    fn vacuumed(&self, report: &VacuumReport) {
        let bytes: u64 = report.gone.iter().map(|(_, _, bytes)| bytes).sum();
        let (files, from) = (report.gone.len(), report.keeps_from);
        tracing::info!(files, bytes, keeps_from_version = from, "vacuum");
        for (kind, _, bytes) in &report.gone {
            let what = match kind {
                Gone::Data => "data",
                Gone::Position => "position",
                Gone::Temporary => "temporary",
                Gone::Log => "log",
            };
            counter!("flowglass_vacuumed_files_total", "what" => what).increment(1);
            counter!("flowglass_vacuumed_bytes_total", "what" => what).increment(*bytes);
        }
        if let Some(why) = report.failed.first() {
            let more = report.failed.len();
            tracing::warn!("{more} files cannot be removed, one of them {why}");
        }
    }

    fn upkeep_failed(&self, what: &str, why: &str) {
        tracing::warn!("upkeep of the table, tried again later: {what}: {why}");
        counter!("flowglass_upkeep_failures_total").increment(1);
    }
}
