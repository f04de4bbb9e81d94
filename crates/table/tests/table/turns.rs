//! Turns of taking care: one program has each.

use table::{CompactOptions, Table};

use super::care::{files_with, now_micros};
use super::fixture::append;

#[tokio::test]
async fn a_turn_belongs_to_whoever_takes_it_first() {
    let folder = tempfile::tempdir().unwrap();
    let one = Table::open_or_create(folder.path()).await.unwrap();
    let other = Table::open(folder.path()).await.unwrap();
    let taken = one.take_turn("turn", 100).await.unwrap().unwrap();
    assert!(now_micros().abs_diff(taken) < 60_000_000);
    assert_eq!(other.take_turn("turn", 100).await.unwrap(), None);
    assert_eq!(one.take_turn("turn", 100).await.unwrap(), None);
    assert!(other.take_turn("long", 100).await.unwrap().is_some());
    for number in 101..200 {
        let (first, second) = tokio::join!(one.take_turn("turn", number), other.take_turn("turn", number));
        let taken = [first, second].map(|taken| taken.unwrap().is_some());
        assert_eq!(taken.iter().filter(|has| **has).count(), 1, "{number}");
    }
    // Those that are long over are forgotten, each kind by its own numbers.
    assert_eq!(files_with(folder.path(), "_upkeep/turn-").len(), 4);
    assert_eq!(files_with(folder.path(), "_upkeep/long-").len(), 1);
    let report = one.check().await.unwrap();
    assert!(
        report.problems.is_empty() && report.orphans.is_empty(),
        "{report:?}"
    );
}

#[tokio::test]
async fn what_there_is_to_do_is_known_from_the_logs() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let options = CompactOptions::default();
    assert_eq!(table.foldable_files(&options).unwrap(), 0);
    for minute in 0..20 {
        append(&mut table, "file:///a", minute, 3).await.unwrap();
    }
    table.refresh().await.unwrap();
    assert_eq!(table.foldable_files(&options).unwrap(), 20);
    assert!(!table.is_checkpoint_due(21).await.unwrap());
    assert!(table.is_checkpoint_due(20).await.unwrap());
    let written = table.checkpoint_after(20).await.unwrap();
    assert_eq!(written.len(), 3, "{written:?}");
    assert!(table.checkpoint_after(20).await.unwrap().is_empty());
    table.compact(&options, now_micros(), |_| ()).await.unwrap();
    assert_eq!(table.foldable_files(&options).unwrap(), 0);
}
