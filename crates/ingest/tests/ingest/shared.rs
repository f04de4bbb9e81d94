//! Several collectors of one table: they share the work, and store nothing twice, whatever each of them believes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ingest::CollectOptions;

use super::account::Account;
use super::collect::{Queue, Running, name, options, run};
use super::{Fixture, record};

/// Blobs: enough that each of a few collectors has some.
const BLOBS: u32 = 40;
const TUPLES: u32 = 3;

fn called(fixture: &Fixture, name: &str, beat: Duration) -> CollectOptions {
    CollectOptions {
        name: name.to_owned(),
        beat,
        ..options(fixture)
    }
}

/// Beats so often that a test does not wait for it.
const OFTEN: Duration = Duration::from_millis(60);

impl Running {
    fn stored(&self) -> u64 {
        self.told.stored.load(Ordering::Relaxed)
    }

    /// Waits until it has seen so many collectors.
    async fn until_there_are(&self, count: usize) {
        until(|| self.told.shares.lock().unwrap().0 == count).await;
    }

    async fn ends(self) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
    }
}

async fn until(mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap();
}

fn grow(account: &Account, minute: u32) {
    (0..BLOBS).for_each(|mac| account.append(&name(mac), &record_of(minute, mac)));
}

/// A record that no other blob has.
fn record_of(minute: u32, mac: u32) -> String {
    record(minute, TUPLES).replace("10.0.0.", &format!("10.{}.0.", mac + 1))
}

const GROWN: u64 = BLOBS as u64 * TUPLES as u64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_come_take_their_share_and_those_who_go_leave_it() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let first = run(&fixture, &account, None, called(&fixture, "first", OFTEN)).await;
    first.until_there_are(1).await;
    assert_eq!(*first.told.shares.lock().unwrap(), (1, 64));
    grow(&account, 0);
    until(|| first.stored() == GROWN).await;

    let second = run(&fixture, &account, None, called(&fixture, "second", OFTEN)).await;
    let third = run(&fixture, &account, None, called(&fixture, "third", OFTEN)).await;
    for one in [&first, &second, &third] {
        one.until_there_are(3).await;
    }
    let shards = [&first, &second, &third].map(|one| one.told.shares.lock().unwrap().1);
    assert_eq!(shards.iter().sum::<usize>(), 64, "{shards:?}");
    grow(&account, 1);
    until(|| first.stored() + second.stored() + third.stored() == 2 * GROWN).await;
    assert!(second.stored() > 0 && third.stored() > 0 && first.stored() > GROWN);

    // One goes as it should, another one without a word.
    third.ends().await;
    second.task.abort();
    first.until_there_are(1).await;
    grow(&account, 2);
    until(|| first.told.shares.lock().unwrap().1 == 64).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let others = first.told.others.lock().unwrap().clone();
    let gone = others.iter().filter(|(_, is_here)| !is_here).count();
    assert_eq!((others.len(), gone), (4, 2), "{others:?}");
    until_rows(&fixture, 3 * GROWN).await;
    first.ends().await;
    assert_eq!(fixture.rows().await, 3 * GROWN);
    // Its file, and that of the one who said nothing.
    let left = std::fs::read_dir(fixture.folder.path().join("table/_collectors"));
    assert_eq!(left.unwrap().count(), 0);
}

async fn until_rows(fixture: &Fixture, rows: u64) {
    let waiting = async {
        while fixture.rows().await < rows {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap();
}

/// One has read, and is about to commit; the other one takes it for dead and commits the same. Both believe that it is theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_that_is_lost_before_the_commit() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    // It does not beat again, and its file goes: so it stays in its belief, and nobody shares it.
    let never = Duration::from_secs(3600);
    let first = run(&fixture, &account, None, called(&fixture, "first", never)).await;
    first.until_there_are(1).await;
    first.told.is_halted.store(true, Ordering::Relaxed);
    grow(&account, 0);
    until(|| first.told.has_halted.load(Ordering::Relaxed)).await;
    fixture.table.collectors().remove("first").await.unwrap();

    let second = run(&fixture, &account, None, called(&fixture, "second", OFTEN)).await;
    until(|| second.stored() == GROWN).await;
    assert_eq!(*second.told.shares.lock().unwrap(), (1, 64));
    first.told.is_halted.store(false, Ordering::Relaxed);
    grow(&account, 1);
    // Both go on with everything.
    until(|| first.stored() + second.stored() == 2 * GROWN).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(first.stored() + second.stored(), 2 * GROWN);
    assert_eq!(*first.told.shares.lock().unwrap(), (1, 64));
    first.ends().await;
    second.ends().await;
    assert_eq!(fixture.rows().await, 2 * GROWN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_come_to_whom_they_are_for() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let queue = Arc::new(Queue::default());
    let queued = || Some(Arc::clone(&queue));
    let first = run(&fixture, &account, queued(), called(&fixture, "first", OFTEN)).await;
    let second = run(&fixture, &account, queued(), called(&fixture, "second", OFTEN)).await;
    first.until_there_are(2).await;
    second.until_there_are(2).await;
    for minute in 0..4 {
        grow(&account, minute);
        (0..BLOBS).for_each(|mac| queue.put(account.listed(&name(mac))));
        let want = u64::from(minute + 1) * GROWN;
        until(|| first.stored() + second.stored() == want).await;
    }
    assert!(first.stored() > 0 && second.stored() > 0);
    until(|| queue.waiting.lock().unwrap().is_empty()).await;
    // The other one is no more; what is noticed meanwhile is stored all the same, and soon.
    second.task.abort();
    grow(&account, 5);
    (0..BLOBS).for_each(|mac| queue.put(account.listed(&name(mac))));
    let before = second.stored();
    until(|| first.stored() + before == 5 * GROWN).await;
    first.ends().await;
    assert_eq!(fixture.rows().await, 5 * GROWN);
}
