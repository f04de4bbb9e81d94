//! What a collector says: lines as things happen, and numbers for those who watch it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ingest::{Events, Noticed, Outcome, Progress, Replayed, SourceOutcome, Status, Watched};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use net::{Client, Kind, Waiting};
use server::Vitals;
use table::Migration;
use tracing_subscriber::EnvFilter;

use super::lacks::Lacks;
use super::queues;
use super::repeats::{Repeats, kind_of};
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
/// What is said unless `FLOWGLASS_LOG` says otherwise. What libraries of tables say of conflicts is no news: another writer was
/// first, and it is done again; what fails in the end comes back as an error and is told.
const SAID: &str = "flowglass=info,warn,deltalake_core=off,buoyant_kernel=off";

/// Things that are said once, at most so many.
const ONCE_MAX: usize = 100;

/// Sets how it is said: to standard error, as lines or as JSON. `FLOWGLASS_LOG` says how much, such as `debug`.
pub(super) fn say_as(session: &Session, as_json: bool) {
    let level = session.environment.text("FLOWGLASS_LOG");
    let filter = EnvFilter::new(level.as_deref().unwrap_or(SAID));
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
    repeats: Repeats,
    once: Mutex<HashSet<String>>,
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
            repeats: Repeats::default(),
            once: Mutex::default(),
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
        self.say_left_out(true);
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

    /// True the first time.
    fn is_first(&self, what: String) -> bool {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        once.len() < ONCE_MAX && once.insert(what)
    }

    /// Says of how many more blobs the same could be said.
    fn say_left_out(&self, all: bool) {
        for (kind, blobs) in self.repeats.left_out(Instant::now(), all) {
            tracing::warn!(blobs, "of more blobs the same: {kind}");
        }
    }
}

/// Seconds, to the tenth.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
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
        let kind = kind_of(&message.text, &outcome.source.display);
        if !self.repeats.admit(&kind, Instant::now()) {
            return;
        }
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
        self.say_left_out(false);
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
            true => tracing::warn!(again_in_secs = tenths(pause), "{what}: {why}"),
            false => tracing::debug!(again_in_secs = tenths(pause), "{what}: {why}"),
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
        counter!("flowglass_poisoned_blobs_total").increment(1);
        let text =
            format!("`{address}` failed again and again: it is left alone until it changes, or for an hour");
        if self.repeats.admit(&kind_of(&text, address), Instant::now()) {
            tracing::error!(tries, "{text}");
        }
    }

    fn noticed(&self, queue: &str, what: Noticed<'_>, is_taken: bool) {
        let label = match what {
            Noticed::Own => "own",
            Noticed::Passed => "passed",
            Noticed::Strange(_) => "strange",
            Noticed::Foreign(_) => "foreign",
        };
        if is_taken {
            counter!("flowglass_notices_total", "what" => label).increment(1);
        }
        let next = match is_taken {
            true => "it is put back",
            false => "nothing is taken from there before there is a notice for us",
        };
        match what {
            Noticed::Strange(container) if self.is_first(format!("{queue} {container}")) => tracing::warn!(
                "`{queue}` brings notices of `{container}` that are not of what is followed here: {next}; {}",
                queues::FILTER
            ),
            Noticed::Foreign(what) if self.is_first(queue.to_owned()) => tracing::warn!(
                "`{queue}` holds a message that is no notice of a blob, but {what}: {next}; {}",
                queues::OWN_QUEUE
            ),
            _ => {}
        }
    }

    fn not_ours(&self, queue: &str, count: usize) {
        let exact = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        gauge!("flowglass_queue_not_ours", "queue" => queue.to_owned()).set(exact);
    }

    fn table_inside(&self, folder: &str) {
        if self.is_first(folder.to_owned()) {
            tracing::info!("the table `{folder}` lies inside of what is followed: it is not read");
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_libraries_of_tables_say_is_no_news() {
        let lines = Lines::default();
        let held = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(SAID))
            .with_writer(move || held.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "deltalake_core::kernel::transaction", "conflict detected");
            tracing::warn!(target: "buoyant_kernel::snapshot", "unheard");
            tracing::info!(target: "flowglass::commands::collect", "following");
            tracing::warn!(target: "server", "heard");
        });
        let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(said.contains("following") && said.contains("heard"), "{said}");
        assert!(!said.contains("conflict") && !said.contains("unheard"), "{said}");
    }

    #[test]
    fn waits_are_told_to_the_tenth() {
        assert_eq!(tenths(Duration::from_micros(1_234_567)).to_string(), "1.2");
        assert_eq!(tenths(Duration::from_millis(61_960)).to_string(), "62");
    }
}
