//! What may be opened, by whom, and that opening changes nothing.

use std::path::{Path, PathBuf};

use table::{Table, TableError};

use super::fixture::{append, assert_whole};

/// Every file of a folder with its size.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn reading_writes_nothing_and_missing_side_tables_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 5).await.unwrap();
    let whole = files(folder.path());
    assert_whole(folder.path(), 5).await;
    assert_eq!(files(folder.path()), whole);

    // As a writer leaves it that dies while it creates the table.
    let folder = tempfile::tempdir().unwrap();
    Table::open_or_create(folder.path()).await.unwrap();
    for side in ["IngestLog", "Quarantine"] {
        std::fs::remove_dir_all(folder.path().join(side)).unwrap();
    }
    let before = files(folder.path());
    assert_whole(folder.path(), 0).await;
    let mut table = Table::open(folder.path()).await.unwrap();
    assert!(table.check_deep(100).await.unwrap().problems.is_empty());
    let snapshots = table.snapshots().await.unwrap();
    assert!(snapshots.iter().all(|snapshot| snapshot.files.is_empty()));
    table.refresh().await.unwrap();
    assert_eq!(files(folder.path()), before);

    // Two that write: the second finds what the first made.
    let mut other = Table::open(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 5).await.unwrap();
    append(&mut other, "file:///b", 58, 5).await.unwrap();
    assert_whole(folder.path(), 10).await;
}

/// Replaces a part of the first entry of the log of `Flows`.
fn rewrite_log(folder: &Path, from: &str, to: &str) -> String {
    let log = folder.join("Flows/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains(from));
    std::fs::write(&log, text.replace(from, to)).unwrap();
    text
}

#[tokio::test]
async fn a_table_for_newer_writers_is_read_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    append(&mut table, "file:///a", 59, 5).await.unwrap();
    rewrite_log(
        folder.path(),
        r#""flowglass.minWriter":"1""#,
        r#""flowglass.minWriter":"9""#,
    );
    assert_whole(folder.path(), 5).await;
    let before = files(folder.path());
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let refused = append(&mut table, "file:///a", 58, 5).await.unwrap_err();
    assert!(matches!(refused, TableError::Newer { found: 9, .. }), "{refused}");
    assert_eq!(refused.code().to_string(), "FG2002");
    assert_eq!(files(folder.path()), before);
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
