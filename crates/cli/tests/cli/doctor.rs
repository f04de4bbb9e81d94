//! `doctor`: what it says depends on the machine, so its shape is tested and what can be forced.

use serde_json::Value;

use crate::golden::{flowglass, run};

fn checks(arguments: &[&str]) -> (i32, Vec<Value>) {
    let run = run(&[&["doctor", "--format", "json"], arguments].concat());
    assert_eq!(run.err, "");
    (run.exit, serde_json::from_str(&run.out).unwrap())
}

fn named<'v>(checks: &'v [Value], name: &str) -> &'v Value {
    checks.iter().find(|check| check["check"] == name).unwrap()
}

#[test]
fn every_check_has_an_answer() {
    let (_, checks) = checks(&[]);
    let names: Vec<&str> = checks
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "version",
            "processor",
            "cores",
            "memory",
            "configuration",
            "table",
            "retention",
            "disk",
            "terminal",
            "clock"
        ]
    );
    for check in &checks {
        let health = check["health"].as_str().unwrap();
        assert!(["ok", "warn", "fail"].contains(&health));
        assert!(!check["text"].as_str().unwrap().is_empty());
        assert_eq!(
            check["hint"].is_null(),
            health == "ok",
            "{check}: whatever is wrong has a next step"
        );
    }
    let lines = run(&["doctor", "--format", "ndjson"]).out;
    assert_eq!(lines.lines().count(), checks.len());
    let page = run(&["doctor"]).out;
    assert!(page.lines().last().unwrap().ends_with("failed"), "{page}");
}

#[test]
fn a_wrong_setting_is_a_finding() {
    let output = flowglass()
        .env("FLOWGLASS_THREADS", "0")
        .args(["doctor", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = &named(&found, "configuration")["text"];
    assert!(text.as_str().unwrap().contains("FLOWGLASS_THREADS"), "{text}");
    let (exit, found) = checks(&["--config", "config/syntax.toml"]);
    let configuration = named(&found, "configuration");
    assert_eq!((exit, &configuration["health"]), (1, &"fail".into()));
    assert!(configuration["hint"].is_string());
    let page = run(&["doctor", "--config", "config/syntax.toml"]);
    assert!(
        page.exit == 1 && page.out.contains("FAIL  configuration"),
        "{}",
        page.out
    );
}

#[test]
fn a_table_that_cannot_be_is_a_finding() {
    let (exit, found) = checks(&["--table", "vnet.json"]);
    assert_eq!(exit, 1);
    assert_eq!(named(&found, "table")["health"], "fail");
    assert_eq!(
        named(&found, "table")["text"],
        "`vnet.json` is a file, not a folder"
    );
    let (_, found) = checks(&["--table", "not-yet"]);
    assert_eq!(
        named(&found, "table")["text"],
        "`not-yet` is not there yet; it can be made"
    );
    assert!(
        !crate::golden::data().join("not-yet").exists(),
        "looking makes nothing"
    );
}

#[test]
fn settings_beyond_the_machine_are_a_warning() {
    let output = flowglass()
        .envs([("FLOWGLASS_MEMORY", "1000TiB"), ("FLOWGLASS_THREADS", "1024")])
        .args(["doctor", "--format", "json"])
        .output()
        .unwrap();
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(named(&checks, "cores")["health"], "warn");
    if cfg!(target_os = "linux") {
        assert_eq!(named(&checks, "memory")["health"], "warn");
    }
}

/// A place that is no folder is not looked at as one.
#[test]
fn a_table_elsewhere_is_no_folder() {
    let (exit, found) = checks(&["--table", "s3://bucket/flows"]);
    assert_eq!(exit, 1);
    let said = |name: &str| named(&found, name)["text"].as_str().unwrap().to_owned();
    assert_eq!(
        said("table"),
        "`s3://bucket/flows` is neither a folder nor an address of a storage account"
    );
    assert_eq!(said("disk"), "not looked at: the place of the table is no folder");
    assert_eq!(said("retention"), "not looked at: the table cannot be opened");
}
