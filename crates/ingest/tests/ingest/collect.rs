//! A collector beside blobs that grow: everything arrives once, whatever fails on the way.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ingest::{
    BlobError, CollectOptions, Container, Events, IngestOptions, Listed, Notice, Noticed, Notices, Progress,
    SourceOutcome, Watched, collect,
};
use table::Table;
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::{Fixture, record};

/// What a collector told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) stored: AtomicU64,
    pub(super) waits: Mutex<Vec<String>>,
    poisoned: Mutex<Vec<String>>,
    lists: Mutex<Vec<(usize, usize)>>,
    /// Messages of queues, as told: what they are, and whether they were taken.
    pub(super) noticed: Mutex<Vec<(String, bool)>>,
    /// So many of those that were looked at last were not for it.
    pub(super) not_ours: AtomicUsize,
    pub(super) tables: Mutex<BTreeSet<String>>,
    /// Who came and went, as told.
    pub(super) others: Mutex<Vec<(String, bool)>>,
    /// What is one's own, as told last.
    pub(super) shares: Mutex<(usize, usize)>,
    /// Reading goes no further.
    pub(super) is_halted: AtomicBool,
    pub(super) has_halted: AtomicBool,
}

impl Told {
    pub(super) fn has_listed_nothing(&self) -> bool {
        self.lists.lock().unwrap().is_empty()
    }
}

impl Progress for Told {
    fn begin(&self, _: usize, _: u64) {}
    fn bytes(&self, _: u64) {
        while self.is_halted.load(Ordering::Relaxed) {
            self.has_halted.store(true, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    fn source(&self, outcome: &SourceOutcome) {
        self.stored.fetch_add(outcome.stored, Ordering::Relaxed);
    }
    fn committed(&self, _: i64) {}
}

impl Events for Told {
    fn listed(&self, _: &str, blobs: usize, changed: usize) {
        self.lists.lock().unwrap().push((blobs, changed));
    }
    fn waits(&self, what: &str, why: &str, _: Duration) {
        self.waits.lock().unwrap().push(format!("{what}: {why}"));
    }
    fn poisoned(&self, outcome: &SourceOutcome, tries: u32) {
        let name = outcome.source.address.rsplit('=').next().unwrap_or_default();
        self.poisoned.lock().unwrap().push(format!("{name} {tries}"));
    }
    fn noticed(&self, _: &str, what: Noticed<'_>, is_taken: bool) {
        self.noticed.lock().unwrap().push((format!("{what:?}"), is_taken));
    }
    fn not_ours(&self, _: &str, count: usize) {
        self.not_ours.store(count, Ordering::Relaxed);
    }
    fn table_inside(&self, folder: &str) {
        self.tables.lock().unwrap().insert(folder.to_owned());
    }
    fn collector(&self, name: &str, is_here: bool) {
        self.others.lock().unwrap().push((name.to_owned(), is_here));
    }
    fn shares(&self, collectors: usize, _: &str, shards: usize) {
        *self.shares.lock().unwrap() = (collectors, shards);
    }
}

/// Notices in memory, each given out until it is done with.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: Mutex<Vec<Waiting>>,
    given: AtomicU64,
}

/// A notice, and whether somebody has it.
#[derive(Debug)]
pub(super) struct Waiting {
    number: u64,
    pub(super) blobs: Vec<(String, Listed)>,
    pub(super) taken: u32,
    is_taken: bool,
    hidden_until: Option<Instant>,
    /// For how long each time that it was given back.
    pub(super) hidden_secs: Vec<u64>,
}

impl Waiting {
    fn is_there(&self) -> bool {
        !self.is_taken && self.hidden_until.is_none_or(|until| until <= Instant::now())
    }
}

impl Waiting {
    fn notice(&self) -> Notice {
        Notice {
            receipt: self.number.to_string(),
            taken: self.taken,
            blobs: self.blobs.clone(),
            other: "an event `Contoso.Order`".to_owned(),
        }
    }
}

#[async_trait]
impl Notices for Queue {
    fn address(&self) -> &str {
        "azq://account/queue"
    }

    async fn peek(&self) -> Result<Vec<Notice>, BlobError> {
        let waiting = self.waiting.lock().unwrap();
        let free = waiting.iter().filter(|waiting| waiting.is_there());
        Ok(free.take(32).map(Waiting::notice).collect())
    }

    async fn take(&self) -> Result<Vec<Notice>, BlobError> {
        let mut waiting = self.waiting.lock().unwrap();
        let free = waiting.iter_mut().filter(|waiting| waiting.is_there());
        let notices = free.take(32).map(|waiting| {
            waiting.is_taken = true;
            waiting.taken += 1;
            waiting.notice()
        });
        Ok(notices.collect())
    }

    async fn done(&self, receipt: &str) -> Result<(), BlobError> {
        self.waiting
            .lock()
            .unwrap()
            .retain(|waiting| waiting.number.to_string() != receipt);
        Ok(())
    }

    async fn give_back(&self, receipt: &str, after: Duration) -> Result<(), BlobError> {
        let mut waiting = self.waiting.lock().unwrap();
        let own = waiting
            .iter_mut()
            .find(|waiting| waiting.number.to_string() == receipt)
            .unwrap();
        own.is_taken = false;
        // A second of the service is a hundredth here.
        own.hidden_until = Some(Instant::now() + after / 100);
        own.hidden_secs.push(after.as_secs());
        Ok(())
    }
}

impl Queue {
    pub(super) fn put(&self, listed: Listed) {
        self.put_of(vec![(super::account::CONTAINER.to_owned(), listed)]);
    }

    /// A message of these blobs; of none it is another program's.
    pub(super) fn put_of(&self, blobs: Vec<(String, Listed)>) {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        self.waiting.lock().unwrap().push(Waiting {
            number,
            blobs,
            taken: 0,
            is_taken: false,
            hidden_until: None,
            hidden_secs: Vec::new(),
        });
    }
}

pub(super) fn name(mac: u32) -> String {
    name_below("", mac)
}

pub(super) fn name_below(prefix: &str, mac: u32) -> String {
    format!(
        "{prefix}flowLogResourceID=/S_RG/NW/y=2024/m=07/d=03/h=09/m=00/macAddress=6045BD0000{mac:02}/PT1H.json"
    )
}

pub(super) fn options(fixture: &Fixture) -> CollectOptions {
    CollectOptions {
        poll: Duration::from_millis(20),
        linger: Duration::from_millis(5),
        notice_poll: Duration::from_millis(5),
        tries_max: 3,
        ingest: IngestOptions {
            // The hour of the blobs' names.
            clock: Arc::new(|| 1_720_000_000_000_000),
            ..fixture.options()
        },
        ..CollectOptions::new(fixture.options())
    }
}

pub(super) struct Running {
    pub(super) told: Arc<Told>,
    pub(super) cancel: CancellationToken,
    pub(super) task: tokio::task::JoinHandle<ingest::Result<()>>,
}

pub(super) async fn run(
    fixture: &Fixture,
    account: &Arc<Account>,
    queue: Option<Arc<Queue>>,
    options: CollectOptions,
) -> Running {
    run_below(fixture, account, "", queue, options).await
}

/// Follows what is below a prefix.
pub(super) async fn run_below(
    fixture: &Fixture,
    account: &Arc<Account>,
    prefix: &str,
    queue: Option<Arc<Queue>>,
    options: CollectOptions,
) -> Running {
    let told = Arc::new(Told::default());
    let cancel = CancellationToken::new();
    let watched = Watched {
        container: Arc::clone(account) as Arc<dyn Container>,
        prefix: prefix.to_owned(),
        is_noticed: queue.is_some(),
    };
    let notices = queue.into_iter().map(|queue| queue as Arc<dyn Notices>).collect();
    let mut table = Table::open(&fixture.folder.path().join("table")).await.unwrap();
    let (ends, events) = (cancel.clone(), Arc::clone(&told));
    let task = tokio::spawn(async move {
        let stop = CancellationToken::new();
        collect(
            &mut table,
            (vec![watched], notices),
            &options,
            &ends,
            &stop,
            events,
        )
        .await
    });
    Running { told, cancel, task }
}

impl Running {
    /// Waits until so many tuples are stored, and stops.
    pub(super) async fn until(self, stored: u64) -> Arc<Told> {
        self.until_told(|told| told.stored.load(Ordering::Relaxed) >= stored)
            .await
    }

    /// Waits until this is so of what was told, and stops.
    pub(super) async fn until_told(self, is_so: impl Fn(&Told) -> bool) -> Arc<Told> {
        let arrived = async {
            while !is_so(&self.told) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(60), arrived).await;
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
        assert!(arrived.is_ok(), "{:?}", self.told.waits.lock().unwrap());
        self.told
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blobs_that_grow_are_followed_by_lists() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let running = run(&fixture, &account, None, options(&fixture)).await;
    for minute in 0..20 {
        (0..5).for_each(|mac| account.append(&name(mac), &record(minute * 5 + mac, 3)));
        tokio::time::sleep(Duration::from_millis(7)).await;
    }
    // Everything once, and then hours: what has not changed is not handed on.
    let is_quiet = |told: &Told| {
        let lists = told.lists.lock().unwrap();
        lists.len() > 2 && lists.last().is_some_and(|(_, changed)| *changed == 0)
    };
    let told = running
        .until_told(|told| told.stored.load(Ordering::Relaxed) >= 300 && is_quiet(told))
        .await;
    assert_eq!(fixture.rows().await, 300);
    assert!(told.waits.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_are_followed_and_done_with() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let queue = Arc::new(Queue::default());
    let running = run(&fixture, &account, Some(Arc::clone(&queue)), options(&fixture)).await;
    for minute in 0..10 {
        for mac in 0..3 {
            account.append(&name(mac), &record(minute * 3 + mac, 2));
            queue.put(account.listed(&name(mac)));
        }
        // One of something that is gone by now.
        queue.put(Listed {
            name: name(77),
            ..account.listed(&name(0))
        });
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    running.until(60).await;
    assert_eq!(fixture.rows().await, 60);
    let left = queue.waiting.lock().unwrap().len();
    assert!(left <= 40, "{left}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_that_fails_is_left_alone_in_the_end_and_the_others_go_on() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    (0..3).for_each(|mac| account.append(&name(mac), &record(mac, 5)));
    account.break_blob(&name(1), true);
    let running = run(&fixture, &account, None, options(&fixture)).await;
    let told = Arc::clone(&running.told);
    while told.poisoned.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    account.append(&name(2), &record(7, 5));
    // Mended and changed, it is read again.
    account.break_blob(&name(1), false);
    account.append(&name(1), &record(9, 5));
    let told = running.until(25).await;
    assert_eq!(*told.poisoned.lock().unwrap(), ["6045BD000001/PT1H.json 3"]);
    assert_eq!(fixture.rows().await, 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_away_is_waited_for() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    account.go_away(true);
    let running = run(&fixture, &account, None, options(&fixture)).await;
    account.append(&name(0), &record(0, 5));
    while running.told.waits.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    account.go_away(false);
    let told = running.until(5).await;
    let waits = told.waits.lock().unwrap();
    assert!(waits[0].starts_with("the list of az://account/"), "{waits:?}");
}

/// However long it is away: no blob is given up for that, not even one that does not change any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blobs_of_an_account_that_is_away_are_not_given_up() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    (0..3).for_each(|mac| account.append(&name(mac), &record(mac, 5)));
    account.hide_blobs(true);
    let options = CollectOptions {
        tries_max: 1,
        ..options(&fixture)
    };
    let running = run(&fixture, &account, None, options).await;
    // Each is tried twice at least.
    while account.asked.lock().unwrap().len() < 7 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    account.hide_blobs(false);
    let told = running.until(15).await;
    assert!(told.poisoned.lock().unwrap().is_empty());
    assert_eq!(fixture.rows().await, 15);
}

/// A container that holds no flow log yet is looked at until it does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_flow_log_of_a_container_is_found_at_once() {
    let fixture = Fixture::new().await;
    let account = Account::new();
    let running = run(&fixture, &account, None, options(&fixture)).await;
    while account.lists.lock().unwrap().len() < 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    account.append(&name(0), &record(0, 5));
    running.until(5).await;
    assert_eq!(fixture.rows().await, 5);
}
