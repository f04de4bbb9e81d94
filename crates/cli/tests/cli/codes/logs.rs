//! What can be wrong with a log: one small log for each code, read.

use std::io::Write as _;

use model::Code;
use model::codes::list as code;

use super::shown;
use crate::golden::{compare, run_with_input};

const HEADER: &str = r#""time":"2025-03-04T05:07:00Z","macAddress":"000D3A0000A1","category":"FlowLogFlowEvent","flowLogVersion":4"#;
const GOOD: &str = "1741064761000,198.51.100.7,10.20.0.4,50111,443,6,I,B,NX,0,0,0,0";

/// A VNet record with these keys around its flows.
fn record(header: &str, tuples: &[&str]) -> String {
    format!(r#"{{{header},"flowRecords":{}}}"#, flows(tuples))
}

fn flows(tuples: &[&str]) -> String {
    let tuples = tuples.join("\",\"");
    format!(
        r#"{{"flows":[{{"aclID":"nsg-web","flowGroups":[{{"rule":"UserRule_web","flowTuples":["{tuples}"]}}]}}]}}"#
    )
}

/// An NSG record of a version with one tuple.
fn nsg_record(version: u32, tuple: &str) -> String {
    format!(
        r#"{{"time":"2025-03-04T05:07:00Z","macAddress":"000D3A0000C3","category":"NetworkSecurityGroupFlowEvent","properties":{{"Version":{version},"flows":[{{"rule":"UserRule_web","flows":[{{"mac":"000D3A0000C3","flowTuples":["{tuple}"]}}]}}]}}}}"#
    )
}

fn blob(records: &[&str]) -> String {
    format!(r#"{{"records":[{}]}}"#, records.join(","))
}

/// Reads a log with this in it.
#[track_caller]
fn check(code: Code, log: impl AsRef<[u8]>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), log).unwrap();
    let run = shown(
        code,
        folder.path(),
        &["read", "log.json", "--summary", "--top", "1"],
    );
    assert_eq!(run.exit, 0, "{code}");
}

/// A record with a good tuple and this one.
fn beside_a_good_one(tuple: &str) -> String {
    blob(&[&record(HEADER, &[GOOD, tuple])])
}

#[test]
fn tuples_that_are_put_aside() {
    let later = GOOD.replace("1741064761000", "4741064761000");
    check(code::TUPLE_TIME_RANGE, beside_a_good_one(&later));
    let two_days_before = GOOD.replace("1741064761000", "1740891961000");
    check(code::TUPLE_TIME_FAR, beside_a_good_one(&two_days_before));
    let long = GOOD.replace("50111", &"5".repeat(2000));
    check(code::TUPLE_LONG, beside_a_good_one(&long));
    check(
        code::TUPLE_LAYOUT,
        beside_a_good_one("1741064761,198.51.100.7,10.20.0.4,50111,443,T,I,A,B,,,,"),
    );
    let good = nsg_record(2, "1741064761,198.51.100.7,10.20.0.4,50111,443,T,I,A,B,,,,");
    check(code::TUPLE_VNET_LAYOUT, blob(&[&good, &nsg_record(2, GOOD)]));
}

#[test]
fn records_that_are_put_aside() {
    let good = record(HEADER, &[GOOD]);
    let shape = format!(r#"{{{HEADER},"flowRecords":5}}"#);
    check(code::RECORD_SHAPE, blob(&[&good, &shape]));
    let hybrid = good.replace("FlowLogFlowEvent", "NetworkSecurityGroupFlowEvent");
    check(code::RECORD_HYBRID, blob(&[&good, &hybrid]));
    let deep = format!(r#"{HEADER},"deep":{}{}"#, "[".repeat(70), "]".repeat(70));
    check(code::RECORD_DEPTH, blob(&[&good, &record(&deep, &[GOOD])]));
    let long = HEADER.replace("000D3A0000A1", &"A".repeat(70_000));
    check(code::RECORD_STRING, blob(&[&good, &record(&long, &[GOOD])]));
    let mut latin = Vec::new();
    for part in blob(&[&record(&HEADER.replace("000D3A0000A1", "0\u{1}1"), &[GOOD])]).split('\u{1}') {
        latin.extend_from_slice(if latin.is_empty() { b"" } else { b"\xe9" });
        latin.extend_from_slice(part.as_bytes());
    }
    check(code::NOT_UTF8, latin);
}

/// Azure writes small records, their header first; beyond a million tuples the end is no longer waited for.
#[test]
fn a_record_too_large_to_wait_for() {
    let tuples = (1 << 20) + 10_000;
    let mut log = Vec::from(
        r#"{"records":[{"flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"b","flowTuples":["#,
    );
    for number in 0..tuples {
        let comma = if number > 0 { "," } else { "" };
        write!(
            log,
            r#"{comma}"1741064761000,10.0.0.4,10.0.0.5,40000,443,6,I,B,NX,,,,""#
        )
        .unwrap();
    }
    write!(log, "]}}]}}]}},{HEADER}}}]}}").unwrap();
    let arguments = ["read", "-", "--summary", "--top", "1"];
    let run = run_with_input(&arguments, &log);
    assert!(run.out.contains(&code::RECORD_SPLIT.to_string()), "{}", run.out);
    compare(&format!("codes/{}", code::RECORD_SPLIT), &arguments, &run);
}

#[test]
fn odd_tuples() {
    let with = |from: &str, to: &str| blob(&[&record(HEADER, &[&GOOD.replace(from, to)])]);
    check(code::ODD_SECONDS, with("1741064761000", "1741064761"));
    check(code::ODD_PROTOCOL_LETTER, with(",443,6,", ",443,T,"));
    check(code::ODD_ENCRYPTION, with(",NX,", ",XY,"));
    // Twenty minutes before its record.
    check(code::ODD_SKEW, with("1741064761000", "1741063620000"));
    let nsg = "1741064761000,198.51.100.7,10.20.0.4,50111,443,T,I,A,B,,,,";
    check(code::ODD_MILLISECONDS, blob(&[&nsg_record(2, nsg)]));
    let nsg = "1741064761,198.51.100.7,10.20.0.4,50111,443,T,I,A,B,,,,";
    check(code::ODD_ARITY, blob(&[&nsg_record(1, nsg)]));
}

#[test]
fn odd_records() {
    let good = record(HEADER, &[GOOD]);
    let with = |from: &str, to: &str| blob(&[&record(&HEADER.replace(from, to), &[GOOD])]);
    check(code::ODD_MAC, with(r#""macAddress":"000D3A0000A1","#, ""));
    check(code::ODD_TIME, with("2025-03-04T05:07:00Z", "this morning"));
    check(code::ODD_CATEGORY, with("FlowLogFlowEvent", "FlowLogOtherEvent"));
    check(
        code::ODD_DUPLICATE_KEY,
        with(
            r#""flowLogVersion":4"#,
            r#""flowLogVersion":4,"flowLogVersion":4"#,
        ),
    );
    check(code::ODD_REPEATED_RECORD, blob(&[&good, &good]));
    check(code::ODD_NESTED, blob(&[&blob(&[&good])]));
    check(code::ODD_BOM, format!("\u{feff}{}", blob(&[&good])));
    check(code::ODD_LEADING_COMMA, format!(",{good}"));
}

#[test]
fn holes_and_numbers_for_names() {
    let good = record(HEADER, &[GOOD]);
    let holed = good.replace("198.51.100.7,10.20.0.4", &"\0".repeat(22));
    assert_ne!(good, holed);
    check(code::HOLE, blob(&[&holed, &good]));
    let number = HEADER.replace(r#""000D3A0000A1""#, "17");
    check(code::ODD_TYPE, blob(&[&record(&number, &[GOOD])]));
}

/// A thousand days and one, of a record that does not say when it was written.
#[test]
fn tuples_on_too_many_days() {
    let day = |day: u64| {
        GOOD.replace(
            "1741064761000",
            &(1_600_000_000_000 + day * 86_400_000).to_string(),
        )
    };
    let tuples: Vec<String> = (0..=1000).map(day).collect();
    let tuples: Vec<&str> = tuples.iter().map(String::as_str).collect();
    let header = HEADER.replace(r#""time":"2025-03-04T05:07:00Z","#, "");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), blob(&[&record(&header, &tuples)])).unwrap();
    shown(code::TUPLE_DAYS, folder.path(), &["ingest", "log.json"]);
}

/// A good record, and then blanks that swell to 96 MiB from a few hundred bytes, as Zstandard writes them:
/// <https://www.rfc-editor.org/rfc/rfc8878#name-blocks>.
fn bomb() -> Vec<u8> {
    const BLOCK: u32 = 128 << 10;
    let good = blob(&[&record(HEADER, &[GOOD])]);
    let header = |kind: u32, size: usize, last: bool| {
        let header = (u32::try_from(size).unwrap() << 3) | (kind << 1) | u32::from(last);
        header.to_le_bytes().into_iter().take(3)
    };
    // The frame's mark, no options, and a window of a block.
    let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    bytes.extend(header(0, good.len(), false));
    bytes.extend(good.as_bytes());
    let blanks = 96 * 8;
    for number in 1..=blanks {
        bytes.extend(header(1, BLOCK as usize, number == blanks));
        bytes.push(b' ');
    }
    bytes
}

#[test]
fn a_small_file_that_swells() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json.zst"), bomb()).unwrap();
    let arguments = ["read", "log.json.zst", "--summary", "--top", "1"];
    let run = shown(code::DECOMPRESS_LIMIT, folder.path(), &arguments);
    assert!(run.out.contains("1 stored"), "{}", run.out);
}
