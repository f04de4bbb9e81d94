//! JSON, JSON lines and CSV: the same rows, the columns of the column table in their order.

use serde_json::Value;

use crate::golden::{check, run};

#[test]
fn as_printed() {
    check(
        "formats/json",
        &["read", "nsg2.json", "--format", "json", "--limit", "2"],
    );
    check(
        "formats/ndjson",
        &["read", "nsg2.json", "--format", "ndjson", "--limit", "2"],
    );
    check(
        "formats/csv",
        &["read", "nsg2.json", "--format", "csv", "--limit", "2"],
    );
    check(
        "formats/summary-json",
        &["read", "vnet.json", "--summary", "--format", "json", "--top", "2"],
    );
    check(
        "formats/summary-ndjson",
        &[
            "read",
            "nsg1.json",
            "--summary",
            "--format",
            "ndjson",
            "--top",
            "1",
        ],
    );
    for format in ["json", "ndjson", "csv"] {
        check(
            &format!("formats/none-{format}"),
            &["read", "nsg2.json", "--format", format, "--rule", "nothing"],
        );
    }
}

#[test]
fn the_three_say_the_same() {
    let json: Vec<Value> =
        serde_json::from_str(&run(&["read", "vnet.json", "--format", "json"]).out).unwrap();
    let lines = run(&["read", "vnet.json", "--format", "ndjson"]).out;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json, lines);
    let csv = run(&["read", "vnet.json", "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), json.len() + 1);
}

#[test]
fn every_stored_column_and_what_is_computed() {
    let out = run(&["read", "vnet.json", "--format", "ndjson", "--limit", "1"]).out;
    let mut at = 0;
    let names = model::FLOWS.stored_columns().map(|column| column.name);
    for name in names.chain(["L7Protocol", "SrcIpClass", "DestIpClass", "Source", "Sentence"]) {
        at += out[at..]
            .find(&format!("\"{name}\":"))
            .unwrap_or_else(|| panic!("`{name}` is missing or out of order"));
    }
}

#[test]
fn not_reported_is_null_and_zero_is_zero() {
    let rows = run(&[
        "read",
        "vnet.json",
        "--format",
        "ndjson",
        "--src-port",
        "40001,61000",
    ])
    .out;
    let bytes: Vec<Value> = rows
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["BytesSrcToDest"].clone())
        .collect();
    assert_eq!(bytes, [Value::Null, Value::Null, 0.into(), 0.into()]);
}

#[test]
fn a_limit_stops_reading() {
    let run = run(&[
        "read",
        "vnet.json",
        "missing.json",
        "--format",
        "ndjson",
        "--limit",
        "3",
    ]);
    assert_eq!((run.exit, run.out.lines().count(), run.err.as_str()), (0, 3, ""));
}
