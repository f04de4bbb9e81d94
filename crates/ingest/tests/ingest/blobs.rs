//! Blobs of a storage account: they grow, are made anew, shrink, vanish, and are committed while they are read.

use std::io::Read as _;
use std::sync::Arc;

use ingest::{BlobError, Container, FlowLogs, Listing, Outcome, Status};
use model::codes::list as code;
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::{Fixture, record};

const NAME: &str =
    "flowLogResourceID=/S_RG/NW_FLOWLOG/y=2024/m=03/d=14/h=10/m=00/macAddress=6045BDBA5272/PT1H.json";

impl Fixture {
    /// Ingests what a list of the account says.
    pub(super) async fn run_of(&mut self, account: &Arc<Account>) -> Outcome {
        self.statuses.0.lock().unwrap().clear();
        let progress = Arc::clone(&self.statuses);
        let (options, cancel) = (self.options(), CancellationToken::new());
        let outcome = ingest::ingest(&mut self.table, account.sources(), &options, &cancel, progress).await;
        let outcome = outcome.unwrap();
        assert_eq!(
            outcome.received,
            outcome.stored + outcome.skipped + outcome.quarantined
        );
        outcome
    }
}

fn one_piece(minutes: std::ops::Range<u32>) -> Vec<u8> {
    super::blob(minutes)
}

#[tokio::test]
async fn only_new_blocks_of_a_growing_blob_are_fetched() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let mut length = 0;
    for minute in 0..5 {
        account.append(NAME, &record(minute, 10));
        let outcome = fixture.run_of(&account).await;
        assert_eq!(outcome.stored, 10, "minute {minute}");
        let expected = if minute == 0 {
            Status::Read
        } else {
            Status::Continued
        };
        assert_eq!(fixture.status(), [expected]);
        let (block_lists, ranges) = account.take_asked();
        assert_eq!((block_lists, ranges.len()), (1, 1), "minute {minute}");
        // Reading goes on at the end of the last record; the closing brackets are not fetched for ever.
        assert_eq!(ranges[0].start, length);
        length = ranges[0].end - 2;
    }
    // Nothing new: the list says so, and nothing is asked.
    let outcome = fixture.run_of(&account).await;
    assert_eq!((outcome.unchanged, outcome.received), (1, 0));
    assert_eq!(account.take_asked(), (0, vec![]));
    assert_eq!(fixture.rows().await, 50);
}

#[tokio::test]
async fn the_ranges_hash_to_what_was_read_and_all_of_them_to_the_blob() {
    use sha2::Digest as _;
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let mut text = String::from("{\"records\":[");
    for minute in 0..3 {
        let comma = if minute == 0 { "" } else { "," };
        text.push_str(&format!("{comma}{}", record(minute, 10)));
        account.append(NAME, &record(minute, 10));
        fixture.run_of(&account).await;
        let mut transaction = fixture.table.begin().await.unwrap();
        let address = format!("{}/{NAME}", super::account::CONTAINER);
        let source = &account.sources()[0];
        let position = transaction
            .position(&address, source.hour)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            position.sha256,
            hex::encode(sha2::Sha256::digest(&text)),
            "minute {minute}"
        );
        assert_eq!(position.cursor, text.len() as u64);
        assert!(source.hour.is_some());
    }
}

#[tokio::test]
async fn a_blob_that_was_made_anew_is_read_anew() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    account.append(NAME, &record(0, 10));
    fixture.run_of(&account).await;
    account.delete(NAME);
    for minute in 0..3 {
        account.append(NAME, &record(minute, 10));
    }
    let outcome = fixture.run_of(&account).await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_CHANGED)]);
    assert_eq!((outcome.stored, outcome.skipped), (20, 10));
    // Shorter than what was read of it, then emptied, then there again.
    account.write(NAME, &["{\"records\":[", &record(7, 5), "]}"]);
    let outcome = fixture.run_of(&account).await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_SHRUNK)]);
    assert_eq!(outcome.stored, 5);
    for emptied in [&["{\"records\":[", "]}"][..], &[]] {
        account.write(NAME, emptied);
        assert_eq!(fixture.run_of(&account).await.received, 0);
        assert_eq!(fixture.run_of(&account).await.received, 0);
    }
    account.delete(NAME);
    account.append(NAME, &record(8, 5));
    assert_eq!(fixture.run_of(&account).await.stored, 5);
    assert_eq!(fixture.rows().await, 40);
}

#[tokio::test]
async fn a_blob_without_blocks_is_continued_if_its_bytes_are_the_same() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    account.put(NAME, &one_piece(0..2));
    assert_eq!(fixture.run_of(&account).await.stored, 20);
    account.put(NAME, &one_piece(0..5));
    let outcome = fixture.run_of(&account).await;
    assert_eq!(fixture.status(), [Status::Continued]);
    assert_eq!(outcome.stored, 30);
    account.put(NAME, &one_piece(0..5));
    assert_eq!(fixture.run_of(&account).await.unchanged, 1);
    account.put(NAME, &one_piece(3..9));
    let outcome = fixture.run_of(&account).await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_CHANGED)]);
    assert_eq!((outcome.stored, outcome.skipped), (40, 20));
    assert_eq!(fixture.rows().await, 90);
}

#[tokio::test]
async fn what_vanishes_is_told_and_nothing_else_stops() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let other = NAME.replace("5272", "5273");
    account.append(NAME, &record(0, 10));
    account.append(&other, &record(1, 10));
    // Between the list and the reading.
    account.surprise(0, |account| account.delete(NAME));
    let outcome = fixture.run_of(&account).await;
    assert_eq!((outcome.gone, outcome.failed, outcome.stored), (1, 0, 10));
    assert_eq!(fixture.rows().await, 10);
}

#[tokio::test]
async fn a_commit_between_the_blocks_and_the_bytes_is_seen() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    account.append(NAME, &record(0, 10));
    account.surprise(0, |account| account.append(NAME, &record(1, 10)));
    assert_eq!(fixture.run_of(&account).await.stored, 20);
    // One that is committed faster than it can be read is left for the next time.
    for turn in 0..20 {
        account.surprise(turn, move |account| {
            account.append(NAME, &record(turn as u32 + 2, 1))
        });
    }
    assert_eq!(fixture.run_of(&account).await.unchanged, 1);
    account.append(NAME, &record(30, 10));
    let outcome = fixture.run_of(&account).await;
    assert_eq!(outcome.failed, 1);
    while fixture.run_of(&account).await.failed > 0 {}
    assert_eq!(fixture.rows().await, 50);
}

/// Records of some megabytes.
fn large(records: std::ops::Range<u32>) -> Vec<String> {
    records.map(|minute| record(minute, 20_000)).collect()
}

#[tokio::test]
async fn a_large_blob_is_read_in_pieces_while_it_grows() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    for record in large(0..8) {
        account.append(NAME, &record);
    }
    // Three pieces; a commit comes before the second.
    account.surprise(1, |account| account.append(NAME, &record(20, 10)));
    let outcome = fixture.run_of(&account).await;
    assert_eq!((outcome.stored, outcome.broken), (160_010, 0));
    let (_, ranges) = account.take_asked();
    assert!(ranges.len() > 2, "{ranges:?}");
    assert!(ranges.iter().all(|range| range.end - range.start <= 4 << 20));
    assert_eq!(fixture.run_of(&account).await.unchanged, 1);
    account.append(NAME, &record(21, 10));
    assert_eq!(fixture.run_of(&account).await.stored, 10);
    assert_eq!(fixture.rows().await, 160_020);
}

#[tokio::test]
async fn a_large_blob_that_is_made_anew_or_deleted_while_it_is_read_keeps_what_came() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let records = large(0..8);
    records.iter().for_each(|record| account.append(NAME, record));
    let again = records.clone();
    account.surprise(1, move |account| {
        account.delete(NAME);
        again.iter().for_each(|record| account.append(NAME, record));
    });
    let outcome = fixture.run_of(&account).await;
    assert_eq!(outcome.broken, 1);
    let first = outcome.stored;
    assert!(first > 0 && first < 160_000, "{first}");
    let outcome = fixture.run_of(&account).await;
    assert_eq!((outcome.stored + first, outcome.broken), (160_000, 0));
    let other = NAME.replace("5272", "5273");
    large(10..18)
        .iter()
        .for_each(|record| account.append(&other, record));
    let name = other.clone();
    account.surprise(1, move |account| account.delete(&name));
    let outcome = fixture.run_of(&account).await;
    assert_eq!(outcome.broken, 1);
    assert_eq!(fixture.run_of(&account).await.received, 0);
    assert!(fixture.rows().await > 160_000);
}

#[tokio::test]
async fn a_blob_is_read_without_a_table_while_it_grows() {
    let account = Account::new();
    let mut records = large(0..8);
    records.iter().for_each(|record| account.append(NAME, record));
    let blob = account.sources().remove(0).blob.unwrap();
    records.push(record(20, 10));
    let last = records[8].clone();
    account.surprise(1, move |account| account.append(NAME, &last));
    let mut file = ingest::open_blob(&blob).await.unwrap();
    assert_eq!(
        (file.opening(), file.blocks().blocks.len()),
        (Some("{\"records\":["), 10)
    );
    let read = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        (text, file.blocks().blocks.len())
    });
    let expected = format!("{{\"records\":[{}]}}", records.join(","));
    let (text, blocks) = read.await.unwrap();
    assert!(text == expected, "{} of {} bytes", text.len(), expected.len());
    assert_eq!(blocks, 11);
    let (_, ranges) = account.take_asked();
    assert!(ranges.iter().all(|range| range.end - range.start <= 4 << 20));
    account.delete(NAME);
    assert_eq!(ingest::open_blob(&blob).await.unwrap_err(), BlobError::Gone);
}

#[tokio::test]
async fn where_reading_stands_is_looked_at_without_a_trace() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    account.append(NAME, &record(0, 10));
    let source = account.sources().remove(0);
    let nothing = fixture
        .table
        .standing()
        .await
        .unwrap()
        .position(&source.address, source.hour)
        .await;
    assert_eq!(nothing.unwrap(), None);
    fixture.run_of(&account).await;
    let version = fixture.table.version();
    let mut standing = fixture.table.standing().await.unwrap();
    let position = standing
        .position(&source.address, source.hour)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((position.size, position.cursor), (source.bytes, source.bytes - 2));
    assert_eq!(position.blob.map(|mark| mark.etag), source.blob.unwrap().etag);
    assert_eq!(fixture.table.version(), version);
}

fn name_of(root: &str, hour: u32, mac: u32) -> String {
    format!("{root}/y=2024/m=03/d=14/h={hour:02}/m=00/macAddress=6045BD00000{mac}/PT1H.json")
}

const ROOTS: [&str; 3] = [
    "flowLogResourceID=/S_RG/NW_A",
    "flowLogResourceID=/S_RG/NW_B",
    "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N",
];

async fn names(listing: &mut Listing) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(page) = listing.next().await.unwrap() {
        names.extend(page.into_iter().map(|source| source.blob.unwrap().name));
    }
    names
}

#[tokio::test]
async fn a_container_is_listed_page_by_page_and_an_hour_by_its_prefix() {
    let account = Account::new();
    for root in ROOTS {
        for hour in 8..12 {
            (0..4).for_each(|mac| account.append(&name_of(root, hour, mac), &record(0, 1)));
        }
    }
    account.put("README.md", b"no log");
    account.put("year/y=old.json", b"");
    let container = Arc::clone(&account) as Arc<dyn Container>;
    let mut all = Listing::new(Arc::clone(&container), "");
    assert_eq!(names(&mut all).await.len(), 49);
    assert_eq!(all.passed_over.total(), 1);
    account.lists.lock().unwrap().clear();
    let flow_logs = FlowLogs::find(container, "").await.unwrap();
    assert_eq!(flow_logs.count(), 3);
    account.lists.lock().unwrap().clear();
    let hour = 19_796 * 24 + 10;
    let mut found = Vec::new();
    for mut listing in flow_logs.listings(hour..=hour) {
        found.extend(names(&mut listing).await);
    }
    let expected = ROOTS
        .iter()
        .flat_map(|root| (0..4).map(|mac| name_of(root, 10, mac)));
    assert_eq!(found, expected.collect::<Vec<_>>());
    // Two pages for each flow log, and none of other hours.
    assert_eq!(account.lists.lock().unwrap().len(), 6);
}

/// What a table keeps beside its rows is JSON too, and no log; neither is it searched for flow logs.
#[tokio::test]
async fn a_table_among_what_is_listed_is_not_read() {
    let account = Account::new();
    account.append(&name_of("t", 8, 0), &record(0, 1));
    account.append(&name_of(ROOTS[0], 8, 0), &record(0, 1));
    for name in [
        "t/Flows/_delta_log/00000000000000000000.json",
        "t/Flows/_delta_log/_last_checkpoint",
        "t/Flows/FlowDate=2024-03-14/part-0.parquet",
        "t/_positions/shard-00/1.json",
        "t/_collectors/name.json",
        "t/_upkeep/turn-1.json",
        "t/_facts/x.json",
    ] {
        account.put(name, b"{}");
    }
    let container = Arc::clone(&account) as Arc<dyn Container>;
    let mut all = Listing::new(Arc::clone(&container), "");
    let mut expected = [name_of(ROOTS[0], 8, 0), name_of("t", 8, 0)];
    expected.sort();
    assert_eq!(names(&mut all).await, expected);
    assert_eq!(all.table(), Some(format!("{}/t", container.address()).as_str()));
    let kinds: Vec<(&str, u64)> = all.passed_over.kinds().collect();
    assert_eq!(kinds, [(".parquet", 1), ("of a table", 6)]);
    // Who asks for just that is given it.
    let mut facts = Listing::new(Arc::clone(&container), "t/_facts/");
    assert_eq!(names(&mut facts).await, ["t/_facts/x.json"]);

    account.lists.lock().unwrap().clear();
    let flow_logs = FlowLogs::find(container, "").await.unwrap();
    assert_eq!(flow_logs.count(), 2);
    let lists = account.lists.lock().unwrap().clone();
    assert!(
        lists
            .iter()
            .all(|list| !list.contains("/_") && !list.contains("FlowDate")),
        "{lists:?}"
    );
}

#[test]
fn hours_that_may_grow() {
    let hours =
        |minute: i64, back: i64| ingest::hours_around((1000 * 60 + minute) * 60_000_000, back * 60_000_000);
    assert_eq!(hours(30, 0), 1000..=1000);
    assert_eq!(hours(56, 0), 1000..=1001);
    assert_eq!(hours(5, 10), 999..=1000);
}
