//! Writing under conditions, in blocks, copying, removing.

use azure::storage::{Condition, Problem};
use bytes::Bytes;

use super::{block, emulator, fresh};

#[test]
fn conditions_hold() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "conditions").await;
        let bytes = Bytes::from_static(b"x");
        let create = Condition::CreateOnly;
        let first = blobs.put("a", bytes.clone(), &create).await.unwrap();
        let failure = blobs.put("a", bytes.clone(), &create).await.unwrap_err();
        assert_eq!(
            (failure.problem, failure.said.code.as_str()),
            (Problem::Exists, "BlobAlreadyExists")
        );
        let matching = Condition::IfMatch(first.etag.clone());
        let second = blobs.put("a", bytes.clone(), &matching).await.unwrap();
        assert_ne!(first.etag, second.etag);
        let failure = blobs.put("a", bytes.clone(), &matching).await.unwrap_err();
        assert_eq!(failure.problem, Problem::Changed);
        assert_eq!(
            blobs
                .put_block_list("a", &[], &matching)
                .await
                .unwrap_err()
                .problem,
            Problem::Changed
        );
        assert_eq!(
            blobs.delete("a", Some(&first.etag)).await.unwrap_err().problem,
            Problem::Changed
        );
        blobs.copy("a", "b", &create).await.unwrap();
        assert_eq!(
            blobs.copy("a", "b", &create).await.unwrap_err().problem,
            Problem::Exists
        );
        assert_eq!(
            blobs
                .copy("none", "c", &Condition::Any)
                .await
                .unwrap_err()
                .problem,
            Problem::NoBlob
        );
        blobs.delete("a", Some(&second.etag)).await.unwrap();
        assert_eq!(
            blobs.delete("a", None).await.unwrap_err().problem,
            Problem::NoBlob
        );
    });
}

#[test]
fn what_is_large_goes_in_blocks() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "large").await;
        let bytes: Vec<u8> = (0..20_000_000_u32).map(|at| (at % 251) as u8).collect();
        let bytes = Bytes::from(bytes);
        let written = blobs
            .put("a", bytes.clone(), &Condition::CreateOnly)
            .await
            .unwrap();
        let list = blobs.block_list("a").await.unwrap();
        let sizes: Vec<u64> = list.blocks.iter().map(|block| block.size).collect();
        assert_eq!(sizes, [8_388_608, 8_388_608, 3_222_784]);
        assert_eq!(list.etag, written.etag);
        let held = blobs
            .range("a", 8_000_000..20_000_000, Some(&written.etag))
            .await
            .unwrap();
        assert_eq!(held.bytes, bytes.slice(8_000_000..));
        let failure = blobs.put("a", bytes, &Condition::CreateOnly).await.unwrap_err();
        assert_eq!(failure.problem, Problem::Exists);
    });
}

#[test]
fn nothing_is_something() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "nothing").await;
        blobs
            .put("a", Bytes::new(), &Condition::CreateOnly)
            .await
            .unwrap();
        assert_eq!(blobs.properties("a").await.unwrap().size, 0);
        assert_eq!(
            blobs.range("a", 0..1, None).await.unwrap_err().problem,
            Problem::PastEnd
        );
        assert_eq!(blobs.block_list("a").await.unwrap().blocks, []);
    });
}
