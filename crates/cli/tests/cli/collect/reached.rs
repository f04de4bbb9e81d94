//! Tables in accounts: what `doctor` finds there, and what is said where there is no container, no account, or nobody at all.

use azurite::{ACCOUNT, Azurite, KEY};
use serde_json::Value;

use super::Scene;
use crate::golden::{Run, flowglass};
use crate::pull::server::nowhere;

/// Runs with blobs at an endpoint; what would ask the machine's identity finds nobody.
fn at(scene: &Scene, endpoint: &str, arguments: &[&str]) -> Run {
    let output = flowglass()
        .current_dir(scene.path())
        .env("AZURE_STORAGE_BLOB_ENDPOINT", endpoint)
        .env("AZURE_STORAGE_KEY", KEY)
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", nowhere())
        .args(arguments)
        .output();
    output.unwrap().into()
}

fn finding(run: &Run, name: &str) -> (String, String, String) {
    let findings: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    let found = findings.iter().find(|finding| finding["check"] == name).unwrap();
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("health"), text("text"), text("hint"))
}

#[test]
fn what_doctor_finds_in_an_account() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "doctored", 80);
    let table = format!("az://{ACCOUNT}/doctored-table/t");
    let doctor = |table: &str| {
        let arguments = ["doctor", "--format", "json", "--table", table];
        at(&scene, &azurite.blob_endpoint(), &arguments)
    };
    let run = doctor(&table);
    let (health, text, _) = finding(&run, "table");
    assert_eq!(health, "ok", "{text}");
    assert!(text.starts_with(&format!("`{table}` is not there yet; it can be made; it can be read and written, by account key; both clocks agree")), "{text}");
    assert_eq!(
        finding(&run, "disk").1,
        "not needed: the table is in a storage account"
    );
    // It leaves nothing behind.
    let listed = at(
        &scene,
        &azurite.blob_endpoint(),
        &["blobs", &format!("az://{ACCOUNT}/doctored-table")],
    );
    assert_eq!(
        (listed.exit, listed.out.as_str()),
        (1, "No blobs.\n"),
        "{}",
        listed.err
    );

    let data = crate::golden::data().join("vnet.json");
    let ingest = ["ingest", data.to_str().unwrap(), "--table", &table];
    let run = at(&scene, &azurite.blob_endpoint(), &ingest);
    assert_eq!(run.exit, 0, "{}", run.err);
    let (health, text, _) = finding(&doctor(&table), "table");
    assert_eq!(health, "ok", "{text}");
    assert!(
        text.starts_with(&format!("`{table}` is there, at version ")),
        "{text}"
    );

    let run = doctor(&format!("az://{ACCOUNT}/no-such-container/t"));
    let (health, text, hint) = finding(&run, "table");
    assert_eq!((run.exit, health.as_str()), (1, "fail"), "{text}");
    assert_eq!(
        text,
        format!("the container `az://{ACCOUNT}/no-such-container` of the table is not there")
    );
    assert!(
        hint.contains(&format!(
            "az storage container create --account-name {ACCOUNT} --name no-such-container --auth-mode login"
        )),
        "{hint}"
    );
    // Who may only read.
    let signed = format!(
        "{}/doctored?{}",
        azurite.blob_endpoint(),
        scene.account.signature()
    );
    let (health, text, hint) = finding(&doctor(&signed), "table");
    assert_eq!(health, "fail", "{text}");
    assert!(text.contains("it can be read, and not written: "), "{text}");
    assert!(hint.contains("`w`"), "{hint}");
    assert!(!text.contains("sig="), "{text}");
}

#[test]
fn tables_that_cannot_be_reached() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "unreached", 81);
    let data = crate::golden::data().join("vnet.json");
    let data = data.to_str().unwrap();
    let commands = [["query", "Flows | count"], ["ingest", data], ["table", "stats"]];
    let check = |endpoint: &str, table: &str, exit: i32, says: &[&str]| {
        // Who is not there is asked for again and again: once is enough.
        let count = if endpoint.contains("127.0.0.1:") && exit == 3 {
            1
        } else {
            3
        };
        for command in commands.iter().take(count) {
            let arguments = [command.as_slice(), &["--table", table]].concat();
            let run = at(&scene, endpoint, &arguments);
            assert_eq!(run.exit, exit, "{arguments:?}: {}", run.err);
            for text in says {
                assert!(
                    run.err.contains(text),
                    "{arguments:?}: `{text}` is not in:\n{}",
                    run.err
                );
            }
        }
    };
    let blobs = azurite.blob_endpoint();
    check(
        &blobs,
        &format!("az://{ACCOUNT}/nowhere/t"),
        2,
        &[
            &format!("error[FG2001]: the container `az://{ACCOUNT}/nowhere` of the table is not there"),
            &format!(
                "hint: make it with `az storage container create --account-name {ACCOUNT} --name nowhere"
            ),
        ],
    );
    // A name that leads nowhere: reserved, so that nobody ever has it.
    check(
        "https://flowglasslogs.invalid",
        "az://flowglasslogs/flows/t",
        3,
        &["no storage account has that name", "look at the account's name"],
    );
    check(
        &format!("{}/{ACCOUNT}", nowhere()),
        &format!("az://{ACCOUNT}/flows/t"),
        3,
        &[
            "cannot reach 127.0.0.1:",
            "the connection was refused",
            "check the network and its name service",
        ],
    );
    for misspelled in ["az:/account/flows", "s3://bucket/flows"] {
        let says = format!("`{misspelled}` is neither a folder nor an address of a storage account");
        check(
            &blobs,
            misspelled,
            2,
            &[&says, "write az://ACCOUNT/CONTAINER/PREFIX"],
        );
        let run = at(
            &scene,
            &blobs,
            &["doctor", "--format", "json", "--table", misspelled],
        );
        assert_eq!(finding(&run, "table").0, "fail", "{}", run.out);
    }
    check(
        &blobs,
        "az://Not_An_Account/flows",
        2,
        &["is no name of an account"],
    );
    check(
        &blobs,
        "az://otheraccount/flows",
        2,
        &["it is of `devstoreaccount1`"],
    );
}
