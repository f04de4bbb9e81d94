//! `facts pull` as a user meets it, with a server of this machine in Azure's place.

#[path = "../../../azure/tests/azure/server.rs"]
pub(crate) mod server;
#[path = "../../../azure/tests/azure/world.rs"]
mod world;

use std::path::Path;

use serde_json::Value;

use crate::golden::{Run, check, compare, flowglass};
use crate::table::run_in;

use server::{Answer, Asked, Server, nowhere};
use world::{SHOP, TENANT};

const SECRETS: [&str; 2] = [world::TOKEN, "s3cret!"];

/// Pulls from a place as the application of the world; the place is not told in what is compared.
fn pull(folder: &Path, place: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let endpoint = ["facts", "pull", "--arm-endpoint", place];
    let output = flowglass()
        .current_dir(folder)
        .env("AZURE_AUTHORITY_HOST", place)
        .envs(variables.iter().copied())
        .args([endpoint.as_slice(), arguments].concat())
        .output()
        .unwrap();
    let mut run = Run::from(output);
    for said in [&mut run.out, &mut run.err] {
        for secret in SECRETS {
            assert!(!said.contains(secret), "{said}");
        }
        *said = said.replace(place.trim_start_matches("http://"), "HOST");
    }
    run
}

/// The application of the world.
const APP: [(&str, &str); 3] = [
    ("AZURE_TENANT_ID", TENANT),
    ("AZURE_CLIENT_ID", "app"),
    ("AZURE_CLIENT_SECRET", "s3cret!"),
];
const AS_APP: [&str; 2] = ["--credential", "service-principal"];
const AT: [&str; 2] = ["--at", "2025-03-01"];

fn checked(folder: &Path, name: &str, place: &str, arguments: &[&str]) -> Run {
    let arguments = [AS_APP.as_slice(), arguments].concat();
    let run = pull(folder, place, &APP, &arguments);
    compare(
        &format!("facts/{name}"),
        &[&["facts", "pull"], arguments.as_slice()].concat(),
        &run,
    );
    run
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let found = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    found
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

#[test]
fn what_azure_tells_is_what_files_tell() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(world::azure);
    let run = checked(folder, "pull", &server.place, &[AT[0], AT[1], "--out", "exports"]);
    assert_eq!(run.exit, 0);
    let version = concat!("flowglass/", env!("CARGO_PKG_VERSION"));
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.header("user-agent") == version)
    );
    // The same lists as files say the same, whichever comes first.
    let load = run_in(folder, &["facts", "load", "exports", "--at", "2025-03-02"]);
    assert_eq!((load.exit, load.err.as_str()), (0, ""), "{}", load.out);
    let diff = run_in(folder, &["facts", "diff"]);
    assert_eq!((diff.exit, diff.out.lines().last()), (0, Some("nothing changed")));
    // Both loads, and what is known now.
    let show = run_in(folder, &["facts", "show"]);
    let known: Vec<&str> = show
        .out
        .lines()
        .filter_map(|line| Some(line.split_once("Z: ").or_else(|| line.split_once("now: "))?.1))
        .collect();
    assert_eq!(known.len(), 3, "{}", show.out);
    assert!(known.iter().all(|one| one == &known[0]), "{}", show.out);
    let who = run_in(folder, &["who", "10.0.1.20", "--at", "2025-03-03"]);
    assert!(who.out.contains("machine     vmss-api_0, running"), "{}", who.out);
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        // Snapshots are packed; what is in them stood in the files.
        let text = String::from_utf8_lossy(&bytes);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{}", path.display());
        }
    }
}

/// Without the elements of one list.
fn without(path: &'static str) -> impl Fn(&Asked) -> Answer {
    move |asked| match asked.path().ends_with(path) {
        true => Answer::new(200, r#"{"value":[]}"#),
        false => world::azure(asked),
    }
}

fn names(folder: &Path, kind: &str, at: &str) -> Vec<String> {
    let query = format!(
        "Assets | where AzureResourceType == '{kind}' and (isnull(ValidFrom) or ValidFrom <= datetime({at})) and (isnull(ValidTo) or ValidTo > datetime({at})) | project Name | sort by Name asc"
    );
    let run = run_in(folder, &["query", &query, "--format", "ndjson"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let rows = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| row["Name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_refused_stays_known_and_what_is_gone_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let one = ["--subscription", SHOP];
    let server = Server::start(world::azure);
    let first = pull(
        folder,
        &server.place,
        &APP,
        &[AS_APP.as_slice(), &one, &AT].concat(),
    );
    assert_eq!(first.exit, 0, "{}", first.err);
    // Groups may not be read any more, and there are no public addresses.
    let empty = without("Microsoft.Network/publicIPAddresses");
    let server = Server::start(move |asked| match asked.path() {
        path if path.ends_with("Microsoft.Network/networkSecurityGroups") => world::refused(asked),
        _ => empty(asked),
    });
    let arguments = [one[0], one[1], "--at", "2025-03-05"];
    let run = checked(folder, "pull-refused", &server.place, &arguments);
    assert_eq!(run.exit, 3);
    assert_eq!(
        names(folder, "NetworkSecurityGroup", "2025-03-06"),
        ["rg-shop/nsg-web"]
    );
    assert_eq!(
        names(folder, "NetworkSecurityGroup", "2025-03-02"),
        ["rg-shop/nsg-web"]
    );
    assert_eq!(
        names(folder, "PublicIpAddress", "2025-03-02"),
        ["rg-shop/pip-web", "rg-shop/ppfx"]
    );
    assert_eq!(names(folder, "PublicIpAddress", "2025-03-06"), ["rg-shop/ppfx"]);
}

#[test]
fn told_to_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(|asked| match asked.path() {
        path if path.ends_with("Microsoft.Network/loadBalancers") && path.contains(SHOP) => {
            Answer::new(500, "oh").header("Retry-After", "0")
        }
        _ => world::azure(asked),
    });
    let arguments = [AS_APP.as_slice(), &AT, &["--format", "json"]].concat();
    let run = pull(folder, &server.place, &APP, &arguments);
    assert_eq!(run.exit, 3);
    assert_eq!(
        run.err,
        format!(
            "error: subscription `{SHOP}`, loadBalancers: HOST answers 500: without a reason (tried 6 times)\nhint: run it again later\n"
        )
    );
    let told: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(told["credential"], "service principal");
    assert_eq!(told["subscriptions"][0]["name"], "shop-prod");
    assert_eq!(told["subscriptions"][0]["known"]["interfaces"], 3);
    let lists = told["lists"].as_array().unwrap();
    let failed: Vec<&Value> = lists.iter().filter(|list| !list["failure"].is_null()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["list"], "loadBalancers");
    let whole = told["whole"].as_array().unwrap();
    let of_balancers = whole
        .iter()
        .filter(|held| held["type"] == "Microsoft.Network/loadBalancers");
    let of_balancers: Vec<&Value> = of_balancers.map(|held| &held["subscription"]).collect();
    assert_eq!(of_balancers, [world::EMPTY]);
}

#[test]
fn what_would_be_asked() {
    let name = "facts/pull-dry-run";
    check(name, &["facts", "pull", "--dry-run"]);
    let group = [
        "facts",
        "pull",
        "--dry-run",
        "--cloud",
        "AzureUSGovernment",
        "--subscription",
        SHOP,
        "--resource-group",
        "rg-shop",
    ];
    check("facts/pull-dry-run-group", &group);
}

#[test]
fn when_nobody_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Who proves its identity elsewhere, and then finds nobody.
    let entra = Server::start(world::azure);
    let arguments = [
        "facts",
        "pull",
        "--arm-endpoint",
        &nowhere(),
        "--credential",
        "service-principal",
    ];
    let output = flowglass()
        .current_dir(folder)
        .env("AZURE_AUTHORITY_HOST", &entra.place)
        .envs(APP)
        .args(arguments)
        .output()
        .unwrap();
    let run = Run::from(output);
    assert_eq!(run.exit, 3);
    let host = arguments[3].trim_start_matches("http://");
    assert_eq!(
        run.err,
        format!(
            "error: cannot reach {host}: the connection was refused (tried 6 times)\nhint: check the network and its name service; behind a proxy set HTTPS_PROXY\n"
        )
    );
    // No way of proving it at all.
    let place = nowhere();
    let run = pull(
        folder,
        &place,
        &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &place)],
        &[],
    );
    compare("facts/pull-nobody", &["facts", "pull"], &run);
    // The wrong secret.
    let wrong = [APP[0], APP[1], ("AZURE_CLIENT_SECRET", "wr0ng")];
    let run = pull(folder, &entra.place, &wrong, &AS_APP);
    compare(
        "facts/pull-wrong-secret",
        &["facts", "pull", "--credential", "service-principal"],
        &run,
    );
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        0,
        "nothing was left behind"
    );
}

#[test]
fn wrong_use() {
    for (name, arguments) in [
        ("subscription", ["--subscription", "a/../b"]),
        ("group", ["--resource-group", "a/b"]),
        ("cloud", ["--cloud", "AzureGermanCloud"]),
        ("endpoint", ["--arm-endpoint", "management.azure.com"]),
        (
            "plain-endpoint",
            ["--arm-endpoint", "http://management.azure.com"],
        ),
        ("way", ["--credential", "password"]),
    ] {
        let arguments = [&["facts", "pull"], arguments.as_slice(), &["--dry-run"]].concat();
        assert_eq!(crate::golden::run(&arguments).exit, 2, "{name}");
        check(&format!("facts/pull-wrong-{name}"), &arguments);
    }
}

/// Whoever signed in with `az login`.
#[cfg(unix)]
#[test]
fn az_gives_its_token() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(world::azure);
    let az = folder.join("az");
    let with = |script: &str| {
        std::fs::write(&az, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let variables = [("PATH", folder.to_str().unwrap())];
        pull(
            folder,
            &server.place,
            &variables,
            &["--credential", "az", "--subscription", SHOP, "--format", "json"],
        )
    };
    let asks = format!(
        r#"[ "$*" = "account get-access-token --output json --resource {}" ] || exit 9
echo '{{"accessToken":"{}","expiresOn":"2030-01-01 00:00:00.000000","expires_on":1893456000,"tokenType":"Bearer"}}'"#,
        server.place,
        world::TOKEN
    );
    let run = with(&asks);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(told["credential"], "Azure CLI");
    let run = with("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    compare("facts/pull-az", &["facts", "pull", "--credential", "az"], &run);
    assert_eq!(run.exit, 3);
}
