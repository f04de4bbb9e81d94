//! Secrets that are typed where an address belongs: nothing of them is said again, by any command, wherever they were typed.

use std::path::Path;

use azurite::{Azurite, KEY};

use super::Scene;
use crate::golden::{Run, flowglass};

const SAS: &str = "sv=2026-02-06&sp=rl&se=2030-12-01T00%3A00%3A00Z&sr=c&sig=l95QElg18CEa55%2BXuhJIQz56gFFs2dFppYzE024uj3aY%3D";
const PASSWORD: &str = "tellN0body-of-me";

/// A way to type something: arguments and variables, in which `X` is what was typed.
type Way = (&'static [&'static str], &'static [(&'static str, &'static str)]);

/// Every door by which an address comes in.
const WAYS: &[Way] = &[
    (&["collect", "X"], &[("FLOWGLASS_LOG", "trace")]),
    (&["collect", "X", "--check"], &[]),
    (&["collect", "X", "--replay", "PT1H"], &[]),
    (&["collect", "az://logs/flow", "--queue", "X", "--check"], &[]),
    (
        &["collect", "az://logs/flow", "--check", "--blob-endpoint", "X"],
        &[],
    ),
    (&["collect", "az://logs/flow", "--check", "--table", "X"], &[]),
    (&["collect", "az://logs/flow", "--listen", "X"], &[]),
    (&["collect", "az://logs/flow", "--cloud", "X"], &[]),
    (&["ingest", "X"], &[]),
    (&["ingest", "PT1H.json", "X", "--format", "json"], &[]),
    (&["ingest", "X", "--replay", "PT1H"], &[]),
    (&["ingest", "PT1H.json", "--table", "X"], &[]),
    (&["read", "X"], &[]),
    (&["blobs", "X"], &[]),
    (&["blobs", "X", "--blocks"], &[]),
    (&["query", "Flows | count", "--table", "X"], &[]),
    (&["table", "stats", "--table", "X"], &[]),
    (&["config", "show", "--table", "X"], &[]),
    (&["doctor", "--table", "X"], &[]),
    (&["overview", "X"], &[]),
    (&["X"], &[]),
    (&["config", "show"], &[("FLOWGLASS_TABLE", "X")]),
    (&["ingest", "PT1H.json"], &[("FLOWGLASS_TABLE", "X")]),
    (&["doctor"], &[("FLOWGLASS_TABLE", "X")]),
    (
        &["collect", "az://logs/flow", "--check"],
        &[("AZURE_STORAGE_BLOB_ENDPOINT", "X")],
    ),
    (
        &[
            "collect",
            "az://logs/flow",
            "--queue",
            "azq://logs/notices",
            "--check",
        ],
        &[
            ("AZURE_STORAGE_QUEUE_ENDPOINT", "X"),
            ("AZURE_STORAGE_BLOB_ENDPOINT", "ftp://x"),
        ],
    ),
    (
        &["collect", "az://logs/flow", "--check"],
        &[("AZURE_AUTHORITY_HOST", "X")],
    ),
    (&["config", "show", "--config", "typed.toml"], &[]),
    (&["doctor", "--config", "typed.toml"], &[]),
    (&["ingest", "PT1H.json", "--config", "typed.toml"], &[]),
];

fn run(folder: &Path, (arguments, variables): &Way, typed: &str) -> Run {
    let meant = |text: &str| {
        if text == "X" {
            typed.to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut command = flowglass();
    command.current_dir(folder);
    // Nobody is asked who this machine is.
    command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
    command.args(arguments.iter().map(|argument| meant(argument)));
    command.envs(variables.iter().map(|(name, value)| (name, meant(value))));
    command.output().unwrap().into()
}

/// No eight letters of a secret in a row, as it was typed or decoded.
#[track_caller]
fn hides(said: &str, secret: &str, what: &str) {
    let decoded = secret.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    for secret in [secret, &decoded] {
        let letters: Vec<char> = secret.chars().collect();
        for window in letters.windows(8) {
            let piece: String = window.iter().collect();
            assert!(
                !said.contains(&piece),
                "`{piece}` of a secret is told by {what}: {said}"
            );
        }
    }
}

fn check(typed: &str, secret: &str) {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!("version = 1\ntable = \"{typed}\"\n");
    std::fs::write(folder.path().join("typed.toml"), toml).unwrap();
    std::fs::write(folder.path().join("PT1H.json"), "{\"records\":[]}").unwrap();
    for way in WAYS {
        let run = run(folder.path(), way, typed);
        let what = format!("{:?} {:?} of `{typed}`", way.0, way.1);
        let said = format!("{}{}", run.out, run.err);
        hides(&said, secret, &what);
        // Settings may be shown that no place can be reached by.
        if run.exit != 0 || way.0.first() != Some(&"config") {
            assert!(matches!(run.exit, 1..=3), "{what} ends with {}: {said}", run.exit);
            assert!(
                said.contains("hint: ") || said.contains("fail"),
                "{what} gives no advice: {said}"
            );
        }
    }
    // Nor does a folder have such a name now.
    for entry in walkdir::WalkDir::new(folder.path()) {
        let path = entry.unwrap().into_path();
        hides(&path.display().to_string(), secret, "the folder");
    }
}

#[test]
fn keys() {
    let encoded = KEY.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    for key in [KEY, &encoded] {
        check(key, key);
        check(&format!("az://logs:{key}@flow"), key);
        check(&format!("az://{key}@logs/flow"), key);
        check(&format!("az://logs/flow/{key}"), key);
    }
    check(
        &format!("https://logs:{KEY}@logs.blob.core.windows.net/flow"),
        KEY,
    );
    check(&format!("abfss://{KEY}@logs.dfs.core.windows.net/flow"), KEY);
}

#[test]
fn connection_strings_and_passwords() {
    let connection = format!(
        "DefaultEndpointsProtocol=https;AccountName=logs;AccountKey={KEY};EndpointSuffix=core.windows.net"
    );
    check(&connection, KEY);
    check(&format!("az://{connection}"), KEY);
    check(&format!("az://logs:{PASSWORD}@flow"), PASSWORD);
    check(
        &format!("https://logs:{PASSWORD}@logs.blob.core.windows.net/flow"),
        PASSWORD,
    );
}

#[test]
fn signatures() {
    let own = SAS.split("sig=").nth(1).unwrap();
    check(SAS, own);
    check(&format!("?{SAS}"), own);
    check(&format!("az://logs/flow/{SAS}"), own);
    check(&format!("https://example.com/flow?{SAS}"), own);
    check(&format!("http://logs.blob.core.windows.net/flow?{SAS}"), own);
    check(&format!("azq:///?{SAS}"), own);
}

/// What says what was wrong says it in so many words.
#[test]
fn what_was_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = |typed: &str, says: &[&str]| {
        let run = run(folder.path(), &WAYS[0], typed);
        assert_eq!(run.exit, 2, "{}", run.err);
        for said in says {
            assert!(run.err.contains(said), "{typed}: `{said}` is not in {}", run.err);
        }
    };
    check(
        KEY,
        &["`…`", "a key of an account is written there", "AZURE_STORAGE_KEY"],
    );
    check(
        &format!("az://logs:{KEY}@flow"),
        &["`az://logs…`", "a key of an account"],
    );
    check(
        SAS,
        &[
            "a shared access signature without its address",
            "AZURE_STORAGE_SAS_TOKEN",
        ],
    );
    check(
        &format!("AccountName=logs;AccountKey={KEY}"),
        &["a connection string", "AZURE_STORAGE_CONNECTION_STRING"],
    );
    check(
        "az://logs/flow?sv=2026-02-06",
        &["the signature behind `az://logs/flow` is cut off", "in quotes"],
    );
}

/// An address with a signature that is right is used, and shown without it.
#[test]
fn a_signature_that_is_used_is_not_told() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "signed", 83);
    scene.grow(4);
    let signature = scene.account.signature();
    let own = signature.split("sig=").nth(1).unwrap().split('&').next().unwrap();
    let typed = format!("{}/signed?{signature}", azurite.blob_endpoint());
    std::fs::write(scene.path().join("PT1H.json"), "{\"records\":[]}").unwrap();
    let toml = format!("version = 1\ntable = \"{typed}\"\n");
    std::fs::write(scene.path().join("typed.toml"), toml).unwrap();
    for way in WAYS {
        // What asks Azure itself, and what would go on for ever, is left out.
        let is_elsewhere = way.0.contains(&"az://logs/flow") || *way == WAYS[0];
        if !is_elsewhere {
            let run = run(scene.path(), way, &typed);
            hides(
                &format!("{}{}", run.out, run.err),
                own,
                &format!("{:?} {:?}", way.0, way.1),
            );
        }
    }
}

/// What is wrong in other ways is told with the form it should have.
#[test]
fn what_is_no_value_is_told_with_its_form() {
    let check = |arguments: &[&str], says: &str| {
        let run = crate::golden::run(arguments);
        let said = format!("error: {says}");
        assert_eq!(
            (run.exit, run.err.trim_end()),
            (2, said.as_str()),
            "{arguments:?}"
        );
    };
    check(
        &["collect", "az://logs/flow", "--listen", "9464"],
        "`9464` is not a value of `--listen`\nhint: it takes an address of this machine and a port: 127.0.0.1:9464, or 0.0.0.0:9464 to be asked from elsewhere",
    );
    check(
        &["collect"],
        "`ADDRESS` is missing\nhint: name a container, such as az://ACCOUNT/insights-logs-flowlogflowevent, or add `--discover` to follow those of the facts",
    );
    check(
        &["ingest"],
        "`PATH` is missing\nhint: `flowglass ingest -h` shows what it takes",
    );
    check(
        &["collect", "az://logs/flow", "--cloud", "AzureFoo"],
        "`AzureFoo` is no cloud that is known\nhint: clouds are AzureCloud, AzureUSGovernment, AzureChinaCloud; for another leave `--cloud` away, and set `--blob-endpoint` and AZURE_AUTHORITY_HOST",
    );
    let forms = "is no span of time\nhint: it takes `P1D`, `PT2H`, `1d`, or two of them and times with `/` between: `2026-02-16/2026-02-17`, `2026-02-16T09:00Z/PT1H`";
    for flag in ["--hours", "--timespan"] {
        check(
            &["blobs", "az://logs/flow", flag, "foo"],
            &format!("`{flag} foo` {forms}"),
        );
    }
    check(
        &["collect", "az://logs/fl"],
        "`az://logs/fl` is no place in Azure Storage: `fl` is no name of a container: those have 3 to 63 small letters and digits, with single `-` between them\nhint: write az://ACCOUNT/CONTAINER/PREFIX, such as az://contosologs/insights-logs-flowlogflowevent, or the URL of the container with its SAS",
    );
}
