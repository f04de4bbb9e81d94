//! Retention: days go by the log, the sums still say what was there, and what is lost otherwise is still found.

use std::path::Path;

use table::{CompactOptions, Retained, Table, TableError, VacuumOptions};

use super::care::{age, files_with, now_micros};
use super::fixture::{FIRST_DAY, contribution, rows_of_day};

const DAY_MICROS: i64 = 86_400_000_000;
const FIRST_MICROS: i64 = 1_710_413_935_827_000;

/// A moment of a day: when rows are brought.
fn noon(day: i32) -> i64 {
    i64::from(day) * DAY_MICROS + DAY_MICROS / 2
}

/// Stores rows of these days, with the times that a reader would tell, as brought on a day.
async fn store(table: &mut Table, source: &str, days: &[u32], brought: i32) -> Result<(), TableError> {
    let transaction = table.begin().await?;
    let now = noon(brought);
    let mut writer = transaction.writer(now);
    for day in days {
        writer.write(&rows_of_day(source, *day, *day, 4).0).await?;
    }
    let files = writer.finish().await?;
    let mut contribution = contribution(source, 4 * days.len() as u64);
    let row = contribution.row.as_mut().unwrap();
    let of = |day: Option<&u32>| FIRST_MICROS + i64::from(*day.unwrap()) * DAY_MICROS;
    row.times = Some((of(days.iter().min()), of(days.iter().max()) + 3000));
    transaction.commit(files, vec![contribution], now).await?;
    Ok(())
}

/// Five days, each brought on its own, and one source of all of them that was brought at the end.
async fn five_days(folder: &Path) -> Table {
    let mut table = Table::open_or_create(folder).await.unwrap();
    for day in 0..5 {
        let source = format!("file:///{day}");
        let brought = FIRST_DAY + i32::try_from(day).unwrap();
        store(&mut table, &source, &[day], brought).await.unwrap();
    }
    store(&mut table, "file:///all", &[0, 1, 2, 3, 4], FIRST_DAY + 4)
        .await
        .unwrap();
    table
}

/// Everything adds up, to so many rows that are left.
async fn assert_well(folder: &Path, rows: u64, dropped: Option<(i32, u64)>) {
    let table = Table::open(folder).await.unwrap();
    for report in [
        table.check().await.unwrap(),
        table.check_deep(1000).await.unwrap(),
    ] {
        assert!(report.problems.is_empty(), "{report:?}");
        let dropped = dropped.map(|(from_day, rows)| Retained { from_day, rows });
        assert_eq!(report.retained, dropped);
    }
    assert_eq!(table.stats().await.unwrap().rows, rows);
}

#[tokio::test]
async fn days_go_with_what_was_read_on_them_and_the_sums_know() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = five_days(folder.path()).await;
    assert_well(folder.path(), 40, None).await;
    let from = FIRST_DAY + 2;
    let told = table.retain(from, true, noon(FIRST_DAY + 5)).await.unwrap();
    assert_well(folder.path(), 40, None).await;
    let done = table.retain(from, false, noon(FIRST_DAY + 5)).await.unwrap();
    assert_eq!(done, told);
    let of = |name: &str| done.dropped.iter().find(|dropped| dropped.table == name).unwrap();
    let flows = of("Flows");
    assert_eq!((flows.rows, flows.files, flows.days.len()), (16, 4, 2));
    assert_eq!((of("IngestLog").rows, of("Quarantine").rows), (2, 2));
    assert_well(folder.path(), 24, Some((from, 16))).await;
    // Nothing is left to do, and nothing is written.
    let before = table.version();
    assert!(
        table
            .retain(from, false, noon(FIRST_DAY + 5))
            .await
            .unwrap()
            .dropped
            .is_empty()
    );
    assert_eq!(table.version(), before);
    // Where reading stands is still known.
    let mut standing = table.standing().await.unwrap();
    assert!(standing.position("file:///0", Some(5)).await.unwrap().is_some());
    // A day later another one goes, after everything was folded and a checkpoint was written.
    table
        .compact(&CompactOptions::default(), noon(FIRST_DAY + 5), |_| ())
        .await
        .unwrap();
    table.checkpoint().await.unwrap();
    table.retain(from + 1, false, noon(FIRST_DAY + 6)).await.unwrap();
    assert_well(folder.path(), 16, Some((from + 1, 24))).await;
    let since = |day: i32| noon(day);
    let retained = Retained {
        from_day: from + 1,
        rows: 24,
    };
    assert_eq!(table.retained_since(since(from)).await.unwrap(), Some(retained));
    assert_eq!(table.retained_since(since(from + 1)).await.unwrap(), None);
}

#[tokio::test]
async fn files_of_dropped_days_go_with_a_vacuum() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = five_days(folder.path()).await;
    let version = table.version();
    table.retain(FIRST_DAY + 4, false, now_micros()).await.unwrap();
    let count = || files_with(folder.path(), "Flows/FlowDate=").len();
    assert_eq!(count(), 10);
    // Earlier versions still have them.
    let earlier = table.snapshots_at(version).await.unwrap();
    assert_eq!(earlier[0].rows(), 40);
    age(folder.path(), 8 * 86_400);
    table
        .vacuum(VacuumOptions::default(), now_micros())
        .await
        .unwrap();
    assert_eq!(count(), 2);
    assert_well(folder.path(), 8, Some((FIRST_DAY + 4, 32))).await;
}

#[tokio::test]
async fn rows_that_come_late_stay_until_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = five_days(folder.path()).await;
    let from = FIRST_DAY + 3;
    table.retain(from, false, noon(FIRST_DAY + 5)).await.unwrap();
    assert_well(folder.path(), 16, Some((from, 24))).await;
    for late in 0..3 {
        let source = format!("file:///late-{late}");
        store(&mut table, &source, &[1, 4], FIRST_DAY + 5).await.unwrap();
    }
    assert_well(folder.path(), 40, Some((from, 24))).await;
    table.retain(from, false, noon(FIRST_DAY + 5)).await.unwrap();
    assert_well(folder.path(), 28, Some((from, 36))).await;
    // Days are kept longer from now on: what was dropped stays dropped, and is said.
    table
        .retain(FIRST_DAY - 9, false, noon(FIRST_DAY + 5))
        .await
        .unwrap();
    assert_well(folder.path(), 28, Some((from, 36))).await;
}

#[tokio::test]
async fn an_ingest_that_a_drop_overtakes_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = five_days(folder.path()).await;
    let transaction = table.begin().await.unwrap();
    let mut writer = transaction.writer(noon(FIRST_DAY + 5));
    writer
        .write(&rows_of_day("file:///new", 4, 9, 4).0)
        .await
        .unwrap();
    let files = writer.finish().await.unwrap();
    let mut other = Table::open(folder.path()).await.unwrap();
    other
        .retain(FIRST_DAY + 1, false, noon(FIRST_DAY + 5))
        .await
        .unwrap();
    let contributions = vec![contribution("file:///new", 4)];
    let lost = transaction
        .commit(files, contributions, noon(FIRST_DAY + 5))
        .await;
    assert!(matches!(lost, Err(TableError::Conflict)), "{lost:?}");
    store(&mut table, "file:///new", &[4], FIRST_DAY + 5)
        .await
        .unwrap();
    assert_well(folder.path(), 36, Some((FIRST_DAY + 1, 8))).await;
}

#[tokio::test]
async fn a_real_loss_is_found_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = five_days(folder.path()).await;
    table
        .retain(FIRST_DAY + 2, false, noon(FIRST_DAY + 5))
        .await
        .unwrap();
    let lost = files_with(folder.path(), "Flows/FlowDate=2024-03-18").remove(0);
    let lost = folder.path().join(lost);
    let held = std::fs::read(&lost).unwrap();
    std::fs::remove_file(&lost).unwrap();
    let problems = table.check().await.unwrap().problems;
    assert!(
        problems.len() == 1 && problems[0].contains("cannot be opened"),
        "{problems:?}"
    );
    std::fs::write(&lost, held).unwrap();
    assert!(table.check_deep(1000).await.unwrap().problems.is_empty());
    // Rows that a program took out by the log without saying so: the number of rows tells.
    let entry = last_entry(folder.path());
    let text = std::fs::read_to_string(&entry).unwrap();
    let less = text.replace("\"version\":16", "\"version\":15");
    assert_ne!(text, less);
    std::fs::write(&entry, less).unwrap();
    let table = Table::open(folder.path()).await.unwrap();
    assert_eq!(
        table.check().await.unwrap().problems,
        ["`IngestLog` says 40 tuples were stored, `Flows` has 39, 15 of which retention has dropped"]
    );
}

/// The newest entry of the log of `Flows`.
fn last_entry(folder: &Path) -> std::path::PathBuf {
    let mut entries = files_with(folder, "Flows/_delta_log/");
    entries.retain(|path| path.ends_with(".json"));
    entries.sort();
    folder.join(entries.pop().unwrap())
}
