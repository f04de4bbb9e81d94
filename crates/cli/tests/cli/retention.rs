//! `table retain` as a user meets it, and what other commands say of days that are gone.

use std::path::Path;

use serde_json::Value;

use crate::care::{filled, told};
use crate::golden::flowglass;
use crate::table::run_in;

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let run = run_in(folder, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

/// The line of `doctor` about retention: how it stands, and the text.
fn doctor(folder: &Path, set: &str) -> (String, String) {
    let output = flowglass()
        .current_dir(folder)
        .env("FLOWGLASS_RETENTION", set)
        .args(["doctor", "--format", "json", "--table", "flowglass-data"])
        .output()
        .unwrap();
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let found = checks.iter().find(|check| check["check"] == "retention").unwrap();
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("health"), text("text"))
}

#[test]
fn days_are_dropped_and_everybody_says_so() {
    let folder = filled(5);
    let path = folder.path();
    let rows = json(path, &["table", "stats"])["rows"].as_u64().unwrap();
    run_in(path, &["table", "rollup"]);
    let before = json(path, &["table", "check"]);
    assert!(before["rollup_files"].as_u64().unwrap() > 0 && before["retained_from"].is_null());
    let overview = run_in(path, &["overview"]);
    assert!(!overview.err.contains("the table begins"), "{}", overview.err);
    assert_eq!(
        doctor(path, "off"),
        ("ok".to_owned(), "all days are kept".to_owned())
    );
    let (health, text) = doctor(path, "30d");
    assert!(
        health == "warn" && text.starts_with("30 days are kept; the table has rows of 2025-"),
        "{text}"
    );
    told("retain-unsaid", path, &["table", "retain"]);
    told(
        "retain-dry-run",
        path,
        &["table", "retain", "--days", "30", "--dry-run"],
    );
    assert_eq!(json(path, &["table", "stats"])["rows"], rows);
    std::fs::write(path.join("flowglass.toml"), "version = 1\nretention = \"30d\"\n").unwrap();
    told("retain", path, &["table", "retain"]);
    told("retain-again", path, &["table", "retain"]);
    told("retain-check", path, &["table", "check", "--deep"]);
    let check = json(path, &["table", "check"]);
    assert_eq!(check["dropped_rows"], rows);
    assert_eq!(check["rollup_files"], 0, "{check}");
    let stats = json(path, &["table", "stats"]);
    assert_eq!(
        (&stats["rows"], &stats["dropped_rows"]),
        (&0.into(), &rows.into())
    );
    assert_eq!(stats["stored"], rows, "what was read lately is still told");
    for asked in [
        &["overview"][..],
        &["overview", "--timespan", "2025-03-01/P30D"],
        &["query", "Flows | count", "--timespan", "2025-03-01/P30D"],
    ] {
        let said = run_in(path, asked).err;
        assert!(said.contains("the table begins at "), "{asked:?}: {said}");
        assert!(
            said.contains(&format!("retention has dropped the days before, {rows} rows")),
            "{said}"
        );
    }
    let said = run_in(path, &["query", "Flows | count"]).err;
    assert!(!said.contains("the table begins"), "{said}");
    let (health, text) = doctor(path, "30d");
    assert!(
        health == "ok" && text.contains(&format!("were dropped, {rows} rows so far")),
        "{text}"
    );
    // What was read stays known.
    let again = run_in(path, &["ingest", "0.json"]);
    assert_eq!(json(path, &["table", "stats"])["rows"], 0, "{}", again.out);
}

#[test]
fn a_lost_file_is_found_after_days_were_dropped() {
    let folder = filled(3);
    let path = folder.path();
    run_in(path, &["table", "retain", "--days", "30"]);
    // The same entries once more, of a week that is kept.
    let day = chrono::Utc::now() - chrono::TimeDelta::days(2);
    let moved = i64::from(u32::try_from(day.timestamp()).unwrap()) * 1000;
    let text = format!(
        r#"{{"records":[{{"time":"{}","macAddress":"6045BDBA5272","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"r","flowTuples":["{moved},10.0.0.1,10.9.9.9,4000,443,6,O,E,NX,1,100,2,200"]}}]}}]}}}}]}}"#,
        day.format("%Y-%m-%dT%H:%M:%S.0Z")
    );
    std::fs::write(path.join("new.json"), text).unwrap();
    assert_eq!(run_in(path, &["ingest", "new.json"]).exit, 0);
    assert_eq!(run_in(path, &["table", "check", "--deep"]).exit, 0);
    let kept = path.join(format!(
        "flowglass-data/Flows/FlowDate={}",
        day.format("%Y-%m-%d")
    ));
    let lost = std::fs::read_dir(kept).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(lost).unwrap();
    let check = run_in(path, &["table", "check"]);
    assert!(
        check.exit == 1 && check.out.contains("cannot be opened"),
        "{}",
        check.out
    );
}
