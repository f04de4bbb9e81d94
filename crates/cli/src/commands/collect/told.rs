//! What a collector says: lines as things happen, and numbers for those who watch it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ingest::{Events, Outcome, Progress, Replayed, SourceOutcome, Status, Watched};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use net::{Client, Kind, Waiting};
use server::Vitals;
use table::Migration;
use tracing_subscriber::EnvFilter;

use super::lacks::Lacks;
use crate::commands::ingest::{again, remark};
use crate::exit::{Exit, Failure};
use crate::quantity::grouped;
use crate::session::Session;

/// Seconds from a blob's commit to the table's: what people ask of a collector.
const LATENCY: &str = "flowglass_commit_latency_seconds";
const LATENCY_BOUNDS: [f64; 12] = [
    0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 35.0, 60.0, 120.0, 600.0, 3600.0,
];

/// Between two looks whether everybody answers.
const LOOK: Duration = Duration::from_secs(1);

/// Sets how it is said: to standard error, as lines or as JSON. `FLOWGLASS_LOG` says how much, such as `debug`.
pub(super) fn say_as(session: &Session, as_json: bool) {
    let level = session.environment.text("FLOWGLASS_LOG");
    let filter = EnvFilter::new(level.as_deref().unwrap_or("flowglass=info,warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(session.terminal.color_stderr)
        .with_writer(std::io::stderr);
    // Set once in a program; a second setting is refused, and there is none.
    let _ = match as_json {
        true => lines.json().flatten_event(true).try_init(),
        false => lines.try_init(),
    };
}

/// What has happened so far.
pub(super) struct Told {
    prometheus: PrometheusHandle,
    client: Arc<Client>,
    stored: AtomicU64,
    unfinished: AtomicU64,
    lacks: Lacks,
}

impl Told {
    pub(super) fn new(client: Arc<Client>, waiting: Waiting) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::bug(format!("the metrics: {error}"));
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(LATENCY.to_owned()), &LATENCY_BOUNDS)
            .map_err(|error| failed(&error))?;
        let recorder = builder.build_recorder();
        let prometheus = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|error| failed(&error))?;
        Ok(Self {
            prometheus,
            client,
            stored: AtomicU64::new(0),
            unfinished: AtomicU64::new(0),
            lacks: Lacks::new(waiting),
        })
    }

    /// Looks whether everybody answers, again and again.
    pub(super) async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.lacks.look();
        }
    }

    /// These are followed from now on.
    pub(super) fn follows(&self, watched: &[Watched]) {
        let containers = watched.iter();
        let containers = containers.map(|one| one.container.address().to_owned());
        self.lacks.follows(containers.collect());
    }

    /// What was stored in all, and what was not.
    pub(super) fn say_sum(&self) -> Exit {
        let stored = grouped(self.stored.load(Ordering::Relaxed));
        tracing::info!("stopped; {stored} tuples were stored");
        match self.unfinished.load(Ordering::Relaxed) {
            0 => Exit::Done,
            _ => Exit::Outside,
        }
    }

    /// What was read again.
    pub(super) fn say_replayed(&self, replayed: &Replayed) -> Exit {
        for remark in again::remarks(replayed) {
            tracing::info!("{}", remark.text);
        }
        let outcome = &replayed.outcome;
        let (blobs, tuples, replaced) = (outcome.sources, outcome.stored, replayed.withdrawn);
        let kept = replayed.kept;
        tracing::info!(
            version = outcome.version,
            blobs,
            tuples,
            replaced,
            kept,
            "replayed"
        );
        match kept {
            0 => Exit::Done,
            _ => Exit::Outside,
        }
    }
}

/// How long ago that was, in epoch nanoseconds.
fn since(nanos: i64) -> Duration {
    let now = chrono::Utc::now().timestamp_micros();
    Duration::from_micros(now.saturating_sub(nanos / 1000).max(0).unsigned_abs())
}

impl Progress for Told {
    fn begin(&self, _: usize, _: u64) {}

    fn bytes(&self, count: u64) {
        counter!("flowglass_read_bytes_total").increment(count);
    }

    fn source(&self, outcome: &SourceOutcome) {
        counter!("flowglass_tuples_total", "what" => "stored").increment(outcome.stored);
        counter!("flowglass_tuples_total", "what" => "skipped").increment(outcome.skipped);
        counter!("flowglass_tuples_total", "what" => "quarantined").increment(outcome.quarantined);
        counter!("flowglass_records_total").increment(outcome.records);
        let what = match &outcome.status {
            Status::Read => "read",
            Status::Continued => "continued",
            Status::Anew(_) => "anew",
            Status::Unchanged => "unchanged",
            Status::Gone => "gone",
            Status::Failed { .. } => "failed",
        };
        counter!("flowglass_blobs_total", "what" => what).increment(1);
        self.stored.fetch_add(outcome.stored, Ordering::Relaxed);
        // Told when its commit is done. Where nothing is new nobody has waited, and not every notice says since when.
        if outcome.stored > 0 && outcome.source.modified > 0 {
            histogram!(LATENCY).record(since(outcome.source.modified).as_secs_f64());
        }
        let Some(message) = remark(outcome) else { return };
        tracing::warn!(
            code = message.code.map(|code| code.to_string()),
            "{}",
            message.text
        );
    }

    fn committed(&self, version: i64) {
        gauge!("flowglass_table_version").set(f64::from(i32::try_from(version).unwrap_or(i32::MAX)));
    }

    fn migrated(&self, migrations: &[Migration]) {
        for migration in migrations {
            tracing::info!(table = migration.table, "brought to the present format");
        }
    }
}

impl Events for Told {
    fn listed(&self, container: &str, blobs: usize, changed: usize) {
        tracing::debug!(container, blobs, changed, "listed");
        counter!("flowglass_listed_blobs_total").increment(blobs as u64);
        self.lacks.listed(container);
    }

    fn stored(&self, outcome: &Outcome) {
        if outcome.received > 0 {
            let (version, blobs, tuples) = (outcome.version, outcome.sources, outcome.stored);
            tracing::info!(version, blobs, tuples, "stored");
        }
    }

    fn waits(&self, what: &str, why: &str, pause: Duration) {
        counter!("flowglass_waits_total").increment(1);
        // Of what is not tried again nothing is lacking.
        match pause.is_zero() || self.lacks.fails(what, why) {
            true => tracing::warn!(again_in_secs = pause.as_secs_f32(), "{what}: {why}"),
            false => tracing::debug!(again_in_secs = pause.as_secs_f32(), "{what}: {why}"),
        }
    }

    fn works(&self, what: &str) {
        if let Some(time) = self.lacks.works(what) {
            tracing::info!("{what}: it works again, after {} s", time.as_secs());
        }
    }

    fn unfinished(&self, blobs: usize) {
        tracing::error!(
            blobs,
            "changed blobs were not stored before the end: the table did not take them; the next run finds them again"
        );
        self.unfinished.fetch_add(blobs as u64, Ordering::Relaxed);
    }

    fn poisoned(&self, outcome: &SourceOutcome, tries: u32) {
        let address = &outcome.source.address;
        tracing::error!(
            tries,
            "`{address}` failed again and again: it is left alone until it changes, or for an hour"
        );
        counter!("flowglass_poisoned_blobs_total").increment(1);
    }

    fn collector(&self, name: &str, is_here: bool) {
        match is_here {
            true => tracing::info!(name, "another collector is here: it takes its share"),
            false => tracing::info!(name, "another collector is gone: its share is taken over"),
        }
    }

    fn shares(&self, collectors: usize, source: &str, shards: usize) {
        tracing::debug!(collectors, source, shards, "shares");
        let exact = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        gauge!("flowglass_collectors").set(exact(collectors));
        gauge!("flowglass_own_shards", "source" => source.to_owned()).set(exact(shards));
    }
}

impl Vitals for Told {
    fn lacks(&self) -> Option<String> {
        self.lacks.told()
    }

    fn metrics(&self) -> String {
        self.lacks.measure();
        let asked = self.client.meter().read();
        for kind in Kind::ALL {
            counter!("flowglass_requests_total", "kind" => kind.name()).absolute(asked.of(kind));
        }
        counter!("flowglass_requests_again_total").absolute(asked.again);
        counter!("flowglass_requests_turned_away_total").absolute(asked.turned_away);
        self.prometheus.render()
    }
}
