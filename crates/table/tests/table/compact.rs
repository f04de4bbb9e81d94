//! Compaction: the same rows in fewer files, whoever else is at work.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use model::TableVersion;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest as _, Sha256};
use table::{CompactOptions, Position, ShardState, Table};

use super::care::{all_rows, compact, rows_of};
use super::fixture::{NOW, append, assert_whole, contribution, rows};

async fn filled(folder: &Path, commits: u32) {
    let mut table = Table::open_or_create(folder).await.unwrap();
    for n in 0..commits {
        append(&mut table, &format!("file:///{n}"), n % 60, 5 + n)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn small_files_become_one_and_every_row_stays() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 12).await;
    let before = all_rows(folder.path()).await;
    let plan = Table::open(folder.path()).await.unwrap();
    let plan = plan.compact_plan(&CompactOptions::default()).await.unwrap();
    let planned: Vec<_> = plan
        .folds
        .iter()
        .map(|fold| (fold.table, fold.files, fold.rows))
        .collect();
    let expected = [
        ("Flows", (12, 1), 126),
        ("IngestLog", (12, 1), 12),
        ("Quarantine", (12, 1), 12),
    ];
    assert_eq!(planned, expected);

    let report = compact(folder.path()).await;
    let done: Vec<_> = report
        .folds
        .iter()
        .map(|fold| (fold.table, fold.files, fold.rows))
        .collect();
    assert_eq!(done, expected);
    assert!(
        report.folds.iter().all(|fold| fold.bytes.1 < fold.bytes.0),
        "{report:?}"
    );
    assert_eq!(
        (report.given_up, report.never_committed, report.damaged.len()),
        (0, 0, 0)
    );
    assert_eq!(all_rows(folder.path()).await, before);
    assert_whole(folder.path(), 126).await;
    let table = Table::open(folder.path()).await.unwrap();
    let report = table.check_deep(1000).await.unwrap();
    assert!(
        report.problems.is_empty() && report.orphans.is_empty(),
        "{report:?}"
    );
    assert_eq!(
        (report.files, report.files_summed, report.superseded.0),
        (3, 3, 36)
    );
    // Once more: nothing is worth it.
    assert_eq!(compact(folder.path()).await.folds, []);
    let stats = table.stats().await.unwrap();
    assert_eq!((stats.small.0, stats.compact.len()), (1, 0));
}

#[tokio::test]
async fn the_new_file_is_sorted_and_told_of_as_the_ingest_writer_would() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 9).await;
    let mut once = Table::open_or_create(&folder.path().join("once")).await.unwrap();
    // The same rows in one commit: what the ingest writer makes of them.
    let transaction = once.begin().await.unwrap();
    let mut writer = transaction.writer(NOW);
    let mut contributions = Vec::new();
    for n in (0..9).rev() {
        let source = format!("file:///{n}");
        writer.write(&rows(&source, n, 5 + n).0).await.unwrap();
        contributions.push(contribution(&source, u64::from(5 + n)));
    }
    let files = writer.finish().await.unwrap();
    transaction.commit(files, contributions, NOW).await.unwrap();

    compact(folder.path()).await;
    let read = async |path: &Path| {
        let table = Table::open(path).await.unwrap();
        let snapshot = table.snapshots().await.unwrap().remove(0);
        assert_eq!(snapshot.files.len(), 1);
        let file = snapshot.files[0].clone();
        let open = std::fs::File::open(path.join("Flows").join(&file.path)).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(open).unwrap();
        let encodings: Vec<String> = builder
            .metadata()
            .row_group(0)
            .columns()
            .iter()
            .map(|column| {
                let bloom = column.bloom_filter_offset().is_some();
                format!("{} {:?} {bloom}", column.column_path(), column.compression())
            })
            .collect();
        let batch = builder.build().unwrap().next().unwrap().unwrap();
        let long = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_primitive::<Int64Type>()
                .values()
                .to_vec()
        };
        let times = batch.column_by_name("TimeGenerated").unwrap();
        let times = times.as_primitive::<TimestampMicrosecondType>().values().to_vec();
        let tuples = batch
            .column_by_name("TupleIndex")
            .unwrap()
            .as_primitive::<Int32Type>()
            .values()
            .to_vec();
        (
            encodings,
            times,
            long("SourceId"),
            long("RecordOffset"),
            tuples,
            file.rows,
            file.columns,
        )
    };
    assert_eq!(read(folder.path()).await, read(&folder.path().join("once")).await);
}

#[tokio::test]
async fn several_passes_where_memory_is_short_and_several_files_where_they_fill() {
    for (options, files) in [
        (
            CompactOptions {
                runs_max: 4,
                ..CompactOptions::default()
            },
            1,
        ),
        (
            CompactOptions {
                memory_bytes: 1,
                ..CompactOptions::default()
            },
            1,
        ),
        (
            CompactOptions {
                target_bytes: 60_000,
                ..CompactOptions::default()
            },
            2,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path(), 16).await;
        let before = all_rows(folder.path()).await;
        let mut table = Table::open(folder.path()).await.unwrap();
        let mut told = 0;
        let report = table.compact(&options, NOW, |_| told += 1).await.unwrap();
        assert_eq!(told, report.folds.len());
        let snapshot = table.snapshots().await.unwrap().remove(0);
        assert!(snapshot.files.len() <= files + 2, "{options:?}: {report:?}");
        for fold in report.folds.iter().filter(|fold| fold.table == "Flows") {
            assert!(
                fold.files.0 <= options.runs_max as u64 && fold.files.0 >= 2,
                "{fold:?}"
            );
        }
        assert_eq!(all_rows(folder.path()).await, before);
        assert!(table.check_deep(1000).await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn runs_in_another_order_are_sorted_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    for n in 0..6 {
        let transaction = table.begin().await.unwrap();
        let source = format!("file:///{n}");
        let (batch, _) = rows(&source, n, 40);
        let mut writer = transaction.writer(NOW);
        writer.write(&batch).await.unwrap();
        let files = writer.finish().await.unwrap();
        // As a program would that sorts by something else: the file's rows backwards.
        let path = folder.path().join("Flows").join(&files[0].file.path);
        backwards(&path);
        let bytes = std::fs::read(&path).unwrap();
        let files = vec![table::WrittenFile {
            file: table::DataFile {
                bytes: bytes.len() as u64,
                ..files[0].file.clone()
            },
            sha256: hex::encode(Sha256::digest(&bytes)),
        }];
        transaction
            .commit(files, vec![contribution(&source, 40)], NOW)
            .await
            .unwrap();
    }
    let before = all_rows(folder.path()).await;
    let report = compact(folder.path()).await;
    assert_eq!(report.folds[0].files, (6, 1));
    assert_eq!(all_rows(folder.path()).await, before);
    let table = Table::open(folder.path()).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    let open = std::fs::File::open(folder.path().join("Flows").join(&snapshot.files[0].path)).unwrap();
    let batch = ParquetRecordBatchReaderBuilder::try_new(open)
        .unwrap()
        .build()
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let times = batch.column_by_name("RecordTime").unwrap();
    assert!(
        times
            .as_primitive::<TimestampMicrosecondType>()
            .values()
            .is_sorted()
    );
    // What was sorted only run by run is merged like any other, later.
    drop(table);
    filled(folder.path(), 8).await;
    compact(folder.path()).await;
    assert!(
        Table::open(folder.path())
            .await
            .unwrap()
            .check_deep(1000)
            .await
            .unwrap()
            .orphans
            .is_empty()
    );
}

fn backwards(path: &Path) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    let schema = batches[0].schema();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, schema, None).unwrap();
    for batch in batches.iter().rev() {
        for row in (0..batch.num_rows()).rev() {
            writer.write(&batch.slice(row, 1)).unwrap();
        }
    }
    writer.close().unwrap();
}

/// The library takes two entries that remove the same files without a change of data for compatible.
#[tokio::test]
async fn of_two_compactions_at_once_one_wins_and_no_row_is_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 10).await;
    let before = all_rows(folder.path()).await;
    let both = (0..3).map(|_| async {
        let mut table = Table::open(folder.path()).await.unwrap();
        table
            .compact(&CompactOptions::default(), NOW, |_| {})
            .await
            .unwrap()
    });
    let reports = futures::future::join_all(both).await;
    let folded: Vec<usize> = reports.iter().map(|report| report.folds.len()).collect();
    assert_eq!(folded.iter().sum::<usize>(), 3, "{reports:?}");
    assert_eq!(all_rows(folder.path()).await, before);
    let report = Table::open(folder.path())
        .await
        .unwrap()
        .check_deep(1000)
        .await
        .unwrap();
    // Who lost has taken its files away.
    assert!(
        report.problems.is_empty() && report.orphans.is_empty(),
        "{report:?}"
    );
}

#[tokio::test]
async fn writers_and_readers_go_on_while_it_compacts() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 8).await;
    // One that has begun before, and commits afterwards.
    let mut table = Table::open(folder.path()).await.unwrap();
    let transaction = table.begin().await.unwrap();
    let mut writer = transaction.writer(NOW);
    writer.write(&rows("file:///late", 30, 7).0).await.unwrap();
    let files = writer.finish().await.unwrap();
    let reader = Table::open(folder.path()).await.unwrap();
    let earlier = reader.snapshots().await.unwrap();
    let seen = rows_of(folder.path(), &earlier[0]);
    let sum = 8 * 5 + (0..8).sum::<u64>();

    let writing = async {
        let mut table = Table::open(folder.path()).await.unwrap();
        for n in 0..6 {
            append(&mut table, &format!("file:///more/{n}"), n, 3)
                .await
                .unwrap();
        }
    };
    let compacting = async {
        for _ in 0..3 {
            compact(folder.path()).await;
        }
    };
    let reading = async {
        for _ in 0..10 {
            let table = Table::open(folder.path()).await.unwrap();
            let report = table.check().await.unwrap();
            assert!(report.problems.is_empty(), "{report:?}");
            tokio::task::yield_now().await;
        }
    };
    futures::join!(writing, compacting, reading);
    transaction
        .commit(files, vec![contribution("file:///late", 7)], NOW)
        .await
        .unwrap();
    assert_whole(folder.path(), sum + 6 * 3 + 7).await;
    assert_eq!(rows_of(folder.path(), &earlier[0]), seen);
    let report = Table::open(folder.path())
        .await
        .unwrap()
        .check_deep(1000)
        .await
        .unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
}

/// Rows of transactions that never were are left out; those of one that may still be stay.
#[tokio::test]
async fn what_was_never_committed_is_dropped_once_it_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 1).await;
    let mut one = Table::open(folder.path()).await.unwrap();
    let mut two = Table::open(folder.path()).await.unwrap();
    let mut pending = Vec::new();
    for table in [&mut one, &mut two] {
        let mut transaction = table.begin().await.unwrap();
        transaction.position("file:///0", None).await.unwrap();
        pending.push(transaction);
    }
    let loser = pending.pop().unwrap();
    let winner = pending.pop().unwrap();
    let refused = async {
        winner
            .commit(Vec::new(), vec![contribution("file:///0", 0)], NOW)
            .await
            .unwrap();
        loser
            .commit(Vec::new(), vec![contribution("file:///0", 0)], NOW)
            .await
    };
    assert!(refused.await.is_err());
    // The loser has claimed a sequence that is newer than what is committed.
    assert_eq!(compact(folder.path()).await.never_committed, 0);
    let mut table = Table::open(folder.path()).await.unwrap();
    append(&mut table, "file:///0", 3, 4).await.unwrap();
    let before = all_rows(folder.path()).await;
    let report = compact(folder.path()).await;
    assert_eq!(report.never_committed, 2, "{report:?}");
    assert_eq!(all_rows(folder.path()).await, before);
    // The same source's rows again and again: quick, because they are there twice.
    let table = Table::open(folder.path()).await.unwrap();
    assert!(table.check().await.unwrap().problems.is_empty());
    let shard = Position::shard_of("file:///0");
    assert!(
        folder
            .path()
            .join(ShardState::path(shard, model::Sequence(3)))
            .exists()
    );
}

/// A file of `IngestLog` may hold rows of transactions before and after the version that is asked for.
#[tokio::test]
async fn an_earlier_version_has_the_side_tables_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for n in 0..10 {
        let mut table = Table::open_or_create(folder.path()).await.unwrap();
        append(&mut table, &format!("file:///{}", n % 4), n, 3)
            .await
            .unwrap();
        let version = table.version();
        expected.push((version, all_rows(folder.path()).await));
        if n % 5 == 4 {
            compact(folder.path()).await;
        }
    }
    let table = Table::open(folder.path()).await.unwrap();
    for (version, rows) in expected {
        let snapshots = table.snapshots_at(version).await.unwrap();
        let found: Vec<_> = snapshots
            .iter()
            .map(|snapshot| rows_of(folder.path(), snapshot))
            .collect();
        assert_eq!(found, rows, "version {version}");
    }
    // A reader that looked at `Flows` before the compaction, and at the others after it.
    let stale = table.snapshots_at(TableVersion(3)).await.unwrap();
    assert_eq!(
        stale.iter().map(table::Snapshot::rows).collect::<Vec<_>>(),
        [9, 3, 3]
    );
}

#[tokio::test]
async fn damaged_files_are_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 8).await;
    let table = Table::open(folder.path()).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    let name = &snapshot.files[2].path;
    let path = folder.path().join("Flows").join(name);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    let report = compact(folder.path()).await;
    let said = format!("`Flows/{name}` holds other bytes than were written: its SHA-256 differs");
    assert_eq!(report.damaged, [said]);
    assert_eq!(report.folds[0].files, (7, 1));
    // It is still where the check finds it.
    let problems = table::Table::open(folder.path())
        .await
        .unwrap()
        .check_deep(100)
        .await
        .unwrap()
        .problems;
    assert!(problems[0].contains(name.as_str()), "{problems:?}");
}
