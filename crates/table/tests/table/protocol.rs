//! Create, append, read, conflict, death at every step.

use model::SourceId;
use table::{Known, Position, Table, TableError};

use super::fixture::{NOW, append, assert_whole, contribution, rows};

#[tokio::test]
async fn what_is_appended_is_read_back_with_its_position() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 1000).await.unwrap();
    append(&mut table, "file:///b", 58, 10).await.unwrap();
    assert_whole(folder.path(), 1010).await;

    let mut table = Table::open(folder.path()).await.unwrap();
    let mut transaction = table.begin().await.unwrap();
    assert_eq!(
        transaction
            .position("file:///a", Some(5))
            .await
            .unwrap()
            .unwrap()
            .cursor,
        100
    );
    assert_eq!(transaction.position("file:///c", None).await.unwrap(), None);
    let snapshots = table.snapshots().await.unwrap();
    assert_eq!(
        snapshots.iter().map(table::Snapshot::rows).collect::<Vec<_>>(),
        [1010, 2, 2]
    );
    let file = &snapshots[0].files[0];
    assert!(file.columns.contains_key("SrcIp") && file.columns.contains_key("TimeGenerated"));
    let stats = table.stats().await.unwrap();
    assert_eq!(
        (stats.sources, stats.ingest.received, stats.ingest.quarantined),
        (2, 1012, 2)
    );
    assert!(
        stats
            .columns
            .iter()
            .any(|(name, bytes)| name == "SrcIp" && *bytes > 0)
    );
}

#[tokio::test]
async fn an_earlier_version_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 7).await.unwrap();
    let version = table.version();
    append(&mut table, "file:///b", 58, 10).await.unwrap();
    let snapshots = table.snapshots_at(version).await.unwrap();
    assert_eq!(snapshots[0].rows(), 7);
}

#[tokio::test]
async fn of_two_writers_on_one_shard_one_wins_and_the_other_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Table::open_or_create(folder.path()).await.unwrap();
    let mut two = Table::open(folder.path()).await.unwrap();
    let (batch, _) = rows("file:///a", 59, 5);
    let mut pending = Vec::new();
    for table in [&mut one, &mut two] {
        let mut transaction = table.begin().await.unwrap();
        assert_eq!(transaction.position("file:///a", None).await.unwrap(), None);
        let mut writer = transaction.writer(NOW);
        writer.write(&batch).await.unwrap();
        pending.push((transaction, writer.finish().await.unwrap()));
    }
    let mut outcomes = Vec::new();
    for (transaction, files) in pending {
        outcomes.push(
            transaction
                .commit(files, vec![contribution("file:///a", 5)], NOW)
                .await,
        );
    }
    assert!(outcomes[0].is_ok());
    assert!(matches!(outcomes[1], Err(TableError::Conflict)), "{outcomes:?}");
    // The loser's IngestLog and Quarantine rows do not count.
    assert_whole(folder.path(), 5).await;
    let table = Table::open(folder.path()).await.unwrap();
    let snapshots = table.snapshots().await.unwrap();
    assert_eq!((snapshots[1].rows(), snapshots[2].rows()), (1, 1));
    let report = table.check().await.unwrap();
    // It takes its data with it: whoever reads the files without the log must not find them twice.
    assert!(report.problems.is_empty(), "{report:?}");
    assert!(
        !report.orphans.is_empty()
            && report
                .orphans
                .iter()
                .all(|orphan| orphan.path.starts_with("_positions/")),
        "{report:?}"
    );
}

#[tokio::test]
async fn writers_on_different_shards_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    Table::open_or_create(folder.path()).await.unwrap();
    let names: Vec<String> = (0..).map(|n| format!("file:///{n}")).take(6).collect();
    let work = names.iter().map(|name| async {
        let mut table = Table::open(folder.path()).await.unwrap();
        loop {
            match append(&mut table, name, 59, 3).await {
                Ok(_) => break,
                Err(TableError::Conflict) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
    futures::future::join_all(work).await;
    assert_whole(folder.path(), 18).await;
}

#[tokio::test]
async fn a_claim_without_a_commit_leaves_a_gap_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 4).await.unwrap();
    let shard = Position::shard_of("file:///a");
    let claimed = folder
        .path()
        .join(table::ShardState::path(shard, model::Sequence(2)));
    std::fs::write(&claimed, b"left by a writer that died").unwrap();
    append(&mut table, "file:///a", 58, 4).await.unwrap();
    assert_whole(folder.path(), 8).await;
    let mut transaction = table.begin().await.unwrap();
    assert!(transaction.position("file:///a", None).await.unwrap().is_some());
}

#[tokio::test]
async fn known_records_are_found_by_time_and_hash() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let hash = append(&mut table, "file:///a", 59, 2000).await.unwrap();
    append(&mut table, "file:///b", 30, 10).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    let at = |minute: i64| 1_710_410_400_000_000 + minute * 60_000_000;
    let known = Known::load(&snapshot, Some(at(59)..at(60))).await.unwrap();
    assert_eq!(known.len(), 1);
    let found: Vec<SourceId> = known.sources(&hash, 0).collect();
    assert_eq!(found, [Position::source_id("file:///a", 0)]);
    assert!(
        Known::load(&snapshot, Some(at(40)..at(50)))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(Known::load(&snapshot, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn after_a_checkpoint_files_bounds_and_positions_are_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    for n in 0..104_u32 {
        append(&mut table, &format!("file:///{}", n % 7), n % 60, 2)
            .await
            .unwrap();
    }
    let log = folder.path().join("Flows/_delta_log");
    assert!(log.join("_last_checkpoint").exists());
    // What only the checkpoint knows must come from it.
    for version in 0..90 {
        std::fs::remove_file(log.join(format!("{version:020}.json"))).unwrap();
    }
    assert_whole(folder.path(), 208).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    let report = table.check_deep(1 << 20).await.unwrap();
    // The same seven blobs again and again: each but the first time is one too many.
    let again = format!("`Flows` holds {} rows that it holds already", 208 - 2 * 7);
    assert!(
        report.problems.len() == 1 && report.problems[0].starts_with(&again),
        "{report:?}"
    );
    assert_eq!((report.files, report.files_summed), (312, 312));
    let snapshot = table.snapshots().await.unwrap().remove(0);
    assert_eq!(snapshot.files.len(), 104);
    for file in snapshot.files.iter() {
        let time = &file.columns["TimeGenerated"];
        assert!(
            matches!(time.min, Some(table::StatValue::Instant(micros)) if micros % 1_000_000 != 0),
            "{time:?}"
        );
        assert_eq!((file.rows, file.columns["SrcIp"].nulls), (Some(2), Some(0)));
    }
    let mut transaction = table.begin().await.unwrap();
    assert!(
        transaction
            .position("file:///3", Some(5))
            .await
            .unwrap()
            .is_some()
    );
}
