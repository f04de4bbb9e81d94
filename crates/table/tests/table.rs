//! The table as its users see it: create, append, read, conflict, death at every step.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may stop at the first surprise"
)]

use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::RecordBatch;
use formats::{FlowBatch, Options, Quarantined, Sink};
use model::{RecordHash, SourceId};
use table::{Contribution, IngestRow, Known, Position, QuarantineRow, Table, TableError};

const NOW: i64 = 1_720_000_000_000_000;

#[derive(Default)]
struct Batches(Vec<FlowBatch>);

impl Sink for Batches {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0.push(batch);
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

/// Rows of one record with `count` tuples, from a source.
fn rows(source: &str, minute: u32, count: u32) -> (RecordBatch, RecordHash) {
    let tuples: Vec<String> = (0..count)
        .map(|n| {
            format!(
                "\"17104139{:05},10.0.{}.{},10.9.9.9,4000,443,6,O,E,NX,1,100,2,200\"",
                35_827 + n,
                n / 250,
                n % 250
            )
        })
        .collect();
    let text = format!(
        r#"{{"time":"2024-03-14T10:{minute:02}:41.5Z","macAddress":"6045BDBA5272","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":[{}]}}]}}]}}}}"#,
        tuples.join(",")
    );
    let mut sink = Batches::default();
    let report = formats::read(
        text.as_bytes(),
        Options::new(Position::source_id(source, 0)),
        &mut sink,
    );
    assert_eq!(report.counts.tuples_stored, u64::from(count));
    let batch = sink.0.pop().unwrap();
    (batch.rows, batch.records[0].hash)
}

fn contribution(source: &str, stored: u64) -> Contribution {
    Contribution {
        source: source.into(),
        position: Some(Position {
            source: source.into(),
            incarnation: 0,
            cursor: 100,
            length: 100,
            sha256: "ab".into(),
            size: 102,
            modified: 1,
            hour: Some(5),
        }),
        row: Some(IngestRow {
            source: source.into(),
            source_id: Position::source_id(source, 0),
            incarnation: 0,
            range: 0..100,
            sha256: "ab".into(),
            source_sha256: "ab".into(),
            compression: "none",
            bytes_decoded: 100,
            bytes_given_up: 0,
            records: 1,
            tuples_stored: stored,
            tuples_skipped: 0,
            tuples_quarantined: 1,
            records_repeated: 0,
            times: None,
            oddities: None,
        }),
        quarantined: vec![QuarantineRow {
            source: source.into(),
            source_id: Position::source_id(source, 0),
            code: "FG1001".into(),
            offset: 5,
            length: 3,
            record_offset: Some(0),
            tuple_index: Some(2),
            raw: b"bad".to_vec(),
        }],
    }
}

async fn append(table: &mut Table, source: &str, minute: u32, count: u32) -> Result<RecordHash, TableError> {
    let transaction = table.begin().await?;
    let (batch, hash) = rows(source, minute, count);
    let mut writer = transaction.writer(NOW);
    writer.write(&batch).await?;
    let files = writer.finish().await?;
    transaction
        .commit(files, vec![contribution(source, u64::from(count))], NOW)
        .await?;
    Ok(hash)
}

async fn assert_whole(path: &Path, rows: u64) {
    let table = Table::open(path).await.unwrap();
    let report = table.check().await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    let stats = table.stats().await.unwrap();
    assert_eq!(stats.rows, rows);
    assert_eq!(stats.ingest.stored, rows);
}

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
    assert!(!report.orphans.is_empty());
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
    let found: Vec<SourceId> = known.of(&hash).map(|known| known.source).collect();
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
    let snapshot = table.snapshots().await.unwrap().remove(0);
    assert_eq!(snapshot.files.len(), 104);
    for file in snapshot.files.iter() {
        let time = &file.columns["TimeGenerated"];
        assert!(
            matches!(time.min, Some(table::StatValue::Instant(micros)) if micros % 1_000_000 != 0),
            "{time:?}"
        );
        assert_eq!((file.rows, file.columns["SrcIp"].nulls), (2, Some(0)));
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

#[tokio::test]
async fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 40).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    let file = folder.path().join("Flows").join(&snapshot.files[0].path);
    std::fs::write(&file, b"short").unwrap();
    let report = table.check().await.unwrap();
    assert!(
        report.problems[0].contains("has 5 bytes, the log says"),
        "{report:?}"
    );
    std::fs::remove_file(&file).unwrap();
    assert!(table.check().await.unwrap().problems[0].contains("cannot be opened"));
}

#[tokio::test]
async fn other_folders_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Table::open(&folder.path().join("nowhere")).await.unwrap_err();
    assert_eq!(missing.code().to_string(), "FG2001");
    assert!(matches!(
        Table::open(folder.path()).await,
        Err(TableError::Missing { .. })
    ));

    Table::open_or_create(folder.path()).await.unwrap();
    let log = folder.path().join("Flows/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(
        &log,
        text.replace(r#""flowglass.minReader":"1""#, r#""flowglass.minReader":"9""#),
    )
    .unwrap();
    let newer = Table::open(folder.path()).await.unwrap_err();
    assert!(matches!(newer, TableError::Newer { found: 9, .. }), "{newer}");
    std::fs::write(&log, text.replace("flowglass.", "someone.")).unwrap();
    let foreign = Table::open(folder.path()).await.unwrap_err();
    assert_eq!(foreign.code().to_string(), "FG2003");
}
