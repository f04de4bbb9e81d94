//! What the tests of compaction and vacuum need: the rows of a table, and time going by.

use std::path::Path;
use std::time::{Duration, SystemTime};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use table::{CompactOptions, CompactReport, Snapshot, Table};

use super::fixture::NOW;

/// Every row of a snapshot as text, columns by name, in order: a multiset.
pub(crate) fn rows_of(folder: &Path, snapshot: &Snapshot) -> Vec<String> {
    let mut rows = Vec::new();
    for file in snapshot.files.iter() {
        let path = folder.join(snapshot.table.name).join(&file.path);
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                let mut text = format!("{}", file.day);
                for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                    text.push_str(&format!("|{}={:?}", field.name(), column.slice(row, 1)));
                }
                rows.push(text);
            }
        }
    }
    rows.sort();
    rows
}

/// The rows of all three tables that count.
pub(crate) async fn all_rows(folder: &Path) -> Vec<Vec<String>> {
    let table = Table::open(folder).await.unwrap();
    let snapshots = table.snapshots().await.unwrap();
    snapshots
        .iter()
        .map(|snapshot| rows_of(folder, snapshot))
        .collect()
}

/// Makes every file so much older than it is.
pub(crate) fn age(folder: &Path, seconds: u64) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path, seconds);
            continue;
        }
        let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        let before = file.metadata().unwrap().modified().unwrap();
        file.set_modified(before - Duration::from_secs(seconds)).unwrap();
    }
}

pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

/// Folds whatever is worth it.
pub(crate) async fn compact(folder: &Path) -> CompactReport {
    let mut table = Table::open(folder).await.unwrap();
    let options = CompactOptions::default();
    table.compact(&options, NOW, |_| {}).await.unwrap()
}

/// Files of the folder with this in their path, relative to it.
pub(crate) fn files_with(folder: &Path, part: &str) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.retain(|path| path.contains(part));
    found.sort();
    found
}
