//! Facts beside the table.

use model::limits::FACTS_BYTES_MAX;
use table::{Table, TableError};

#[tokio::test]
async fn snapshots_are_kept_and_read_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::open_or_create(folder.path()).await.unwrap();
    assert_eq!(table.facts().await.unwrap(), []);
    let later = table.put_facts(2_000, b"{\"later\":1}").await.unwrap();
    let first = table.put_facts(1_000, b"{}").await.unwrap();
    // The same again is the same file.
    assert_eq!(table.put_facts(1_000, b"{}").await.unwrap(), first);
    assert_eq!(table.facts().await.unwrap(), [first.clone(), later.clone()]);
    assert_eq!(table.read_facts(&later).await.unwrap().as_ref(), b"{\"later\":1}");
    // They are no matter for the table's own check.
    assert!(table.check().await.unwrap().problems.is_empty());

    let name = format!("{:020}-{}.json.zst", 2_000, later.hash);
    let path = folder.path().join("_facts").join(name);
    std::fs::write(&path, zstd::encode_all(&b"{}"[..], 0).unwrap()).unwrap();
    let other = table.read_facts(&later).await.unwrap_err();
    assert!(matches!(other, TableError::Damaged { .. }), "{other}");
    std::fs::write(&path, b"no zstd").unwrap();
    let other = table.read_facts(&later).await.unwrap_err();
    assert!(matches!(other, TableError::Damaged { .. }), "{other}");
    // What is damaged is found, and mended by loading it again.
    assert_eq!(table.check().await.unwrap().problems.len(), 1);
    table.put_facts(2_000, b"{\"later\":1}").await.unwrap();
    assert!(table.check().await.unwrap().problems.is_empty());
    let naming = br#"{"databases":[{"hash":"0123456789abcdef"}]}"#;
    let naming = table.put_facts(3_000, naming).await.unwrap();
    let problems = table.check().await.unwrap().problems;
    assert!(problems[0].contains("0123456789abcdef.mmdb"), "{problems:?}");
    table.remove_facts(&naming).await.unwrap();
    let loaded = table.facts_loaded(&first).await.unwrap().unwrap();
    assert!(loaded > 1_700_000_000_000_000, "{loaded}");
    table.remove_facts(&later).await.unwrap();
    assert_eq!(table.facts().await.unwrap(), [first]);
    assert!(table.facts_loaded(&later).await.is_err());
}

#[tokio::test]
async fn of_one_time_what_was_loaded_later_stands_behind() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::open_or_create(folder.path()).await.unwrap();
    let texts: [&[u8]; 4] = [b"[1]", b"[2]", b"[3]", b"[1]"];
    for (at, text) in (1_000..).zip(texts) {
        let kept = table.put_facts(1_000, text).await.unwrap();
        assert_eq!(kept.taken_micros, at);
        let last = table.facts().await.unwrap().pop().unwrap();
        assert_eq!(table.read_facts(&last).await.unwrap().as_ref(), text);
        // Once more is no other one.
        assert_eq!(table.put_facts(1_000, text).await.unwrap(), kept);
    }
    assert_eq!(table.facts().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_snapshot_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::open_or_create(folder.path()).await.unwrap();
    let refused = table
        .put_facts(1, &vec![b' '; FACTS_BYTES_MAX + 1])
        .await
        .unwrap_err();
    assert_eq!(refused.code().to_string(), "FG2010");
    assert!(
        refused.to_string().starts_with("the facts take 512 MB"),
        "{refused}"
    );
}

#[tokio::test]
async fn databases_are_kept_and_read_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::open_or_create(folder.path()).await.unwrap();
    let bytes = b"what a database holds".as_slice();
    let hash = table::database_hash(bytes);
    let missing = table.read_database(&hash).await.unwrap_err();
    assert!(missing.to_string().contains(&hash), "{missing}");
    table.put_database(&hash, bytes).await.unwrap();
    assert_eq!(table.read_database(&hash).await.unwrap().as_ref(), bytes);
    // Also for who waits for nobody, on the thread of a runtime.
    assert_eq!(table.read_database_now(&hash).unwrap().as_ref(), bytes);
    // They are no snapshots, and no matter for the table's own check.
    assert_eq!(table.facts().await.unwrap(), []);
    assert!(table.check().await.unwrap().problems.is_empty());

    let path = folder.path().join(format!("_facts/databases/{hash}.mmdb.zst"));
    std::fs::write(&path, zstd::encode_all(&b"another"[..], 0).unwrap()).unwrap();
    let other = table.read_database(&hash).await.unwrap_err();
    assert!(matches!(other, TableError::Damaged { .. }), "{other}");
    // Loading it again makes it whole.
    table.put_database(&hash, bytes).await.unwrap();
    assert_eq!(table.read_database(&hash).await.unwrap().as_ref(), bytes);
    table.remove_database(&hash).await.unwrap();
    assert!(table.read_database(&hash).await.is_err());
    table.remove_database(&hash).await.unwrap();
}
