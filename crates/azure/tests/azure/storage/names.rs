//! Names that need care on their way.

use azure::storage::Condition;
use bytes::Bytes;
use futures::TryStreamExt as _;

use super::{block, emulator, fresh};

const NAMES: [&str; 9] = [
    "flowLogResourceID=/SUB_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_X/y=2024/m=03/PT1H.json",
    "resourceId%3D/SUBSCRIPTIONS/x",
    "with space/and+plus&more",
    "question?mark#and[brackets]",
    "quotes'and\"more<>",
    "Zürich/日本/\u{1f300}",
    "per%cent/100%",
    "tilde~dash-dot.under_score!(x)*;:@,$",
    "double//slash",
];

#[test]
fn all_that_is_done_to_them() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "names").await;
        for (at, name) in NAMES.iter().enumerate() {
            let bytes = Bytes::from(format!("{at}"));
            blobs
                .put(name, bytes.clone(), &Condition::CreateOnly)
                .await
                .unwrap();
            assert_eq!(
                blobs.range(name, 0..9, None).await.unwrap().bytes,
                bytes,
                "{name}"
            );
            assert_eq!(blobs.properties(name).await.unwrap().size, 1, "{name}");
            let copy = format!("copies/{name}");
            blobs.copy(name, &copy, &Condition::CreateOnly).await.unwrap();
            assert_eq!(
                blobs.range(&copy, 0..9, None).await.unwrap().bytes,
                bytes,
                "{name}"
            );
            blobs.delete(&copy, None).await.unwrap();
            let page = blobs.list(name, None, None, 10).await.unwrap();
            assert!(
                page.blobs.iter().any(|blob| blob.name == *name),
                "{name}: {page:?}"
            );
        }
        let mut found: Vec<String> = blobs
            .list_all("")
            .map_ok(|blob| blob.name)
            .try_collect()
            .await
            .unwrap();
        let mut expected = NAMES.map(str::to_owned).to_vec();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        for name in &NAMES {
            blobs.delete(name, None).await.unwrap();
        }
        assert_eq!(blobs.list("", None, None, 10).await.unwrap().blobs, []);
    });
}
