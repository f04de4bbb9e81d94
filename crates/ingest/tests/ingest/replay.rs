//! Hours read again in place of what is stored of them: what comes of it is what a fresh ingest stores, whatever was there.

use std::ops::RangeInclusive;
use std::pin::pin;
use std::sync::Arc;

use ingest::{Container, IngestError, IngestOptions, Replay, Replayed, Silent};
use table::{CompactOptions, Table};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::copies::put_aside;
use super::stopped::poll_times;
use super::{Fixture, record};

/// Hours since 1970 of 2024-03-14 10:00.
const HOUR: i32 = 475_114;

fn name(hour: i32, mac: u32) -> String {
    let hour = hour - HOUR + 10;
    format!(
        "flowLogResourceID=/S_RG/NW/y=2024/m=03/d=14/h={hour:02}/m=00/macAddress=6045BD0000{mac:02}/PT1H.json"
    )
}

/// A blob of these records, in a block for each.
fn write(account: &Account, name: &str, records: &[String]) {
    let mut blocks = vec!["{\"records\":[".to_owned()];
    for (number, record) in records.iter().enumerate() {
        blocks.push(format!("{}{record}", if number == 0 { "" } else { "," }));
    }
    blocks.push("]}".to_owned());
    let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
    account.write(name, &blocks);
}

async fn replay_with(
    table: &mut Table,
    account: &Arc<Account>,
    hours: RangeInclusive<i32>,
    options: &IngestOptions,
) -> Result<Replayed, IngestError> {
    let what = Replay {
        hours,
        sources: Vec::new(),
        containers: vec![(Arc::clone(account) as Arc<dyn Container>, String::new())],
    };
    let cancel = CancellationToken::new();
    ingest::replay(table, what, options, &cancel, Arc::new(Silent)).await
}

async fn replay(fixture: &mut Fixture, account: &Arc<Account>) -> Replayed {
    let options = fixture.options();
    let replayed = replay_with(&mut fixture.table, account, HOUR..=HOUR, &options).await;
    replayed.unwrap()
}

/// Rows, tuples refused, tuples put aside, and what stands in quarantine; all of it as the deep check wants it.
async fn sums(fixture: &Fixture) -> (u64, u64, u64, usize) {
    let table = Table::open(&fixture.folder.path().join("table")).await.unwrap();
    let report = table.check_deep(1000).await.unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let stats = table.stats().await.unwrap();
    assert_eq!(stats.ingest.stored, stats.rows);
    let aside = put_aside(fixture).await;
    (
        stats.rows,
        stats.ingest.skipped,
        stats.ingest.quarantined,
        usize::try_from(aside).unwrap(),
    )
}

/// What a fresh ingest of the account comes to.
async fn fresh(account: &Arc<Account>) -> (u64, u64, u64, usize) {
    let mut fixture = Fixture::new().await;
    fixture.run_of(account).await;
    sums(&fixture).await
}

#[tokio::test]
async fn what_a_blob_has_no_longer_goes_and_what_it_has_stays_once() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let (first, second) = (name(HOUR, 1), name(HOUR, 2));
    write(&account, &first, &[record(1, 10), record(2, 10), record(3, 10)]);
    write(&account, &second, &[record(11, 7), record(12, 7)]);
    write(&account, &name(HOUR + 1, 1), &[record(30, 5)]);
    fixture.run_of(&account).await;
    write(&account, &first, &[record(1, 10), record(9, 4)]);
    fixture.run_of(&account).await;
    assert_eq!(fixture.rows().await, 53);
    let replayed = replay(&mut fixture, &account).await;
    assert_eq!(
        (
            replayed.withdrawn,
            replayed.outcome.stored,
            replayed.outcome.sources
        ),
        (48, 28, 2)
    );
    assert_eq!(sums(&fixture).await, fresh(&account).await);
    // Once more it is the same.
    let replayed = replay(&mut fixture, &account).await;
    assert_eq!((replayed.withdrawn, replayed.outcome.stored), (28, 28));
    assert_eq!(sums(&fixture).await, fresh(&account).await);
    // Nothing is new, and what comes goes on where reading stands.
    assert_eq!(fixture.run_of(&account).await.received, 0);
    account.append(&second, &record(13, 7));
    let outcome = fixture.run_of(&account).await;
    assert_eq!((outcome.stored, outcome.records), (7, 1));
    assert_eq!(sums(&fixture).await, fresh(&account).await);
}

#[tokio::test]
async fn rows_that_compaction_has_put_into_one_file_are_told_apart() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    for minute in 0..6 {
        account.append(&name(HOUR, 1), &record(minute, 10));
        account.append(&name(HOUR + 1, 1), &record(20 + minute, 10));
        fixture.run_of(&account).await;
    }
    let options = CompactOptions::default();
    fixture
        .table
        .compact(&options, 1_720_000_000_000_000, |_| ())
        .await
        .unwrap();
    write(&account, &name(HOUR, 1), &[record(1, 10)]);
    let replayed = replay(&mut fixture, &account).await;
    assert_eq!((replayed.withdrawn, replayed.outcome.stored), (60, 10));
    assert_eq!(sums(&fixture).await, fresh(&account).await);
    fixture
        .table
        .compact(&options, 1_720_000_000_000_000, |_| ())
        .await
        .unwrap();
    assert_eq!(sums(&fixture).await, fresh(&account).await);
    replay(&mut fixture, &account).await;
    assert_eq!(sums(&fixture).await, fresh(&account).await);
}

#[tokio::test]
async fn what_could_not_be_read_goes_too() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    let torn = record(2, 10).replacen("10.9.9.9", "x", 1);
    write(&account, &name(HOUR, 1), &[record(1, 10), torn.clone()]);
    write(
        &account,
        &name(HOUR, 2),
        &[torn.replacen("10.0.0.1,", "10.0.0.99,", 1)],
    );
    fixture.run_of(&account).await;
    assert_eq!(sums(&fixture).await, (28, 0, 2, 2));
    // Mended by whoever wrote it.
    write(&account, &name(HOUR, 1), &[record(1, 10), record(2, 10)]);
    replay(&mut fixture, &account).await;
    assert_eq!(sums(&fixture).await, fresh(&account).await);
    assert_eq!(sums(&fixture).await, (29, 0, 1, 1));
}

#[tokio::test]
async fn what_is_gone_or_cannot_be_read_keeps_its_rows() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    for mac in 1..5 {
        write(&account, &name(HOUR, mac), &[record(mac, 10)]);
    }
    fixture.run_of(&account).await;
    account.delete(&name(HOUR, 1));
    account.break_blob(&name(HOUR, 2), true);
    write(&account, &name(HOUR, 3), &["no flow log".to_owned()]);
    write(&account, &name(HOUR, 4), &[record(8, 3)]);
    let replayed = replay(&mut fixture, &account).await;
    assert_eq!((replayed.gone, replayed.withdrawn), (1, 10));
    assert_eq!(replayed.outcome.stored, 3);
    assert_eq!(replayed.kept, 2);
    let (rows, ..) = sums(&fixture).await;
    assert_eq!(rows, 33);
    // One that is deleted while it is read is no other.
    account.break_blob(&name(HOUR, 2), false);
    let other = name(HOUR, 4);
    account.surprise(0, move |account| account.delete(&other));
    let replayed = replay(&mut fixture, &account).await;
    assert!(replayed.kept >= 1, "{replayed:?}");
    assert_eq!(sums(&fixture).await.0, rows);
}

/// A record that another source has brought too is not stored a second time, and not lost.
#[tokio::test]
async fn copies_stay_copies() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    write(&account, &name(HOUR, 1), &[record(1, 10), record(2, 10)]);
    write(&account, &name(HOUR + 1, 1), &[record(2, 10), record(3, 10)]);
    fixture.run_of(&account).await;
    assert_eq!(sums(&fixture).await.0, 30);
    let options = fixture.options();
    for hours in [
        HOUR..=HOUR,
        HOUR + 1..=HOUR + 1,
        HOUR..=HOUR + 1,
        HOUR - 5..=HOUR + 50,
    ] {
        let replayed = replay_with(&mut fixture.table, &account, hours.clone(), &options).await;
        replayed.unwrap();
        assert_eq!(sums(&fixture).await.0, 30, "{hours:?}");
    }
}

/// Other writers commit all the time: ingests of other blobs, and compaction of the very files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_meanwhile() {
    let mut fixture = Fixture::new().await;
    let account = Account::new();
    for mac in 0..20 {
        write(
            &account,
            &name(HOUR, mac),
            &[record(mac, 10), record(mac + 20, 10)],
        );
    }
    fixture.run_of(&account).await;
    for mac in 0..20 {
        write(
            &account,
            &name(HOUR, mac),
            &[record(mac, 10), record(59 - mac, 5)],
        );
    }
    let path = fixture.folder.path().join("table");
    let (options, others) = (fixture.options(), Arc::clone(&account));
    let cancel = CancellationToken::new();
    let ends = cancel.clone();
    let writing = tokio::spawn(async move {
        let mut table = Table::open(&path).await.unwrap();
        let mut minute = 0;
        while !ends.is_cancelled() {
            minute += 1;
            others.append(&name(HOUR + 1, minute % 30), &record(minute % 60, 3));
            let sources = others.sources().into_iter();
            let sources = sources.filter(|source| source.hour == Some(HOUR + 1)).collect();
            let done = ingest::ingest(&mut table, sources, &options, &ends, Arc::new(Silent)).await;
            assert!(matches!(done, Ok(_) | Err(IngestError::Cancelled)), "{done:?}");
            if minute % 7 == 0 {
                let compact = CompactOptions::default();
                table
                    .compact(&compact, 1_720_000_000_000_000, |_| ())
                    .await
                    .unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    });
    for _ in 0..3 {
        replay(&mut fixture, &account).await;
    }
    cancel.cancel();
    writing.await.unwrap();
    fixture.run_of(&account).await;
    let (rows, ..) = sums(&fixture).await;
    assert_eq!(rows, fresh(&account).await.0);
}

/// Dropped at every moment: the table is right each time, and the next goes to the end.
#[tokio::test]
async fn interrupted_at_every_moment_it_can_be_done_again() {
    let mut seen = std::collections::BTreeSet::new();
    for polls in 0.. {
        let mut fixture = Fixture::new().await;
        let account = Account::new();
        let torn = record(2, 10).replacen("10.9.9.9", "x", 1);
        write(&account, &name(HOUR, 1), &[record(1, 10), torn]);
        write(&account, &name(HOUR, 2), &[record(11, 10)]);
        fixture.run_of(&account).await;
        write(&account, &name(HOUR, 1), &[record(1, 10)]);
        write(&account, &name(HOUR, 2), &[record(12, 3)]);
        // A commit for each.
        let options = IngestOptions {
            commit_bytes: 1,
            ..fixture.options()
        };
        let run = replay_with(&mut fixture.table, &account, HOUR..=HOUR, &options);
        let ended = poll_times(pin!(run).as_mut(), polls * 7).await;
        let table = Table::open(&fixture.folder.path().join("table")).await.unwrap();
        let report = table.check_deep(1000).await.unwrap();
        assert!(report.problems.is_empty(), "{polls}: {:?}", report.problems);
        seen.insert(fixture.rows().await);
        replay(&mut fixture, &account).await;
        assert_eq!(sums(&fixture).await, (13, 0, 0, 0), "{polls}");
        if ended.is_some_and(|ended| ended.is_ok()) {
            break;
        }
    }
    assert_eq!(seen, [13, 20, 29].into());
}
