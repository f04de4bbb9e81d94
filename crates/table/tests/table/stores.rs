//! A table in a store that is no folder: what holds for files holds there.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use table::{CompactOptions, Table, TableError, VacuumOptions};

use super::fixture::{NOW, append, contribution, rows};

const PLACE: &str = "az://account/flows";

async fn table(store: &Arc<dyn ObjectStore>) -> Table {
    let opened = Table::open_or_create_in(Arc::clone(store), Path::new(PLACE)).await;
    opened.unwrap()
}

#[tokio::test]
async fn a_table_in_a_store_is_a_table() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let missing = Table::open_in(Arc::clone(&store), Path::new(PLACE))
        .await
        .unwrap_err();
    assert_eq!(missing.to_string(), "no table at `az://account/flows`");
    let mut first = table(&store).await;
    let mut second = table(&store).await;
    for minute in 0..10 {
        let writer = if minute % 2 == 0 { &mut first } else { &mut second };
        append(writer, &format!("az://account/logs/{minute}"), minute, 100)
            .await
            .unwrap();
    }
    // One of two that move the same shard wins.
    let transaction = first.begin().await.unwrap();
    let (batch, _) = rows("az://account/logs/0", 30, 10);
    let mut writer = transaction.writer(NOW);
    writer.write(&batch).await.unwrap();
    let files = writer.finish().await.unwrap();
    append(&mut second, "az://account/logs/0", 31, 10).await.unwrap();
    let lost = transaction
        .commit(files, vec![contribution("az://account/logs/0", 10)], NOW)
        .await;
    assert!(matches!(lost, Err(TableError::Conflict)), "{lost:?}");
    second
        .compact(&CompactOptions::default(), NOW, |_| ())
        .await
        .unwrap();
    second.vacuum(VacuumOptions::default(), NOW).await.unwrap();
    let opened = Table::open_in(store, Path::new(PLACE)).await.unwrap();
    let report = opened.check().await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    assert_eq!(opened.stats().await.unwrap().rows, 1010);
}
