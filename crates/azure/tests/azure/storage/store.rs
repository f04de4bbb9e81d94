//! A container as a store of objects: what a table asks of it.

use std::sync::Arc;

use azure::storage::{Blobs, Condition, Place, Store};
use azurite::{ACCOUNT, Fault, Plan, Proxy, Rates};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Error, GetOptions, GetRange, MultipartUpload as _, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions,
    PutPayload, UpdateVersion, WriteMultipart,
};

use super::{block, client, emulator, fresh, key, settings};

/// A store under a prefix of a new container, and the container.
async fn store(container: &str) -> Option<(Arc<dyn ObjectStore>, Blobs)> {
    let azurite = emulator()?;
    let blobs = fresh(azurite, container).await;
    let endpoint = azurite.blob_endpoint();
    let settings = settings(&endpoint, &endpoint);
    let text = format!("az://{ACCOUNT}/{container}/tables/Flows");
    let place = Place::blobs(&text, &settings).unwrap();
    let store = Store::new(Blobs::new(client(), place, key()));
    assert_eq!(store.to_string(), text);
    Some((Arc::new(store), blobs))
}

fn create() -> PutOptions {
    PutMode::Create.into()
}

#[test]
fn objects_are_made_once_and_replaced_by_version() {
    block(async {
        let Some((store, blobs)) = store("store-put").await else {
            return;
        };
        let path = Path::from("_delta_log/00000000000000000000.json");
        let put = store
            .put_opts(&path, PutPayload::from_static(b"{}"), create())
            .await
            .unwrap();
        let failure = store
            .put_opts(&path, PutPayload::from_static(b"no"), create())
            .await
            .unwrap_err();
        assert!(matches!(failure, Error::AlreadyExists { .. }), "{failure}");
        let update = |e_tag: Option<String>| {
            let version = UpdateVersion { e_tag, version: None };
            PutOptions::from(PutMode::Update(version))
        };
        let second = store
            .put_opts(&path, PutPayload::from_static(b"{1}"), update(put.e_tag.clone()))
            .await
            .unwrap();
        let failure = store
            .put_opts(&path, PutPayload::from_static(b"{2}"), update(put.e_tag))
            .await
            .unwrap_err();
        assert!(matches!(failure, Error::Precondition { .. }), "{failure}");
        let meta = store.head(&path).await.unwrap();
        assert_eq!((meta.size, meta.e_tag, &meta.location), (3, second.e_tag, &path));
        let own = "tables/Flows/_delta_log/00000000000000000000.json";
        assert_eq!(&blobs.range(own, 0..9, None).await.unwrap().bytes[..], b"{1}");
        assert_eq!(
            store.get(&path).await.unwrap().bytes().await.unwrap(),
            Bytes::from_static(b"{1}")
        );
    });
}

#[test]
fn ranges_and_conditions() {
    block(async {
        let Some((store, _)) = store("store-get").await else {
            return;
        };
        let path = Path::from("a b=1/x.parquet");
        let put = store
            .put(&path, PutPayload::from_static(b"0123456789"))
            .await
            .unwrap();
        let get = |options: GetOptions| {
            let (store, path) = (Arc::clone(&store), path.clone());
            async move { store.get_opts(&path, options).await }
        };
        for (range, expected, at) in [
            (GetRange::Bounded(2..5), "234", 2..5),
            (GetRange::Bounded(7..99), "789", 7..10),
            (GetRange::Offset(8), "89", 8..10),
            (GetRange::Suffix(3), "789", 7..10),
            (GetRange::Suffix(99), "0123456789", 0..10),
        ] {
            let options = GetOptions::new().with_range(Some(range.clone()));
            let result = get(options).await.unwrap();
            assert_eq!((result.range.clone(), result.meta.size), (at, 10), "{range}");
            assert_eq!(result.bytes().await.unwrap(), expected.as_bytes(), "{range}");
        }
        let ranges = store.get_ranges(&path, &[0..2, 8..10]).await.unwrap();
        assert_eq!(ranges, [Bytes::from_static(b"01"), Bytes::from_static(b"89")]);
        assert!(store.get_range(&path, 10..12).await.is_err());

        let etag = put.e_tag.unwrap();
        let failure = get(GetOptions::new().with_if_none_match(Some(&etag)))
            .await
            .unwrap_err();
        assert!(matches!(failure, Error::NotModified { .. }), "{failure}");
        let failure = get(GetOptions::new().with_if_match(Some("0x1")))
            .await
            .unwrap_err();
        assert!(matches!(failure, Error::Precondition { .. }), "{failure}");
        assert!(get(GetOptions::new().with_if_match(Some(&etag))).await.is_ok());
        assert!(
            get(GetOptions::new().with_if_none_match(Some("0x1")))
                .await
                .is_ok()
        );
        let failure = store.get(&Path::from("none")).await.unwrap_err();
        assert!(matches!(failure, Error::NotFound { .. }), "{failure}");
        let failure = store.head(&Path::from("none")).await.unwrap_err();
        assert!(matches!(failure, Error::NotFound { .. }), "{failure}");

        let nothing = Path::from("nothing");
        store.put(&nothing, PutPayload::new()).await.unwrap();
        let result = store.get(&nothing).await.unwrap();
        assert_eq!((result.range.clone(), result.meta.size), (0..0, 0));
        assert_eq!(result.bytes().await.unwrap(), Bytes::new());
    });
}

#[test]
fn large_objects_by_parts() {
    block(async {
        let Some((store, blobs)) = store("store-parts").await else {
            return;
        };
        let bytes: Vec<u8> = (0..18_000_000_u32).map(|at| (at % 251) as u8).collect();
        let path = Path::from("large");
        let mut upload = WriteMultipart::new(store.put_multipart(&path).await.unwrap());
        for piece in bytes.chunks(1_000_003) {
            upload.write(piece);
        }
        upload.finish().await.unwrap();
        let result = store.get(&path).await.unwrap();
        assert_eq!(result.meta.size, 18_000_000);
        // It comes piece by piece.
        let pieces: Vec<Bytes> = result.into_stream().try_collect().await.unwrap();
        assert!(pieces.len() >= 3, "{}", pieces.len());
        assert_eq!(pieces.concat(), bytes);
        let mut upload = store.put_multipart(&Path::from("given-up")).await.unwrap();
        upload.put_part(PutPayload::from_static(b"x")).await.unwrap();
        upload.abort().await.unwrap();
        let list = blobs.list("tables", None, None, 10).await.unwrap();
        assert_eq!(list.blobs.len(), 1);
    });
}

#[test]
fn lists_removals_and_copies() {
    block(async {
        let Some((store, blobs)) = store("store-lists").await else {
            return;
        };
        let beside = Bytes::from_static(b"x");
        for name in ["tables/FlowsOther/x", "tables/Flows/odd//name", "x"] {
            blobs.put(name, beside.clone(), &Condition::Any).await.unwrap();
        }
        for name in ["a/1", "a/2", "a/b/3", "ab/4", "5"] {
            store
                .put(&Path::from(name), PutPayload::from_static(b"x"))
                .await
                .unwrap();
        }
        let names = async |prefix: Option<&str>| {
            let prefix = prefix.map(Path::from);
            let mut names: Vec<String> = store
                .list(prefix.as_ref())
                .map_ok(|meta| meta.location.to_string())
                .try_collect()
                .await
                .unwrap();
            names.sort();
            names
        };
        assert_eq!(names(None).await, ["5", "a/1", "a/2", "a/b/3", "ab/4"]);
        assert_eq!(names(Some("a")).await, ["a/1", "a/2", "a/b/3"]);
        let after: Vec<_> = store
            .list_with_offset(Some(&Path::from("a")), &Path::from("a/1"))
            .map_ok(|meta| meta.location.to_string())
            .try_collect()
            .await
            .unwrap();
        assert_eq!(after, ["a/2", "a/b/3"]);
        let level = store.list_with_delimiter(Some(&Path::from("a"))).await.unwrap();
        assert_eq!(level.common_prefixes, [Path::from("a/b")]);
        assert_eq!(level.objects.len(), 2);

        store.copy(&Path::from("5"), &Path::from("6")).await.unwrap();
        let failure = store
            .copy_if_not_exists(&Path::from("5"), &Path::from("6"))
            .await
            .unwrap_err();
        assert!(matches!(failure, Error::AlreadyExists { .. }), "{failure}");
        store
            .rename_if_not_exists(&Path::from("5"), &Path::from("7"))
            .await
            .unwrap();
        let gone = ["a/1", "none", "a/2"].map(|name| Ok(Path::from(name)));
        let removed: Vec<_> = store
            .delete_stream(futures::stream::iter(gone).boxed())
            .collect()
            .await;
        assert!(removed[0].is_ok() && removed[2].is_ok());
        assert!(matches!(removed[1], Err(Error::NotFound { .. })), "{removed:?}");
        assert_eq!(names(None).await, ["6", "7", "a/b/3", "ab/4"]);
    });
}

/// What a log of a table does: writers make numbered files, each number once, in a storm in which answers are lost.
#[test]
fn numbers_of_a_log_are_taken_once() {
    let Some(azurite) = emulator() else { return };
    let seed = 7;
    println!("seed {seed}");
    block(async {
        let straight = fresh(azurite, "store-log").await;
        let rates = Rates {
            refused: 60,
            cut: 60,
            lost: 150,
            delayed: 30,
        };
        let proxy = Proxy::start(azurite.blob_port(), Plan::seeded(seed, rates));
        let mut writers = Vec::new();
        for writer in 0..4 {
            let store = Store::new(super::at(&proxy.endpoint(), "store-log", &client()));
            writers.push(tokio::spawn(async move {
                let mut own = Vec::new();
                let mut number = 0;
                while own.len() < 20 {
                    let path = Path::from(format!("_delta_log/{number:020}.json"));
                    // The bytes of all are the same: only the mark tells whose they are.
                    let put = store
                        .put_opts(&path, PutPayload::from_static(b"{}"), create())
                        .await;
                    match put {
                        Ok(put) => own.push((number, writer, put.e_tag)),
                        Err(Error::AlreadyExists { .. }) => {}
                        Err(failure) => panic!("{failure}"),
                    }
                    number += 1;
                }
                own
            }));
        }
        let mut taken = Vec::new();
        for writer in writers {
            taken.extend(writer.await.unwrap());
        }
        taken.sort();
        let numbers: Vec<i32> = taken.iter().map(|(number, ..)| *number).collect();
        assert_eq!(numbers, (0..80).collect::<Vec<_>>());
        let listed: Vec<_> = straight.list_all("").try_collect().await.unwrap();
        assert_eq!(listed.len(), 80);
        for (blob, (_, _, etag)) in listed.iter().zip(&taken) {
            assert_eq!(Some(&blob.etag), etag.as_ref());
        }
        let lost = proxy
            .passed()
            .iter()
            .filter(|passed| passed.fault == Some(Fault::LostAnswer))
            .count();
        assert!(lost > 5, "{lost}");
    });
}
