//! Nothing that is secret is shown, and what is signed for others lets them do that and no more.

use azure::storage::{
    AccountAccess, Blobs, Condition, Credential, Lack, Place, Problem, ServiceAccess, Settings,
};
use azurite::{ACCOUNT, KEY};
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use net::Secret;

use super::{block, client, emulator, fresh, key, nobody, settings};

#[test]
fn signatures_for_others() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "signed").await;
        let bytes = Bytes::from_static(b"x");
        blobs.put("a b=1", bytes.clone(), &Condition::Any).await.unwrap();
        let place = blobs.place().clone();
        let with = |sas: Secret| Blobs::new(client(), place.clone(), Credential::sas("x", &sas).unwrap());
        let until = Utc::now() + TimeDelta::hours(1);

        // Reading and listing a container; not writing.
        let access = ServiceAccess {
            permissions: "lr",
            blob: None,
            from: Some(Utc::now() - TimeDelta::minutes(5)),
            until,
        };
        let reader = with(access.signed(&place, &key()).unwrap());
        assert_eq!(reader.list("", None, None, 10).await.unwrap().blobs.len(), 1);
        assert_eq!(reader.range("a b=1", 0..1, None).await.unwrap().bytes, bytes);
        assert_eq!(reader.block_list("a b=1").await.unwrap().blocks, []);
        let failure = reader.put("b", bytes.clone(), &Condition::Any).await.unwrap_err();
        assert_eq!(
            failure.problem,
            Problem::Forbidden {
                lack: Lack::Permission,
                writes: true
            },
            "{failure}"
        );
        assert!(failure.hint().contains("`w`"), "{}", failure.hint());

        // One blob alone.
        let access = ServiceAccess {
            permissions: "r",
            blob: Some("a b=1"),
            from: None,
            until,
        };
        let one = with(access.signed(&place, &key()).unwrap());
        assert_eq!(one.range("a b=1", 0..1, None).await.unwrap().bytes, bytes);
        assert!(one.list("", None, None, 10).await.is_err());

        // Everything in the account, copies too.
        let access = AccountAccess {
            permissions: "rwdlac",
            services: "b",
            kinds: "sco",
            from: None,
            until,
        };
        let all = with(access.signed(&place, &key()).unwrap());
        assert_eq!(all.create().await, Ok(false));
        all.put("b", bytes.clone(), &Condition::CreateOnly).await.unwrap();
        all.copy("b", "c", &Condition::CreateOnly).await.unwrap();
        all.delete("b", None).await.unwrap();

        // One that has ended.
        let access = AccountAccess {
            permissions: "rl",
            services: "b",
            kinds: "sco",
            from: None,
            until: Utc::now() - TimeDelta::hours(1),
        };
        let late = with(access.signed(&place, &key()).unwrap());
        let failure = late.list("", None, None, 10).await.unwrap_err();
        assert!(matches!(failure.problem, Problem::Forbidden { .. }), "{failure}");
        assert!(access.signed(&place, late.credential()).is_none());
    });
}

/// What a user may see, of a place whose URL has a signature, of a key, of failures.
#[test]
fn nothing_secret_is_shown() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let endpoint = azurite.blob_endpoint();
        let plain = settings(&endpoint, &endpoint);
        let hidden = "h1ddenh1ddenh1ddenh1ddenh1ddenh1ddenh1ddenh1%3D";
        let text =
            format!("{endpoint}/secrets?sv=2023-11-03&sp=rl&sr=c&se=2099-01-01T00%3A00%3A00Z&sig={hidden}");
        let place = Place::blobs(&text, &plain).unwrap();
        let credential = Credential::of(&place, &plain, nobody()).unwrap();
        let client = client();
        let blobs = Blobs::new(client.clone(), place.clone(), credential);
        let failure = blobs.list("", None, None, 10).await.unwrap_err();
        let mut shown = format!(
            "{place} {place:?} {blobs:?} {failure} {failure:?} {} {client:?}",
            failure.hint()
        );

        let wrong = Credential::key("the key", &Secret::new("aDFkZGVuaDFkZGVu")).unwrap();
        let with_key = Blobs::new(client.clone(), place.clone(), wrong);
        let failure = with_key.list("", None, None, 10).await.unwrap_err();
        assert!(matches!(failure.problem, Problem::Forbidden { .. }), "{failure}");
        shown.push_str(&format!("{with_key:?} {failure} {failure:?}"));

        let cloud = azure::Cloud::of(None, None, None).unwrap();
        let settings = Settings::of(&cloud, None, |name| match name {
            "AZURE_STORAGE_CONNECTION_STRING" => Some(format!("AccountName={ACCOUNT};AccountKey={KEY}")),
            "AZURE_STORAGE_KEY" => Some("aDFkZGVuaDFkZGVu".to_owned()),
            "AZURE_STORAGE_SAS_TOKEN" => Some(format!("?sig={hidden}")),
            _ => None,
        })
        .unwrap();
        shown.push_str(&format!("{settings:?}"));
        for secret in ["h1dden", "aDFkZGVu", "Eby8", "sig="] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    });
}
