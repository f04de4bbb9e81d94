//! Vacuum and followers: what nobody needs goes, and nothing else.

use std::path::Path;

use model::TableVersion;
use table::{Gone, Table, TableError, VacuumOptions, VacuumReport};

use super::care::{age, all_rows, compact, files_with, now_micros, rows_of};
use super::fixture::{append, assert_whole};

const DAY: u64 = 86_400;

async fn vacuum(folder: &Path, retain_secs: u64, dry_run: bool) -> VacuumReport {
    let mut table = Table::open(folder).await.unwrap();
    let options = VacuumOptions { retain_secs, dry_run };
    table.vacuum(options, now_micros()).await.unwrap()
}

fn of(report: &VacuumReport, kind: Gone) -> usize {
    report.gone.iter().filter(|(gone, ..)| *gone == kind).count()
}

async fn filled(folder: &Path, commits: std::ops::Range<u32>) {
    let mut table = Table::open_or_create(folder).await.unwrap();
    for n in commits {
        append(&mut table, &format!("file:///{}", n % 5), n % 60, 4)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_was_replaced_goes_after_its_time_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 0..10).await;
    compact(folder.path()).await;
    let before = all_rows(folder.path()).await;
    // Not even at once: nothing younger than an hour goes.
    assert_eq!(vacuum(folder.path(), 0, false).await.gone, []);
    age(folder.path(), 2 * DAY);
    assert_eq!(vacuum(folder.path(), 7 * DAY, false).await.gone, []);
    let told = vacuum(folder.path(), DAY, true).await;
    assert_eq!(
        (of(&told, Gone::Data), told.gone.len() > 30),
        (30, true),
        "{told:?}"
    );
    assert_eq!(files_with(folder.path(), ".parquet").len(), 33);
    let done = vacuum(folder.path(), DAY, false).await;
    assert_eq!((&done.gone, done.failed.len()), (&told.gone, 0));
    assert_eq!(files_with(folder.path(), ".parquet").len(), 3);
    // Of ten transactions of five shards, the last of each shard is left.
    assert_eq!(files_with(folder.path(), "_positions/shard-").len(), 5);
    assert_eq!(all_rows(folder.path()).await, before);
    assert_whole(folder.path(), 40).await;
    let table = Table::open(folder.path()).await.unwrap();
    let report = table.check_deep(1000).await.unwrap();
    assert!(
        report.problems.is_empty() || report.problems[0].contains("holds already"),
        "{report:?}"
    );
    assert_eq!((report.superseded, report.orphans.len()), ((0, 0), 0));
    assert_eq!(vacuum(folder.path(), 0, false).await.gone, []);
    filled(folder.path(), 60..63).await;
    assert_whole(folder.path(), 52).await;
}

#[tokio::test]
async fn orphans_of_every_kind_go_once_they_are_old() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 0..2).await;
    let left = [
        "Flows/FlowDate=2024-03-14/part-x.parquet",
        "IngestLog/IngestDate=2024-07-03/txn-01-00000000000000000009-x.parquet",
        "_positions/segments/07-x.json.zst",
        "Flows/_delta_log/.tmp-1",
        "_followers/.tmp-2",
    ];
    let foreign = [
        "Flows/notes.txt",
        "elsewhere.parquet",
        "_positions/shard-03/readme",
    ];
    for path in left.iter().chain(&foreign) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"left").unwrap();
    }
    // A claim that its shard has not passed may be about to be committed, however old it is.
    let claim = "_positions/shard-63/00000000000000000009.json.zst";
    std::fs::create_dir_all(folder.path().join("_positions/shard-63")).unwrap();
    std::fs::write(folder.path().join(claim), b"claimed").unwrap();
    assert_eq!(vacuum(folder.path(), 0, false).await.gone, []);
    age(folder.path(), 2 * 3600);
    let report = vacuum(folder.path(), 7 * DAY, true).await;
    // What is half written is nobody's history.
    assert_eq!(
        (report.gone.len(), of(&report, Gone::Temporary)),
        (2, 2),
        "{report:?}"
    );
    let report = vacuum(folder.path(), 0, false).await;
    let mut gone: Vec<&str> = report.gone.iter().map(|(_, path, _)| path.as_str()).collect();
    gone.sort_unstable();
    let mut expected = left;
    expected.sort_unstable();
    assert_eq!(gone, expected);
    assert!(
        foreign
            .iter()
            .chain(&[claim])
            .all(|path| folder.path().join(path).exists())
    );
    assert_whole(folder.path(), 8).await;
}

#[tokio::test]
async fn the_log_is_cleaned_behind_a_checkpoint_and_check_still_has_its_checksums() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 0..12).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    let written = table.checkpoint().await.unwrap();
    assert_eq!(
        written
            .iter()
            .map(|(name, version)| (*name, version.0))
            .collect::<Vec<_>>(),
        [("Flows", 12), ("IngestLog", 12), ("Quarantine", 12)]
    );
    filled(folder.path(), 12..15).await;
    age(folder.path(), 8 * DAY);
    let report = vacuum(folder.path(), 7 * DAY, false).await;
    assert_eq!(
        (of(&report, Gone::Log), of(&report, Gone::Data)),
        (36, 0),
        "{report:?}"
    );
    assert!(
        !folder
            .path()
            .join("Flows/_delta_log/00000000000000000011.json")
            .exists()
    );
    let table = Table::open(folder.path()).await.unwrap();
    let report = table.check_deep(1000).await.unwrap();
    assert_eq!((report.files, report.files_summed), (45, 45));
    assert!(
        report
            .problems
            .iter()
            .all(|problem| problem.contains("holds already")),
        "{report:?}"
    );
    assert_whole(folder.path(), 60).await;
    // Damage is still found by the checksums that only the checkpoint has.
    let first = files_with(folder.path(), "Flows/FlowDate")[0].clone();
    let mut bytes = std::fs::read(folder.path().join(&first)).unwrap();
    bytes[100] ^= 1;
    std::fs::write(folder.path().join(&first), bytes).unwrap();
    let problems = table.check_deep(1000).await.unwrap().problems;
    assert!(
        problems.iter().any(|problem| problem.contains(&first)),
        "{problems:?}"
    );

    let gone = table.snapshots_at(TableVersion(3)).await.unwrap_err();
    assert_eq!(
        (gone.code().to_string().as_str(), gone.to_string().as_str()),
        (
            "FG2007",
            "version 3 of `Flows` is not kept any more; the oldest is 12"
        )
    );
    // The log still tells of this one, but its position files are gone.
    let gone = table.snapshots_at(TableVersion(13)).await.unwrap_err();
    assert_eq!(gone.to_string(), "version 13 of `Flows` is not kept any more");
    assert_eq!(table.snapshots_at(TableVersion(15)).await.unwrap()[0].rows(), 60);
    filled(folder.path(), 15..16).await;
    assert_eq!(compact(folder.path()).await.damaged.len(), 1);
    assert_whole(folder.path(), 64).await;
}

#[tokio::test]
async fn a_follower_keeps_what_it_has_still_to_read() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 0..6).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    let registered = table.register_follower("sink", 5).await.unwrap();
    assert_eq!((registered.version, registered.registered_micros), (6, 5));
    assert_eq!(table.register_follower("sink", 9).await.unwrap(), registered);
    let needed = table.snapshots_at(TableVersion(6)).await.unwrap();
    let rows: Vec<_> = needed
        .iter()
        .map(|snapshot| rows_of(folder.path(), snapshot))
        .collect();
    age(folder.path(), 3 * DAY);
    filled(folder.path(), 6..12).await;
    compact(folder.path()).await;
    table.checkpoint().await.unwrap();
    filled(folder.path(), 12..13).await;
    age(folder.path(), 10 * DAY);

    let report = vacuum(folder.path(), 7 * DAY, false).await;
    let held = report.held_back.unwrap();
    assert_eq!(
        (held.follower.name.as_str(), held.follower.version, held.otherwise),
        ("sink", 6, 14)
    );
    assert_eq!(report.keeps_from, 6);
    let kinds = |kind| report.gone.iter().filter(|(gone, ..)| *gone == kind).count();
    assert_eq!((kinds(Gone::Data), kinds(Gone::Log)), (0, 0), "{:?}", report.gone);
    let table = Table::open(folder.path()).await.unwrap();
    let still = table.snapshots_at(TableVersion(6)).await.unwrap();
    let still: Vec<_> = still
        .iter()
        .map(|snapshot| rows_of(folder.path(), snapshot))
        .collect();
    assert_eq!(still, rows);

    let mut table = table;
    for (name, version, said) in [
        (
            "sink",
            3,
            "follower `sink` is at version 6 and does not go back to 3",
        ),
        (
            "sink",
            99,
            "follower `sink` cannot be at version 99: the newest is 14",
        ),
        ("other", 7, "follower `other` is not registered"),
    ] {
        let refused = table
            .advance_follower(name, TableVersion(version), 0)
            .await
            .unwrap_err();
        assert_eq!(
            (refused.to_string().as_str(), refused.code().to_string().as_str()),
            (said, "FG2008")
        );
    }
    let moved = table
        .advance_follower("sink", TableVersion(14), 77)
        .await
        .unwrap();
    assert_eq!(
        (moved.version, moved.registered_micros, moved.advanced_micros),
        (14, 5, 77)
    );
    assert_eq!(table.followers().await.unwrap(), [moved]);
    let report = vacuum(folder.path(), 7 * DAY, false).await;
    assert_eq!((of(&report, Gone::Data), report.held_back), (36, None));
    assert_whole(folder.path(), 52).await;
    table.remove_follower("sink").await.unwrap();
    assert_eq!(table.followers().await.unwrap(), []);
    assert!(matches!(
        table.remove_follower("sink").await,
        Err(TableError::Follower { .. })
    ));
}

#[tokio::test]
async fn a_follower_that_cannot_be_read_keeps_everything_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 0..5).await;
    compact(folder.path()).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    for name in ["", "../x", "A", "a b", &"a".repeat(65)] {
        let refused = table.register_follower(name, 0).await.unwrap_err();
        assert!(
            refused.to_string().contains("cannot be: a name has 1 to 64"),
            "{refused}"
        );
    }
    table.register_follower("rollup", 0).await.unwrap();
    std::fs::write(folder.path().join("_followers/rollup.json"), b"{").unwrap();
    age(folder.path(), 30 * DAY);
    let refused = table
        .vacuum(VacuumOptions::default(), now_micros())
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("follower `rollup` has a file that cannot be read: `_followers/rollup.json`: "),
        "{refused}"
    );
    assert_eq!(files_with(folder.path(), ".parquet").len(), 18);
    table.remove_follower("rollup").await.unwrap();
    let report = table
        .vacuum(VacuumOptions::default(), now_micros())
        .await
        .unwrap();
    assert_eq!(of(&report, Gone::Data), 15);
}
