//! The table of format 1 that is kept in the tree (tests/data): it must open for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;
use table::{Table, day_text};

use super::fixture::append;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format-1")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_table_of_format_1_opens_and_has_its_sums() {
    let table = Table::open(&kept()).await.unwrap();
    let report = table.check_deep(10).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    // It is from before checksums.
    assert_eq!((report.files, report.files_summed, report.rows), (9, 0, 67));
    let stats = table.stats().await.unwrap();
    let ingest = stats.ingest;
    assert_eq!(
        (stats.version, stats.rows, stats.files, stats.sources),
        (3, 61, 3, 3)
    );
    assert_eq!((ingest.received, ingest.stored, ingest.quarantined), (64, 61, 3));
    let days: BTreeMap<String, u64> = stats
        .days
        .iter()
        .map(|(day, (rows, _))| (day_text(*day), *rows))
        .collect();
    assert_eq!(days, BTreeMap::from([("2026-03-02".to_owned(), 61)]));
    assert_eq!(stats.times, Some((1_772_409_648_340_000, 1_772_413_058_558_000)));
}

#[tokio::test]
async fn reading_goes_on_where_format_1_stopped() {
    let folder = tempfile::tempdir().unwrap();
    copy(&kept(), folder.path());
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(1);
    assert_eq!(snapshot.files.len(), 3);
    super::fixture::append(&mut table, "file:///a", 59, 7)
        .await
        .unwrap();
    let report = table.check_deep(10).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    // What is added has checksums, what was there has none.
    assert_eq!((report.files, report.files_summed), (12, 3));
    let source = "az://account/insights-logs-flowlogflowevent/flowLogResourceID=/74B53D29-9A19-48B9-9EC5-4BAD487BA0B0_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_VNET-HUB-RG-HUB-FLOWLOG/y=2026/m=03/d=02/h=00/m=00/macAddress=000D3AD30002/PT1H.json";
    let mut transaction = table.begin().await.unwrap();
    let position = transaction.position(source, Some(492_336)).await.unwrap();
    assert_eq!(position.unwrap().cursor, 5195);
}

/// Whatever it takes to bring it to the present format, its rows stay, and the table can be cared for.
#[tokio::test]
async fn format_1_is_migrated_and_compacted() {
    let folder = tempfile::tempdir().unwrap();
    copy(&kept(), folder.path());
    let before = super::care::all_rows(folder.path()).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    let planned = table.migration().unwrap();
    assert_eq!(table.migrate().await.unwrap(), planned);
    assert_eq!(table.migration().unwrap(), []);
    assert_eq!(table.migrate().await.unwrap(), []);
    assert_eq!(super::care::all_rows(folder.path()).await, before);
    append(&mut table, "file:///a", 59, 7).await.unwrap();
    append(&mut table, "file:///b", 58, 7).await.unwrap();
    table.checkpoint().await.unwrap();
    super::care::compact(folder.path()).await;
    let table = Table::open(folder.path()).await.unwrap();
    let report = table.check_deep(10).await.unwrap();
    assert!(
        report.problems.is_empty() && report.orphans.is_empty(),
        "{report:?}"
    );
    assert_eq!(table.stats().await.unwrap().rows, 61 + 14);
}

/// A bit at which the Parquet reader of 2026 panics: told like any other damage.
#[tokio::test]
async fn damage_that_breaks_the_reader_is_told_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    copy(&kept(), folder.path());
    let name = "Flows/FlowDate=2026-03-02/part-3bc21718-4a5b-4eec-8b31-2f3977bd3dea.parquet";
    let mut bytes = std::fs::read(folder.path().join(name)).unwrap();
    bytes[131] ^= 1;
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let table = Table::open(folder.path()).await.unwrap();
    let problems = table.check_deep(10).await.unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with(&format!("`{name}` cannot be decoded: ")),
        "{problems:?}"
    );
}

#[tokio::test]
async fn address_columns_have_blooms_that_know_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 40).await.unwrap();
    let snapshot = table.snapshots().await.unwrap().remove(0);
    let file = std::fs::File::open(folder.path().join("Flows").join(&snapshot.files[0].path)).unwrap();
    let properties = parquet::file::properties::ReaderProperties::builder()
        .set_read_bloom_filter(true)
        .build();
    let options = ReadOptionsBuilder::new()
        .with_reader_properties(properties)
        .build();
    let reader = SerializedFileReader::new_with_options(file, options).unwrap();
    let group = reader.get_row_group(0).unwrap();
    let mut with_bloom = Vec::new();
    for (index, column) in group.metadata().columns().iter().enumerate() {
        if let Some(bloom) = group.get_column_bloom_filter(index) {
            let strangers = (0..200)
                .filter(|n| bloom.check(&format!("203.0.113.{n}").as_str()))
                .count();
            assert!(strangers < 20, "{}: {strangers} of 200", column.column_path());
            with_bloom.push((column.column_path().string(), bloom.check(&"10.9.9.9")));
        }
    }
    let expected = [("SrcIp".to_owned(), false), ("DestIp".to_owned(), true)];
    assert_eq!(with_bloom, expected);
}
