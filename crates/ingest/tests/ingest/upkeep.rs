//! A table that is taken care of while a collector writes to it: few files, and every row once.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ingest::{
    CollectOptions, Container, Events, IngestOptions, Noticed, Progress, Recent, SourceOutcome, Upkeep,
    UpkeepEvents, UpkeepOptions, Watched, collect,
};
use table::{CompactReport, Fold, RetainReport, Table, VacuumReport};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::{Fixture, record};

const CLOCK: i64 = 1_720_000_000_000_000;

/// What was told of storing and of care.
#[derive(Default)]
struct Told {
    stored: AtomicU64,
    commits: AtomicU64,
    folds: AtomicU64,
    compactions: AtomicU64,
    checkpoints: Mutex<Vec<(&'static str, i64)>>,
    retained: Mutex<Vec<RetainReport>>,
    vacuums: AtomicU64,
    failures: Mutex<Vec<String>>,
}

impl Progress for Told {
    fn begin(&self, _: usize, _: u64) {}
    fn bytes(&self, _: u64) {}
    fn source(&self, outcome: &SourceOutcome) {
        self.stored.fetch_add(outcome.stored, Ordering::Relaxed);
    }
    fn committed(&self, _: i64) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

impl Events for Told {
    fn noticed(&self, _: &str, _: Noticed<'_>, _: bool) {}
    fn not_ours(&self, _: &str, _: usize) {}
    fn table_inside(&self, _: &str) {}
    fn collector(&self, _: &str, _: bool) {}
    fn shares(&self, _: usize, _: &str, _: usize) {}
}

impl UpkeepEvents for Told {
    fn folded(&self, _: &Fold) {
        self.folds.fetch_add(1, Ordering::Relaxed);
    }
    fn compacted(&self, report: &CompactReport) {
        assert!(report.damaged.is_empty(), "{report:?}");
        self.compactions.fetch_add(1, Ordering::Relaxed);
    }
    fn checkpointed(&self, table: &'static str, version: i64) {
        self.checkpoints.lock().unwrap().push((table, version));
    }
    fn retained(&self, report: &RetainReport) {
        self.retained.lock().unwrap().push(report.clone());
    }
    fn vacuumed(&self, _: &VacuumReport) {
        self.vacuums.fetch_add(1, Ordering::Relaxed);
    }
    fn upkeep_failed(&self, what: &str, why: &str) {
        self.failures.lock().unwrap().push(format!("{what}: {why}"));
    }
}

fn name(mac: u32) -> String {
    format!("flowLogResourceID=/S_RG/NW/y=2024/m=07/d=03/h=09/m=00/macAddress=6045BD0000{mac:02}/PT1H.json")
}

fn real_clock() -> Arc<dyn Fn() -> i64 + Send + Sync> {
    Arc::new(|| chrono::Utc::now().timestamp_micros())
}

fn care() -> UpkeepOptions {
    UpkeepOptions {
        turn: Duration::from_millis(100),
        long_turns: 20,
        files_max: 12,
        checkpoint_versions: 25,
        ..UpkeepOptions::new(real_clock())
    }
}

/// A collector with care of its table.
struct Running {
    told: Arc<Told>,
    cancel: CancellationToken,
    storing: tokio::task::JoinHandle<ingest::Result<()>>,
    caring: tokio::task::JoinHandle<()>,
}

async fn run(fixture: &Fixture, container: Arc<dyn Container>, care: UpkeepOptions) -> Running {
    let told = Arc::new(Told::default());
    let cancel = CancellationToken::new();
    let watched = Watched {
        container,
        prefix: String::new(),
        is_noticed: false,
    };
    let options = CollectOptions {
        poll: Duration::from_millis(10),
        linger: Duration::from_millis(2),
        ingest: IngestOptions {
            clock: Arc::new(|| CLOCK),
            ..fixture.options()
        },
        ..CollectOptions::new(fixture.options())
    };
    let mut table = Table::open(&table_of(fixture)).await.unwrap();
    let upkeep = Upkeep::new(&table, care, Arc::clone(&told) as _);
    let events = upkeep.beside(Arc::clone(&told) as _);
    let caring = upkeep.start(cancel.clone());
    let ends = cancel.clone();
    let storing = tokio::spawn(async move {
        let stop = CancellationToken::new();
        collect(
            &mut table,
            (vec![watched], Vec::new()),
            &options,
            &ends,
            &stop,
            events,
        )
        .await
    });
    Running {
        told,
        cancel,
        storing,
        caring,
    }
}

fn table_of(fixture: &Fixture) -> std::path::PathBuf {
    fixture.folder.path().join("table")
}

impl Running {
    async fn until(&self, what: impl Fn(&Told) -> bool) {
        let reached = async {
            while !what(&self.told) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let reached = tokio::time::timeout(Duration::from_secs(120), reached).await;
        assert!(reached.is_ok(), "{:?}", self.told.failures.lock().unwrap());
    }

    async fn end(self) -> Arc<Told> {
        self.cancel.cancel();
        self.storing.await.unwrap().unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(5), self.caring).await;
        ended.unwrap().unwrap();
        self.told
    }
}

/// Data files of a table that the log names.
async fn files(folder: &Path) -> Vec<usize> {
    let table = Table::open(folder).await.unwrap();
    let snapshots = table.snapshots().await.unwrap();
    snapshots.iter().map(|snapshot| snapshot.files.len()).collect()
}

async fn assert_whole(fixture: &Fixture, rows: u64) {
    let table = Table::open(&table_of(fixture)).await.unwrap();
    let report = table.check_deep(100_000).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    assert_eq!(table.stats().await.unwrap().rows, rows);
}

/// Lets one blob of a few grow, and waits until that is stored: a commit of its own. Gives how long that took.
async fn one_commit(account: &Account, running: &Running, number: u32) -> Duration {
    let begun = Instant::now();
    let before = running.told.stored.load(Ordering::Relaxed);
    account.append(&name(number % 5), &record(number % 60, 1 + number));
    running
        .until(|told| told.stored.load(Ordering::Relaxed) > before)
        .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_small_commits_leave_few_files() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let running = run(&fixture, Arc::clone(&account) as _, care()).await;
    let (mut most, mut rows) = (0, 0);
    let mut took = Vec::new();
    for number in 0..200 {
        took.push(one_commit(&account, &running, number).await);
        rows += u64::from(1 + number);
        if number % 10 == 0 {
            most = most.max(*files(&table_of(&fixture)).await.iter().max().unwrap());
        }
    }
    // Nothing comes any more: what is left is folded at the end of the long turn.
    let done = running.told.compactions.load(Ordering::Relaxed);
    running
        .until(|told| told.compactions.load(Ordering::Relaxed) >= done + 2)
        .await;
    let told = running.end().await;
    assert!(told.commits.load(Ordering::Relaxed) >= 200);
    // Without care there would be two hundred of each.
    assert!(most <= 80, "{most} files at once");
    let left = files(&table_of(&fixture)).await;
    assert!(left.iter().all(|files| *files <= 12), "{left:?}");
    assert!(told.folds.load(Ordering::Relaxed) >= 4);
    assert!(told.vacuums.load(Ordering::Relaxed) >= 1);
    let checkpoints = told.checkpoints.lock().unwrap().clone();
    for table in ["Flows", "IngestLog"] {
        let count = checkpoints.iter().filter(|(of, _)| *of == table).count();
        assert!(count >= 3, "{checkpoints:?}");
    }
    assert!(told.failures.lock().unwrap().is_empty(), "{:?}", told.failures);
    assert_whole(&fixture, rows).await;
    took.sort();
    let folds = told.folds.load(Ordering::Relaxed);
    println!(
        "figures: two_hundred_small_commits: {folds} folds, at most {most} files of a table, {left:?} left; a commit took {:?}, \
         of a hundred one more than {:?}, the longest {:?}",
        took[100], took[198], took[199]
    );
}

/// Care of two collectors, ended at any moment and begun again: no row is lost, none is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn care_that_is_ended_anywhere_leaves_the_table_right() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let eager = UpkeepOptions {
        turn: Duration::from_millis(7),
        long_turns: 3,
        files_max: 4,
        ..care()
    };
    let mut rows = 0;
    let storing = run(&fixture, Arc::clone(&account) as _, eager.clone()).await;
    for round in 0..30_u32 {
        let table = Table::open(&table_of(&fixture)).await.unwrap();
        let (told, cancel) = (Arc::new(Told::default()), CancellationToken::new());
        let other = Upkeep::new(&table, eager.clone(), Arc::clone(&told) as _).start(cancel.clone());
        for number in 0..4 {
            one_commit(&account, &storing, round * 4 + number).await;
            rows += u64::from(1 + round * 4 + number);
        }
        tokio::time::sleep(Duration::from_millis(u64::from(round * 13 % 29))).await;
        cancel.cancel();
        other.await.unwrap();
        assert!(told.failures.lock().unwrap().is_empty(), "{:?}", told.failures);
    }
    let told = storing.end().await;
    assert!(told.folds.load(Ordering::Relaxed) > 0);
    assert_whole(&fixture, rows).await;
}

/// The rows are of March and the blobs of July, so that what is read is too old at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_are_dropped_and_what_is_older_is_not_read() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let old = name(1).replace("/m=07/d=03/", "/m=03/d=14/");
    account.append(&old, &record(30, 50));
    let days_kept = 90;
    let container = Recent::new(Arc::clone(&account) as _, days_kept, Arc::new(|| CLOCK));
    let mut care = UpkeepOptions {
        retention_days: Some(days_kept),
        long_turns: 2,
        ..care()
    };
    // A clock that is far from the store's drops nothing.
    care.clock = Arc::new(|| CLOCK + chrono::Utc::now().timestamp_micros() % 1_000_000_000);
    let running = run(&fixture, Arc::clone(&container) as _, care.clone()).await;
    one_commit(&account, &running, 3).await;
    running
        .until(|told| !told.failures.lock().unwrap().is_empty())
        .await;
    let told = running.end().await;
    assert!(told.failures.lock().unwrap()[0].starts_with("the clock: it is "));
    assert!(told.retained.lock().unwrap().is_empty());
    assert_whole(&fixture, 4).await;
    care.clock = real_clock();
    let running = run(&fixture, container, care).await;
    one_commit(&account, &running, 7).await;
    running
        .until(|told| !told.retained.lock().unwrap().is_empty())
        .await;
    one_commit(&account, &running, 11).await;
    running
        .until(|told| told.retained.lock().unwrap().len() > 1)
        .await;
    running.end().await;
    assert_whole(&fixture, 0).await;
    let table = Table::open(&table_of(&fixture)).await.unwrap();
    // Of the blob that is named after a day that is not kept, nothing was read.
    assert_eq!(table.retained().await.unwrap().unwrap().rows, 4 + 8 + 12);
}
