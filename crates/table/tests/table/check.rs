//! What a check finds, in tables damaged on purpose.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
use table::{CheckReport, Table};

use super::fixture::{NOW, append, contribution, rows};

const PASS: usize = 1000;

async fn deep(folder: &Path) -> CheckReport {
    Table::open(folder).await.unwrap().check_deep(PASS).await.unwrap()
}

/// The only data file of `Flows`.
async fn data_file(folder: &Path) -> PathBuf {
    let table = Table::open(folder).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    assert_eq!(snapshot.files.len(), 1);
    folder.join("Flows").join(&snapshot.files[0].path)
}

/// Rewrites what the newest entry of the log of `Flows` says.
fn rewrite_log(folder: &Path, change: impl Fn(String) -> String) {
    let log = folder.join("Flows/_delta_log");
    let mut entries: Vec<PathBuf> = std::fs::read_dir(log)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    entries.sort();
    let newest = entries.last().unwrap();
    let text = std::fs::read_to_string(newest).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    std::fs::write(newest, changed).unwrap();
}

fn without_checksums(text: &str) -> String {
    text.replace("flowglass.sha256", "someone.sha256")
}

#[tokio::test]
async fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 40).await.unwrap();
    let file = data_file(folder.path()).await;
    std::fs::write(&file, b"short").unwrap();
    let report = table.check().await.unwrap();
    assert!(
        report.problems[0].contains("has 5 bytes, the log says"),
        "{report:?}"
    );
    std::fs::remove_file(&file).unwrap();
    let report = table.check().await.unwrap();
    assert!(
        report.problems[0].ends_with("cannot be opened: no such file or folder"),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_whole_table_passes_and_the_report_says_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 2500).await.unwrap();
    append(&mut table, "file:///b", 30, 100).await.unwrap();
    let quick = table.check().await.unwrap();
    assert!(quick.problems.is_empty() && !quick.deep && quick.files_summed == 0);
    for rows_per_pass in [300, 1000, 1 << 20] {
        let report = table.check_deep(rows_per_pass).await.unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        // Rows of the two side tables are counted too.
        assert_eq!((report.files, report.files_summed, report.rows), (6, 6, 2604));
        assert!(report.deep && report.bytes == quick.bytes && report.orphans.is_empty());
    }
}

/// Every byte counts: one bit flipped anywhere in the file is found, and named, and nothing panics.
#[tokio::test]
async fn a_flipped_bit_anywhere_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 300).await.unwrap();
    let file = data_file(folder.path()).await;
    let bytes = std::fs::read(&file).unwrap();
    for place in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (place % 8);
        std::fs::write(&file, &damaged).unwrap();
        let report = deep(folder.path()).await;
        let named = file.file_name().unwrap().to_str().unwrap();
        assert!(
            report.problems.iter().any(|problem| problem.contains(named)),
            "byte {place}: {report:?}"
        );
    }
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(deep(folder.path()).await.problems, [""; 0]);
}

#[tokio::test]
async fn damage_shows_without_a_checksum_as_far_as_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 300).await.unwrap();
    rewrite_log(folder.path(), |text| without_checksums(&text));
    let report = deep(folder.path()).await;
    assert!(report.problems.is_empty(), "{report:?}");
    assert_eq!((report.files, report.files_summed), (3, 2));
    // The first column: addresses of interfaces. A Bloom filter or a value within its bounds could be
    // damaged unseen, which is why there are checksums.
    let file = data_file(folder.path()).await;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4..64].fill(0xff);
    std::fs::write(&file, &bytes).unwrap();
    let report = deep(folder.path()).await;
    assert!(
        report
            .problems
            .iter()
            .any(|problem| problem.contains("cannot be decoded: ")),
        "{report:?}"
    );
    // The footer is whole, and it is all that the quick check reads.
    let quick = Table::open(folder.path()).await.unwrap().check().await.unwrap();
    assert!(quick.problems.is_empty());
}

#[tokio::test]
async fn statistics_that_do_not_hold_are_named() {
    for (from, to, problem) in [
        (
            r#"\"TupleIndex\":39"#,
            r#"\"TupleIndex\":38"#,
            "has a value of `TupleIndex` above what the log says",
        ),
        (
            r#"\"SrcIp\":\"10.0.0.0\""#,
            r#"\"SrcIp\":\"10.0.0.00\""#,
            "has a value of `SrcIp` below what the log says",
        ),
        (
            r#"\"SrcIp\":0"#,
            r#"\"SrcIp\":1"#,
            "has 0 rows without `SrcIp`, the log says 1",
        ),
        (
            r#"\"numRecords\":40"#,
            r#"\"numRecords\":41"#,
            "has 40 rows, the log says 41",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut table = Table::open_or_create(folder.path()).await.unwrap();
        append(&mut table, "file:///a", 59, 40).await.unwrap();
        rewrite_log(folder.path(), |text| text.replace(from, to));
        let report = deep(folder.path()).await;
        assert_eq!(report.problems.len(), 1, "{report:?}");
        assert!(report.problems[0].ends_with(problem), "{report:?}");
    }
}

/// Stores a batch as it is, with a row of `IngestLog` that says as many.
async fn store(table: &mut Table, batch: &RecordBatch, source: &str, said: u64) {
    let transaction = table.begin().await.unwrap();
    let mut writer = transaction.writer(NOW);
    writer.write(batch).await.unwrap();
    let files = writer.finish().await.unwrap();
    let contributions = vec![contribution(source, said)];
    transaction.commit(files, contributions, NOW).await.unwrap();
}

fn with_column(batch: &RecordBatch, name: &str, values: ArrayRef) -> RecordBatch {
    let mut columns = batch.columns().to_vec();
    columns[batch.schema().index_of(name).unwrap()] = values;
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

#[tokio::test]
async fn a_row_in_another_days_partition_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let (batch, _) = rows("file:///a", 59, 3);
    let later = Arc::new(Date32Array::from(vec![19_797; 3]));
    store(
        &mut table,
        &with_column(&batch, "FlowDate", later),
        "file:///a",
        3,
    )
    .await;
    assert!(table.check().await.unwrap().problems.is_empty());
    let report = deep(folder.path()).await;
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(
        report.problems[0]
            .ends_with("is of day 2024-03-15, but has a row with `TimeGenerated` on 2024-03-14"),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_row_stored_twice_is_found_in_every_number_of_passes() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let (batch, _) = rows("file:///a", 59, 50);
    store(&mut table, &batch, "file:///a", 50).await;
    store(&mut table, &batch.slice(7, 1), "file:///a", 1).await;
    assert!(table.check().await.unwrap().problems.is_empty());
    let source = table::Position::source_id("file:///a", 0).0;
    let problem = format!(
        "`Flows` holds 1 rows that it holds already, one of them of source {source}, record at 0, tuple 7"
    );
    for rows_per_pass in [1, 3, 20, 1000] {
        let report = table.check_deep(rows_per_pass).await.unwrap();
        assert_eq!(report.problems, [problem.as_str()], "{rows_per_pass}");
    }
}

#[tokio::test]
async fn sources_that_make_up_for_each_other_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let (batch, _) = rows("file:///a", 59, 10);
    store(&mut table, &batch, "file:///a", 9).await;
    let (batch, _) = rows("file:///b", 59, 10);
    store(&mut table, &batch, "file:///b", 11).await;
    assert!(table.check().await.unwrap().problems.is_empty());
    let says = |name: &str, said: u64| {
        let id = table::Position::source_id(name, 0).0;
        format!("source {id} has 10 rows in `Flows`, `IngestLog` says {said}")
    };
    let mut expected = [says("file:///a", 9), says("file:///b", 11)];
    expected.sort();
    for rows_per_pass in [4, 1000] {
        let mut problems = table.check_deep(rows_per_pass).await.unwrap().problems;
        problems.sort();
        assert_eq!(problems, expected);
    }
}

#[tokio::test]
async fn many_differing_sources_are_counted_and_ten_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let (batch, _) = rows("file:///a", 59, 30);
    let sources = Arc::new(Int64Array::from_iter_values(0..30));
    store(
        &mut table,
        &with_column(&batch, "SourceId", sources),
        "file:///a",
        30,
    )
    .await;
    let report = deep(folder.path()).await;
    assert_eq!(report.problems.len(), 11, "{report:?}");
    assert_eq!(
        report.problems[10],
        "21 more sources differ between `Flows` and `IngestLog`"
    );
}

#[tokio::test]
async fn a_file_without_statistics_is_read_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 40).await.unwrap();
    rewrite_log(folder.path(), |text| {
        text.replace(r#""stats":"#, r#""statistics":"#)
    });
    let report = deep(folder.path()).await;
    assert!(report.problems.is_empty(), "{report:?}");
    let table = Table::open(folder.path()).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    assert_eq!(
        (snapshot.files[0].rows, snapshot.files[0].columns.len()),
        (None, 0)
    );
    // The footer still knows.
    assert_eq!(table.stats().await.unwrap().rows, 40);
}

#[tokio::test]
async fn files_that_nothing_names_are_listed_with_their_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 5).await.unwrap();
    let left = ["Flows/FlowDate=2024-03-14/part-x.parquet", "Flows/.tmp-1"];
    for path in left {
        std::fs::write(folder.path().join(path), b"left").unwrap();
    }
    let orphans = table.check().await.unwrap().orphans;
    let mut found: Vec<&str> = orphans.iter().map(|orphan| orphan.path.as_str()).collect();
    found.sort_by_key(|path| path.contains(".tmp"));
    assert_eq!(found, left);
    assert!(orphans.iter().all(|orphan| orphan.bytes == 4));
}

#[tokio::test]
async fn an_empty_entry_of_the_log_is_a_lost_commit() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 5).await.unwrap();
    append(&mut table, "file:///b", 58, 5).await.unwrap();
    let entry = format!("Flows/_delta_log/{:020}.json", table.version().0);
    std::fs::write(folder.path().join(&entry), b"").unwrap();
    let report = Table::open(folder.path()).await.unwrap().check().await.unwrap();
    let problem = format!("`{entry}` is empty: that commit, and what came after it, is lost");
    assert!(report.problems.contains(&problem), "{report:?}");
}
