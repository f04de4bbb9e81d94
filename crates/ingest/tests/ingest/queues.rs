//! Queues that are shared, wrong, or full of what is for nobody here: nothing is removed but notices of what is followed, and those
//! come through.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ingest::{CollectOptions, Listed};

use super::account::{Account, CONTAINER};
use super::collect::{Queue, Running, name, name_below, options, run, run_below};
use super::{Fixture, record};

const STRANGE: &str = "az://account/other";

/// By notices alone: the container is listed at the beginning, and then not for an hour.
fn noticed(fixture: &Fixture) -> CollectOptions {
    CollectOptions {
        poll_noticed: Duration::from_secs(3600),
        ..options(fixture)
    }
}

fn strange(container: &str) -> Vec<(String, Listed)> {
    let listed = Listed {
        name: name(1),
        size: 1000,
        etag: "0x1".to_owned(),
        modified: 0,
    };
    vec![(container.to_owned(), listed)]
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(came.is_ok(), "{what}");
}

impl Running {
    async fn until_looked(&self) {
        until("a look at everything", || !self.told.has_listed_nothing()).await;
    }

    fn has_stored(&self, tuples: u64) -> bool {
        self.told.stored.load(Ordering::Relaxed) >= tuples
    }

    /// Messages that were taken, by what they were.
    fn taken(&self, what: &str) -> usize {
        let noticed = self.told.noticed.lock().unwrap();
        noticed
            .iter()
            .filter(|(kind, is_taken)| *is_taken && kind.starts_with(what))
            .count()
    }

    async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Queues of other programs: one of orders, one of another container's blobs. Nothing of them is even taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_queue_without_anything_for_us_nothing_is_taken() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    for (message, what) in [
        (Vec::new(), "Foreign"),
        (strange("az://elsewhere/logs"), "Strange"),
    ] {
        let queue = Arc::new(Queue::default());
        (0..40).for_each(|_| queue.put_of(message.clone()));
        let running = run(&fixture, &account, Some(Arc::clone(&queue)), noticed(&fixture)).await;
        until("a look at the queue", || {
            running.told.noticed.lock().unwrap().len() > 100
        })
        .await;
        assert_eq!(running.told.not_ours.load(Ordering::Relaxed), 32);
        let noticed = running.told.noticed.lock().unwrap().clone();
        assert!(
            noticed
                .iter()
                .all(|(kind, is_taken)| kind.starts_with(what) && !is_taken),
            "{noticed:?}"
        );
        running.stop().await;
        let waiting = queue.waiting.lock().unwrap();
        assert_eq!(waiting.len(), 40);
        assert!(waiting.iter().all(|waiting| waiting.taken == 0));
    }
}

/// Whatever else is in the queue, and before them: notices come through, and nothing else is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_for_us_stays_and_stands_in_nobodys_way() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let queue = Arc::new(Queue::default());
    let running = run(&fixture, &account, Some(Arc::clone(&queue)), noticed(&fixture)).await;
    running.until_looked().await;
    account.append(&name(0), &record(0, 3));
    queue.put(account.listed(&name(0)));
    until("the first notice", || running.has_stored(3)).await;
    for _ in 0..40 {
        queue.put_of(Vec::new());
        queue.put_of(strange(STRANGE));
    }
    for minute in 1..4 {
        account.append(&name(0), &record(minute, 3));
        queue.put(account.listed(&name(0)));
        let wanted = u64::from(minute + 1) * 3;
        until("what is noticed behind them", || running.has_stored(wanted)).await;
    }
    until("ten tries", || {
        running.taken("Foreign") > 400 && running.taken("Strange") > 400
    })
    .await;
    running.stop().await;
    assert_eq!(fixture.rows().await, 12);
    let waiting = queue.waiting.lock().unwrap();
    let others = waiting.iter().filter(|waiting| {
        waiting
            .blobs
            .first()
            .is_none_or(|(address, _)| address == STRANGE)
    });
    let others: Vec<_> = others.collect();
    assert_eq!(others.len(), 80);
    for other in others {
        assert!(other.hidden_secs.is_sorted(), "{:?}", other.hidden_secs);
        assert!(other.hidden_secs.iter().take(8).all(|secs| *secs <= 2));
        assert!(other.hidden_secs.iter().skip(8).all(|secs| *secs >= 8));
    }
}

/// The head of a queue that is for a whole account may be all of other containers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ours_are_found_behind_those_of_other_containers() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let queue = Arc::new(Queue::default());
    let running = run(&fixture, &account, Some(Arc::clone(&queue)), noticed(&fixture)).await;
    running.until_looked().await;
    (0..100).for_each(|_| queue.put_of(strange(STRANGE)));
    account.append(&name(0), &record(0, 3));
    queue.put(account.listed(&name(0)));
    until("the notice behind", || running.has_stored(3)).await;
    running.stop().await;
    assert!(queue.waiting.lock().unwrap().len() >= 100);
}

/// Two that follow different things into different tables, with one queue for both: each is given what is its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_different_containers_share_a_queue() {
    let (one, two) = (Fixture::new().await, Fixture::new().await);
    let account = Account::new();
    let queue = Arc::new(Queue::default());
    let queued = || Some(Arc::clone(&queue));
    let first = run_below(&one, &account, "one/", queued(), noticed(&one)).await;
    let second = run_below(&two, &account, "two/", queued(), noticed(&two)).await;
    first.until_looked().await;
    second.until_looked().await;
    for minute in 0..5 {
        for mac in 0..10 {
            for prefix in ["one/", "two/"] {
                let name = name_below(prefix, mac);
                account.append(&name, &record(minute * 10 + mac, 2));
                queue.put(account.listed(&name));
            }
        }
    }
    until("all of both", || first.has_stored(100) && second.has_stored(100)).await;
    until("an empty queue", || queue.waiting.lock().unwrap().is_empty()).await;
    first.stop().await;
    second.stop().await;
    assert_eq!((one.rows().await, two.rows().await), (100, 100));
}

/// A table in the container that is followed: of what is written there nothing is a log, by list or by notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_table_writes_is_no_log() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let inside = [
        "t/Flows/_delta_log/00000000000000000001.json",
        "t/Flows/FlowDate=2024-07-03/part-0.parquet",
        "t/_positions/shard-07/9.json",
    ];
    inside.iter().for_each(|name| account.put(name, b"{\"add\":{}}"));
    let queue = Arc::new(Queue::default());
    inside
        .iter()
        .for_each(|name| queue.put_of(vec![(CONTAINER.to_owned(), account.listed(name))]));
    account.append(&name(0), &record(0, 3));
    queue.put(account.listed(&name(0)));
    let running = run(&fixture, &account, Some(Arc::clone(&queue)), noticed(&fixture)).await;
    until("all that is noticed", || {
        running.has_stored(3) && queue.waiting.lock().unwrap().is_empty()
    })
    .await;
    running.until_looked().await;
    let told = Arc::clone(&running.told);
    running.stop().await;
    let tables: Vec<String> = told.tables.lock().unwrap().iter().cloned().collect();
    assert_eq!(tables, [format!("{CONTAINER}/t")]);
    let asked = account.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(name, _)| !name.starts_with("t/")), "{asked:?}");
    assert_eq!(fixture.rows().await, 3);
}
