//! Listing and reading.

use azure::storage::{BlobKind, Condition, LeaseState, Problem};
use bytes::Bytes;
use futures::TryStreamExt as _;

use super::{block, emulator, fresh};

#[test]
fn containers_are_made_once() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "made-once").await;
        assert_eq!(blobs.create().await, Ok(false));
        assert_eq!(blobs.exists().await, Ok(true));
        let other = super::at(&azurite.blob_endpoint(), "never-made", &super::client());
        assert_eq!(other.exists().await, Ok(false));
        let failure = other.list("", None, None, 10).await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoContainer);
        assert_eq!(failure.said.code, "ContainerNotFound");
        let told = failure.to_string();
        assert!(
            told.starts_with("`az://devstoreaccount1/never-made`: there is no such container: "),
            "{told}"
        );
        assert!(told.contains("(ContainerNotFound, request "), "{told}");
    });
}

#[test]
fn lists_by_pages_by_prefixes_and_whole() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "lists").await;
        for hour in 0..7 {
            for nic in ["A", "B"] {
                let name = format!("h={hour:02}/mac={nic}/PT1H.json");
                blobs
                    .put(&name, Bytes::from(vec![b'x'; hour + 1]), &Condition::Any)
                    .await
                    .unwrap();
            }
        }
        let page = blobs.list("h=0", Some("/"), None, 5000).await.unwrap();
        assert_eq!(page.blobs, []);
        let hours: Vec<String> = (0..7).map(|hour| format!("h={hour:02}/")).collect();
        assert_eq!(page.prefixes, hours);
        assert_eq!(page.next, None);

        let mut names = Vec::new();
        let mut marker = None;
        let mut pages = 0;
        loop {
            let page = blobs.list("h=", None, marker.as_deref(), 4).await.unwrap();
            assert!(page.blobs.len() <= 4);
            names.extend(page.blobs.into_iter().map(|blob| blob.name));
            pages += 1;
            marker = page.next;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!((names.len(), pages), (14, 4));
        let all: Vec<_> = blobs.list_all("h=03").try_collect().await.unwrap();
        assert_eq!(all.len(), 2);
        let known = blobs.properties(&all[0].name).await.unwrap();
        assert_eq!(all[0].size, 4);
        assert_eq!(all[0].etag, known.etag);
        assert_eq!(all[0].modified_micros, known.modified_micros);
        assert_eq!(all[0].created_micros, known.created_micros);
        assert_eq!(
            (all[0].kind, all[0].lease),
            (BlobKind::Block, LeaseState::Available)
        );
        let none: Vec<_> = blobs.list_all("h=09").try_collect().await.unwrap();
        assert_eq!(none, []);
    });
}

#[test]
fn pieces_of_a_blob() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "pieces").await;
        let written = blobs
            .put("a", Bytes::from_static(b"0123456789"), &Condition::Any)
            .await
            .unwrap();
        let piece = blobs.range("a", 3..6, Some(&written.etag)).await.unwrap();
        assert_eq!(&piece.bytes[..], b"345");
        assert_eq!((piece.size, &piece.etag), (10, &written.etag));
        assert_eq!(piece.modified_micros, written.modified_micros);
        assert_eq!(&blobs.range("a", 7..99, None).await.unwrap().bytes[..], b"789");
        assert_eq!(
            &blobs.range("a", 0..10, None).await.unwrap().bytes[..],
            b"0123456789"
        );

        let problem =
            |answer: Result<azure::storage::Piece, azure::storage::StorageError>| answer.unwrap_err().problem;
        // It was changed, shortened, removed while it was read.
        blobs
            .put("a", Bytes::from_static(b"01234"), &Condition::Any)
            .await
            .unwrap();
        assert_eq!(
            problem(blobs.range("a", 3..6, Some(&written.etag)).await),
            Problem::Changed
        );
        assert_eq!(problem(blobs.range("a", 5..6, None).await), Problem::PastEnd);
        blobs.delete("a", None).await.unwrap();
        assert_eq!(problem(blobs.range("a", 0..6, None).await), Problem::NoBlob);
        assert_eq!(
            problem(blobs.range("a", 0..6, Some(&written.etag)).await),
            Problem::NoBlob
        );
        assert!(matches!(
            problem(blobs.range("a", 6..6, None).await),
            Problem::Setting { .. }
        ));
        assert!(matches!(
            problem(blobs.range("a", 0..1 << 40, None).await),
            Problem::Setting { .. }
        ));
    });
}

/// As Azure lets a flow log grow: blocks before the last one, which stays.
#[test]
fn a_blob_that_grows_by_blocks() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "grows").await;
        let id = |letter: &str, number: usize| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(format!("{letter}{number:032}"))
        };
        let (first, last) = (id("A", 0), id("Z", 0));
        blobs
            .put_block("x", &first, Bytes::from_static(b"{\"records\":["))
            .await
            .unwrap();
        blobs
            .put_block("x", &last, Bytes::from_static(b"]}"))
            .await
            .unwrap();
        let mut ids = vec![first, last];
        blobs.put_block_list("x", &ids, &Condition::Any).await.unwrap();
        for number in 1..4 {
            let text = if number == 1 { "{}" } else { ",{}" };
            let data = id("D", number);
            blobs.put_block("x", &data, Bytes::from(text)).await.unwrap();
            ids.insert(ids.len() - 1, data);
            let written = blobs.put_block_list("x", &ids, &Condition::Any).await.unwrap();
            let list = blobs.block_list("x").await.unwrap();
            let found: Vec<_> = list.blocks.iter().map(|block| block.id.clone()).collect();
            assert_eq!(found, ids);
            assert_eq!(list.etag, written.etag);
            assert_eq!(list.modified_micros, written.modified_micros);
            let sum: u64 = list.blocks.iter().map(|block| block.size).sum();
            assert_eq!(list.size, sum);
        }
        let whole = blobs.range("x", 0..1000, None).await.unwrap();
        assert_eq!(&whole.bytes[..], b"{\"records\":[{},{},{}]}");

        // One that was put in one piece has none.
        blobs
            .put("x", Bytes::from_static(b"once"), &Condition::Any)
            .await
            .unwrap();
        let list = blobs.block_list("x").await.unwrap();
        assert_eq!((list.blocks.len(), list.size), (0, 4));
        let failure = blobs.block_list("y").await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoBlob);
        // Neither is one that was never committed.
        blobs
            .put_block("z", &id("A", 0), Bytes::from_static(b"x"))
            .await
            .unwrap();
        let failure = blobs.block_list("z").await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoBlob);
        assert_eq!(blobs.list("z", None, None, 10).await.unwrap().blobs, []);
    });
}

#[test]
fn what_is_asked_is_counted() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let client = super::client();
        let blobs = super::at(&azurite.blob_endpoint(), "counted", &client);
        blobs.create().await.unwrap();
        let before = client.meter().read();
        blobs
            .put("a", Bytes::from(vec![b'x'; 1000]), &Condition::Any)
            .await
            .unwrap();
        blobs.list("", None, None, 10).await.unwrap();
        blobs.range("a", 0..400, None).await.unwrap();
        blobs.properties("a").await.unwrap();
        blobs.delete("a", None).await.unwrap();
        let counted = client.meter().read().since(&before);
        // Reads, lists, writes, removals, others: what is known of a blob is one of those.
        assert_eq!(counted.requests, [1, 1, 1, 1, 1]);
        assert_eq!(counted.bytes_out, 1000);
        assert!(counted.bytes_in > 400 + 200, "{counted:?}");
        assert_eq!((counted.again, counted.turned_away), (0, 0));
        assert_eq!(counted.of(net::Kind::Read), 1);
    });
}
