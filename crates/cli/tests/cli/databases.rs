//! Databases of countries and autonomous systems, as a user brings them.

use std::path::Path;

use serde_json::{Value, json};
use sim::cidr::Prefix;
use sim::mmdb::address_file;

use crate::golden::{Run, compare, flowglass};
use crate::table::{ingested, run_in};

const AT: &[&str] = &["--at", "2024-12-31"];

fn write(folder: &Path, name: &str, (kind, built): (&str, u64), networks: &[(&str, Value)]) -> Vec<u8> {
    let networks: Vec<(Prefix, Value)> = networks
        .iter()
        .map(|(prefix, record)| (Prefix::parse(prefix).unwrap(), record.clone()))
        .collect();
    let bytes = address_file(kind, built, "made for a test", &networks);
    std::fs::write(folder.join(name), &bytes).unwrap();
    bytes
}

/// 2024-11-24.
const BUILT: u64 = 1_732_406_400;

fn countries(folder: &Path, name: &str, code: &str, built: u64) -> Vec<u8> {
    let record = json!({ "country": { "iso_code": code } });
    write(
        folder,
        name,
        ("GeoLite2-Country", built),
        &[
            ("20.0.0.0/8", record.clone()),
            ("203.0.113.0/24", record.clone()),
            ("10.0.0.0/8", record),
        ],
    )
}

fn systems(folder: &Path, name: &str) {
    let record =
        json!({ "autonomous_system_number": 64_500, "autonomous_system_organization": "Example Cloud" });
    write(
        folder,
        name,
        ("DBIP-ASN-Lite (compat=GeoLite2-ASN)", BUILT),
        &[("20.0.0.0/8", record.clone()), ("203.0.113.0/24", record)],
    );
}

fn check(folder: &Path, name: &str, arguments: &[&str]) -> Run {
    let run = run_in(folder, arguments);
    compare(&format!("facts/{name}"), arguments, &run);
    run
}

#[test]
fn countries_and_systems_are_told() {
    let (folder, _) = ingested();
    let folder = folder.path();
    countries(folder, "GeoLite2-Country.mmdb", "US", BUILT);
    systems(folder, "dbip-asn-lite.mmdb");
    let load = [
        "facts",
        "load",
        "GeoLite2-Country.mmdb",
        "dbip-asn-lite.mmdb",
        AT[0],
        AT[1],
    ];
    assert_eq!(check(folder, "load-databases", &load).exit, 0);
    check(folder, "show-databases", &["facts", "show"]);
    check(
        folder,
        "show-databases-json",
        &["facts", "show", "--format", "json"],
    );
    assert_eq!(
        check(folder, "who-public", &["who", "20.242.181.1", AT[0], AT[1]]).exit,
        0
    );
    check(
        folder,
        "who-public-json",
        &["who", "20.242.181.1", AT[0], AT[1], "--format", "json"],
    );
    let private = run_in(folder, &["who", "10.7.0.4", AT[0], AT[1]]);
    assert!(!private.out.contains("located"), "{}", private.out);
    check(
        folder,
        "flows-of-countries",
        &[
            "query",
            "Flows | summarize count() by SrcCountry, SrcAsn, DestCountry, DestAsn, DestAsnName | sort by DestCountry asc",
        ],
    );
    // A newer edition takes the place of the older one, from its time on.
    countries(folder, "newer.mmdb", "DE", BUILT + 30 * 86_400);
    let newer = ["facts", "load", "newer.mmdb", "--at", "2025-01-02"];
    assert_eq!(run_in(folder, &newer).exit, 0);
    assert_eq!(check(folder, "diff-databases", &["facts", "diff"]).exit, 1);
    let located = |at: &str| {
        let told = run_in(folder, &["who", "20.242.181.1", "--at", at]);
        let line = told
            .out
            .lines()
            .find(|line| line.contains("located"))
            .unwrap_or_default();
        line.trim().chars().skip(12).take(2).collect::<String>()
    };
    assert_eq!(
        (located("2025-01-01"), located("2025-01-03")),
        ("US".to_owned(), "DE".to_owned())
    );
}

/// A load is named by its number or its snapshot; a database that no other load names goes with it.
#[test]
fn a_load_is_taken_back() {
    let (folder, _) = ingested();
    let folder = folder.path();
    check(folder, "remove-none", &["facts", "remove", "1"]);
    crate::facts::exports(folder);
    countries(folder, "country.mmdb", "US", BUILT);
    for (file, at) in [
        ("nics.json", "2025-02-01"),
        ("country.mmdb", "2025-02-02"),
        ("country.mmdb", "2025-02-03"),
        ("vnets.json", "2025-02-04"),
    ] {
        assert_eq!(run_in(folder, &["facts", "load", file, "--at", at]).exit, 0);
    }
    check(folder, "show-numbers", &["facts", "show"]);
    check(folder, "remove-unknown", &["facts", "remove", "5"]);
    check(
        folder,
        "remove-dry",
        &["facts", "remove", "2", "3", "4", "--dry-run"],
    );
    let databases = || {
        std::fs::read_dir(folder.join("flowglass-data/_facts/databases"))
            .unwrap()
            .count()
    };
    let lines = |arguments: &[&str]| run_in(folder, arguments).out.lines().count();
    // The same database is loaded for two times: its snapshot's name alone does not say which.
    let show = run_in(folder, &["facts", "show"]).out;
    let hash = show.lines().find_map(|line| {
        line.split_once("snapshot ")?
            .1
            .split(',')
            .next()
            .map(str::to_owned)
    });
    let hash = hash.unwrap();
    let twice = show
        .lines()
        .filter_map(|line| line.split_once("snapshot "))
        .nth(1)
        .unwrap()
        .1;
    let twice = twice.split(',').next().unwrap();
    check(folder, "remove-either", &["facts", "remove", twice]);
    let named = format!("2025-02-02T00:00:00Z-{twice}");
    assert_eq!(run_in(folder, &["facts", "remove", &named]).exit, 0);
    assert_eq!(
        (databases(), lines(&["facts", "show"])),
        (1, show.lines().count() - 4)
    );
    check(
        folder,
        "remove-last-of-database",
        &["facts", "remove", "2", "--format", "json"],
    );
    assert_eq!(databases(), 0);
    check(folder, "remove-by-snapshot", &["facts", "remove", &hash[..8]]);
    let again = run_in(folder, &["facts", "remove", &hash[..8]]);
    assert_eq!(again.exit, 2, "{}", again.err);
    check(folder, "show-left", &["facts", "show"]);
}

/// What nobody had spoken of before holds before its load, whatever else was loaded in the meantime.
#[test]
fn countries_that_come_after_other_facts_are_told_of_the_time_before() {
    let (folder, _) = ingested();
    let folder = folder.path();
    crate::facts::exports(folder);
    countries(folder, "country.mmdb", "US", BUILT);
    for (file, at) in [
        ("vnets.json", "2025-02-01"),
        ("nics.json", "2025-02-02"),
        ("country.mmdb", "2025-02-03"),
        ("tags.json", "2025-02-04"),
    ] {
        let run = run_in(folder, &["facts", "load", file, "--at", at]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{file}");
    }
    check(
        folder,
        "flows-before-all-loads",
        &[
            "query",
            "Flows | summarize count() by SrcVm, DestVm, SrcCountry, DestCountry, FlowType | sort by SrcVm, DestVm, DestCountry, FlowType",
        ],
    );
    check(
        folder,
        "assets-before-all-loads",
        &[
            "query",
            "Assets | project Name, ValidFrom, ValidTo | sort by Name asc",
        ],
    );
    check(
        folder,
        "who-first-loaded-later",
        &["who", "20.242.181.1", "--at", "2025-02-01"],
    );
}

#[test]
fn what_is_no_such_database_is_said_and_the_rest_is_loaded() {
    let (folder, _) = ingested();
    let folder = folder.path();
    let whole = countries(folder, "whole.mmdb", "US", BUILT);
    std::fs::write(folder.join("cut.mmdb"), &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    damaged[4..8].fill(0xff);
    std::fs::write(folder.join("damaged.mmdb"), &damaged).unwrap();
    write(
        folder,
        "other.mmdb",
        ("GeoIP2-Connection-Type", BUILT),
        &[("9.0.0.0/8", json!({ "connection_type": "Cable" }))],
    );
    std::fs::write(folder.join("text.mmdb"), "no database").unwrap();
    let load = [
        "facts",
        "load",
        "whole.mmdb",
        "cut.mmdb",
        "damaged.mmdb",
        "other.mmdb",
        "text.mmdb",
        AT[0],
        AT[1],
    ];
    assert_eq!(check(folder, "load-databases-damaged", &load).exit, 3);
    // What was good of it is there.
    let who = run_in(folder, &["who", "20.242.181.1", AT[0], AT[1]]);
    assert!(
        who.out
            .contains("located     US, by GeoLite2-Country of 2024-11-24"),
        "{}",
        who.out
    );

    // A database that vanishes beside the table is named to who asks for it, and to nobody else.
    std::fs::remove_dir_all(folder.join("flowglass-data/_facts/databases")).unwrap();
    check(
        folder,
        "who-without-database",
        &["who", "20.242.181.1", AT[0], AT[1]],
    );
    assert_eq!(
        run_in(folder, &["query", "Flows | summarize count() by SrcVm"]).exit,
        0
    );
    let asked = check(
        folder,
        "query-without-database",
        &["query", "Flows | summarize count() by SrcCountry"],
    );
    assert_eq!(asked.exit, 3);
    // Loading it again makes it whole.
    assert_eq!(
        run_in(folder, &["facts", "load", "whole.mmdb", AT[0], AT[1]]).exit,
        0
    );
    assert_eq!(
        run_in(folder, &["query", "Flows | summarize count() by SrcCountry"]).exit,
        0
    );
}

#[test]
fn raw_entries_say_where_public_addresses_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("exports")).unwrap();
    countries(folder, "exports/country.mmdb", "NL", BUILT);
    systems(folder, "exports/asn.mmdb");
    std::fs::write(folder.join("vnet.json"), crate::facts::BLOB).unwrap();
    check(
        folder,
        "read-databases",
        &["read", "vnet.json", "--facts", "exports"],
    );
    let one = run_in(
        folder,
        &[
            "read",
            "vnet.json",
            "--facts",
            "exports/country.mmdb",
            "--format",
            "csv",
        ],
    );
    assert!(one.out.contains("(internet, NL)"), "{}", one.out);
}

/// The demo's world has countries of its own making, and says so.
#[test]
fn the_demo_says_countries() {
    let folder = tempfile::tempdir().unwrap();
    let run: Run = flowglass()
        .current_dir(folder.path())
        .args(["demo", "--size", "tiny", "--hours", "2"])
        .output()
        .unwrap()
        .into();
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let table = ["--table", "flowglass-demo/seed-1-tiny-2h/table"];
    let ask = |arguments: &[&str]| {
        let run = run_in(folder.path(), &[arguments, &table].concat());
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{arguments:?}");
        run.out
    };
    let countries = ask(&[
        "query",
        "--format",
        "csv",
        "Flows | where FlowType == 'ExternalPublic' | summarize dcount(SrcCountry), countif(isempty(SrcCountry) and isempty(DestCountry))",
    ]);
    let line = countries.lines().nth(1).unwrap();
    let numbers: Vec<u64> = line.split(',').map(|number| number.parse().unwrap()).collect();
    assert!(numbers[0] > 5, "{countries}");
    assert_eq!(numbers[1], 0, "{countries}");
    assert!(ask(&["facts", "show"]).contains("licence: made up by `flowglass demo`"));
}
