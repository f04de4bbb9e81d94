//! Secrets that are kept in files and vaults: read from there, read again when they were changed, and told to nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use azurite::{ACCOUNT, Azurite, KEY};

use super::Scene;
use super::collector::Collecting;
use crate::pull::server::{Answer, Asked, Server, nowhere};

/// A key of no account.
const WRONG: &str = "aDFkZGVuaDFkZGVuaDFkZGVuaDFkZGVu";
const APP_SECRET: &str = "s3cret-of-the-app";
const TOKEN: &str = "t0ken-of-the-app";

/// Entra ID and a vault in one. The secret changes with the times it was asked for.
fn vault(values: Vec<String>) -> (Server, Arc<AtomicUsize>) {
    let times = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&times);
    let server = Server::start(move |asked: &Asked| match asked.path() {
        "/tenant/oauth2/v2.0/token" if asked.body.contains(&format!("client_secret={APP_SECRET}")) => {
            Answer::new(200, &format!(r#"{{"expires_in":3599,"access_token":"{TOKEN}"}}"#))
        }
        "/secrets/storage/" if asked.bearer() == TOKEN && asked.query() == "api-version=7.4" => {
            let time = own.fetch_add(1, Ordering::SeqCst);
            let value = values.get(time).or(values.last()).unwrap();
            Answer::new(
                200,
                &format!(
                    r#"{{"value":"{value}","id":"{}/secrets/storage/1"}}"#,
                    asked.place
                ),
            )
        }
        "/secrets/refused/" => Answer::new(
            403,
            &format!(
                r#"{{"error":{{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.\r\nBearer {TOKEN}","innererror":{{"code":"ForbiddenByRbac"}}}}}}"#
            ),
        ),
        path if path.starts_with("/secrets/") => Answer::new(
            404,
            r#"{"error":{"code":"SecretNotFound","message":"A secret with (name/id) missing was not found in this key vault."}}"#,
        ),
        _ => Answer::new(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#,
        ),
    });
    (server, times)
}

/// As an application that proves itself to a server of this machine.
fn as_app(collecting: &mut Collecting, server: &Server) {
    for (name, value) in [
        ("AZURE_AUTHORITY_HOST", server.place.as_str()),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", &nowhere()),
        ("FLOWGLASS_LOG", "trace"),
    ] {
        collecting.set(name, value);
    }
}

fn refers_to(server: &Server, secret: &str) -> String {
    format!("@Microsoft.KeyVault(SecretUri={}/secrets/{secret})", server.place)
}

/// What a check says, without anything secret in it.
fn checked(collecting: &Collecting) -> (Option<i32>, String) {
    let output = collecting.command().arg("--check").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let said = format!("{out}{}", String::from_utf8(output.stderr).unwrap());
    hides_secrets("the check", &said);
    (output.status.code(), said)
}

fn hides_secrets(place: &str, text: &str) {
    for secret in [KEY, WRONG, APP_SECRET, TOKEN] {
        assert!(!text.contains(secret), "a secret is in {place}: {text}");
    }
}

#[test]
fn a_key_of_a_vault_is_read_again_when_it_was_changed() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "vault-key", 70);
    // The key was changed since it was put there, and is put there anew.
    let (server, times) = vault(vec![WRONG.to_owned(), KEY.to_owned()]);
    let mut collecting = scene.collecting(azurite);
    as_app(&mut collecting, &server);
    collecting.set("AZURE_CLIENT_SECRET", APP_SECRET);
    collecting.set("AZURE_STORAGE_KEY", &refers_to(&server, "storage"));
    let collecting = collecting.with(&["--poll", "1", "--listen", "127.0.0.1:0"]);
    let collector = collecting.start();
    scene.grow_all(20);
    collecting.until_stored(&scene.account, &scene.growing);
    // Read once, refused, and read once more; then it is held.
    assert_eq!(
        times.load(Ordering::SeqCst),
        2,
        "{}",
        collecting.failure("the vault")
    );
    hides_secrets("the metrics", &collecting.asked("/metrics"));
    collecting.finish(collector, &scene.account, &scene.growing);
    hides_secrets("the log", &collecting.said());
    for entry in walkdir::WalkDir::new(collecting.folder.join("table")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            hides_secrets(&entry.path().display().to_string(), &text);
        }
    }
    // One that stays wrong is not asked for with every request.
    let (server, times) = vault(vec![WRONG.to_owned()]);
    let mut collecting = scene.collecting(azurite).into_table("other");
    as_app(&mut collecting, &server);
    collecting.set("AZURE_CLIENT_SECRET", APP_SECRET);
    collecting.set("AZURE_STORAGE_KEY", &refers_to(&server, "storage"));
    let (exit, said) = checked(&collecting);
    assert_eq!(exit, Some(3), "{said}");
    assert!(
        said.contains("wrong `az://devstoreaccount1/vault-key`: not permitted: "),
        "{said}"
    );
    assert_eq!(times.load(Ordering::SeqCst), 2, "{said}");
}

#[test]
fn files_and_references_in_files() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "kept", 71);
    scene.grow(3);
    let (server, _) = vault(vec![KEY.to_owned()]);
    let file = |name: &str, text: &str| {
        std::fs::write(scene.path().join(name), text).unwrap();
        name.to_owned()
    };
    let signature = scene.account.signature();
    let connection = format!(
        "AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={};QueueEndpoint={}",
        azurite.blob_endpoint(),
        azurite.queue_endpoint()
    );
    let in_vault = vault(vec![connection.clone()]).0;
    let cases: [(&str, String, &Server, &str); 5] = [
        (
            "AZURE_STORAGE_KEY_FILE",
            file("key", &format!("{KEY}\n")),
            &server,
            "by account key",
        ),
        (
            "AZURE_STORAGE_ACCOUNT_KEY_FILE",
            file("reference", &refers_to(&server, "storage")),
            &server,
            "by account key",
        ),
        (
            "AZURE_STORAGE_SAS_TOKEN_FILE",
            file("sas", &format!("?{signature}\n")),
            &server,
            "by shared access signature",
        ),
        (
            "AZURE_STORAGE_CONNECTION_STRING_FILE",
            file("connection", &connection),
            &server,
            "by connection string",
        ),
        (
            "AZURE_STORAGE_CONNECTION_STRING",
            refers_to(&in_vault, "storage"),
            &in_vault,
            "by connection string",
        ),
    ];
    for (variable, value, server, way) in &cases {
        let mut collecting = scene.collecting(azurite);
        as_app(&mut collecting, server);
        // The application's own secret lies in a file, too.
        collecting.set("AZURE_CLIENT_SECRET_FILE", &file("app", APP_SECRET));
        collecting.set(variable, value);
        if variable.contains("CONNECTION") {
            // The string says where the account is.
            collecting.set("AZURE_STORAGE_BLOB_ENDPOINT", "");
        }
        let (exit, said) = checked(&collecting);
        assert_eq!(exit, Some(0), "{variable}: {said}");
        assert!(said.contains(way), "{variable}: {said}");
        assert!(!said.contains("sig="), "{variable}: {said}");
    }
}

#[test]
fn secrets_that_do_not_come_are_named_with_the_next_step() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "not-kept", 72);
    let (server, _) = vault(vec![KEY.to_owned()]);
    let host = server.place.trim_start_matches("http://").to_owned();
    let away = nowhere();
    let check = |variable: &str, value: &str, says: &[&str]| {
        let mut collecting = scene.collecting(azurite);
        as_app(&mut collecting, &server);
        collecting.set("AZURE_CLIENT_SECRET", APP_SECRET);
        collecting.set(variable, value);
        let (exit, said) = checked(&collecting);
        assert!(matches!(exit, Some(2 | 3)), "{said}");
        for text in says {
            assert!(
                said.contains(text),
                "{variable}={value}: `{text}` is not in:\n{said}"
            );
        }
    };
    check(
        "AZURE_STORAGE_KEY",
        &refers_to(&server, "refused"),
        &[
            &format!(
                "AZURE_STORAGE_KEY is kept as the secret `refused` in the vault `{host}`, which does not give it: not permitted: Caller is not authorized"
            ),
            "`Key Vault Secrets User`",
        ],
    );
    check(
        "AZURE_STORAGE_SAS_TOKEN",
        &refers_to(&server, "missing"),
        &[
            "the secret `missing`",
            "az keyvault secret list --vault-name",
            "A secret with (name/id) missing was not found",
        ],
    );
    check(
        "AZURE_STORAGE_KEY",
        &format!("@Microsoft.KeyVault(SecretUri={away}/secrets/storage)"),
        &["the secret `storage`", "cannot reach", "check the network"],
    );
    check(
        "AZURE_STORAGE_KEY",
        "@Microsoft.KeyVault(SecretName=storage)",
        &[
            "AZURE_STORAGE_KEY refers to no secret of a Key Vault: it needs SecretUri, or VaultName and SecretName",
            "write @Microsoft.KeyVault(SecretUri=",
        ],
    );
    check(
        "AZURE_STORAGE_KEY_FILE",
        "no-such-file",
        &["cannot read `no-such-file`, which AZURE_STORAGE_KEY_FILE names: entity not found"],
    );
    check(
        "AZURE_STORAGE_CONNECTION_STRING_FILE",
        "no-such-file",
        &["cannot read `no-such-file`, which AZURE_STORAGE_CONNECTION_STRING_FILE names"],
    );
}
