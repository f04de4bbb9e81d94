//! The form of a source is that of its first object that has one, not of its first object.

use model::SourceId;
use model::codes::{Code, list as code};
use model::limits::{DETECT_BYTES_MAX, DETECT_OBJECTS_MAX};

use super::{read, read_with};
use crate::fuzz::Kept;
use crate::report::Report;
use crate::{Options, RowOptions};

const TA: &str = r#"{"FlowStartTime":"2025-08-25T20:11:21Z","SrcIp":"192.0.2.1","DestIp":"10.0.0.4","DestPort":22,"L4Protocol":"T","FlowDirection":"I","FlowStatus":"D","SubType":"FlowLog","FaSchemaVersion":"3"}"#;
const FLAT: &str = r#"{"time":1756152681,"sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","sourcePort":1,"destinationPort":443,"protocol":"TCP","flowState":"Allow","flowDirection":"Outbound"}"#;
const AZURE: &str = r#"{"time":"2024-03-14T10:59:41Z","macAddress":"A","flowRecords":{"flows":[{"aclID":"/Sub/Nsg","flowGroups":[{"rule":"r","flowTuples":["1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,"]}]}]}}"#;

/// A source whose first rows are bad: each is put aside with this code, those behind them are read.
#[track_caller]
fn behind(first: &[&str], good: &str, why: Code) {
    let lines = format!("{}\n{good}\n{good}\n{good}\n", first.join("\n"));
    let list = format!("{{\"records\":[{},{good},{good},{good}]}}", first.join(","));
    let wrapped = format!(
        "{{\"records\":[{}]}}\n{{\"records\":[{good},{good}],\"n\":1}}\n[{good}]",
        first.join(",")
    );
    for input in [lines, list, wrapped] {
        for window in [64, 1 << 16] {
            let (kept, report) = read_with(input.as_bytes(), RowOptions::default(), window);
            let codes: Vec<_> = report.quarantined.iter().collect();
            assert_eq!(codes, [(why, first.len() as u64)], "{:.300}", first[0]);
            assert_eq!(kept.rows().len(), 3);
            assert_eq!(kept.quarantined.len(), first.len());
        }
    }
}

#[test]
fn a_bad_first_row_costs_itself_alone() {
    let long = format!(r#"{{"pad":"{}"}}"#, "x".repeat(300 << 10));
    let without = |row: &str, names: &[&str]| {
        let mut row = row.to_owned();
        for name in names {
            row = row.replace(&format!("\"{name}\":"), "\"x\":");
        }
        row
    };
    let of_no_layout = without(TA, &["FlowStartTime", "SubType", "FaSchemaVersion"]);
    let diagnostic =
        r#"{"time":"2025-08-25T20:11:21Z","category":"Administrative","properties":{"a":{"b":1}}}"#;
    let heartbeat = r#"{"TimeGenerated":"2025-08-25T20:11:21Z","Computer":"x","Type":"Heartbeat"}"#;
    for good in [TA, FLAT] {
        behind(&[r#"{"hello":1}"#], good, code::ROW_LAYOUT);
        behind(&[&long], good, code::ROW_LONG);
        behind(&[heartbeat; 60], good, code::ROW_LAYOUT);
        behind(&[diagnostic, heartbeat, "{}"], good, code::ROW_LAYOUT);
    }
    behind(&[&of_no_layout], TA, code::ROW_LAYOUT);
    behind(&[&without(FLAT, &["destinationPort"])], FLAT, code::ROW_LAYOUT);
}

#[test]
fn damage_in_the_first_row_costs_that_row() {
    for bad in [
        r#"{"hello" 1}"#,
        "{\"a\":\"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\"}",
    ] {
        let (kept, report) = read(format!("{bad}\n{TA}\n{TA}\n"));
        assert_eq!(kept.rows().len(), 2, "{bad}");
        assert_eq!(report.quarantined.iter().map(|(_, count)| count).sum::<u64>(), 1);
    }
}

#[test]
fn azures_own_records_are_known_behind_others_too() {
    for other in [r#"{"hello":1}"#, r#"{"category":"x","properties":{"a":1}}"#] {
        let (kept, report) = read(format!("{other}\n{AZURE}\n{AZURE}\n"));
        assert_eq!(kept.rows().len(), 2);
        assert_eq!(
            report.quarantined.iter().collect::<Vec<_>>(),
            [(code::RECORD_UNKNOWN, 1)]
        );
    }
}

#[test]
fn of_two_known_forms_rows_are_read_row_by_row_and_records_by_the_first() {
    let (kept, report) = read(format!("{TA}\n{FLAT}\n{TA}\n{FLAT}\n"));
    assert_eq!((kept.rows().len(), report.quarantined.is_empty()), (4, true));
    let (kept, report) = read(format!("{TA}\n{AZURE}\n{TA}\n"));
    assert_eq!(
        (kept.rows().len(), report.quarantined.count(code::ROW_LAYOUT)),
        (2, 1)
    );
    let (kept, report) = read(format!("{AZURE}\n{TA}\n{AZURE}\n"));
    assert_eq!(
        (kept.rows().len(), report.quarantined.count(code::RECORD_UNKNOWN)),
        (2, 1)
    );
}

#[test]
fn no_more_is_looked_at_than_may_be() {
    let many = |count: usize| format!("{}{TA}\n", "{\"hello\":1}\n".repeat(count));
    assert_eq!(read(many(DETECT_OBJECTS_MAX - 1)).0.rows().len(), 1);
    assert!(read(many(DETECT_OBJECTS_MAX)).0.rows().is_empty());
    let long = |bytes: usize| format!("{{\"pad\":\"{}\"}}\n{TA}\n", "x".repeat(bytes));
    assert_eq!(read(long(DETECT_BYTES_MAX / 2)).0.rows().len(), 1);
    assert!(read(long(DETECT_BYTES_MAX)).0.rows().is_empty());
}

/// Goes on behind what was read at first, with so much of the beginning at hand.
fn go_on(whole: &str, cursor: u64, beginning: usize) -> (Kept, Report) {
    let at = usize::try_from(cursor).unwrap();
    let mut kept = Kept::default();
    let options = Options {
        start: cursor,
        beginning: Some(whole.as_bytes()[..at.min(beginning)].into()),
        ..Options::new(SourceId(7))
    };
    let report = crate::read(&whole.as_bytes()[at..], options, &mut kept);
    (kept, report)
}

#[test]
fn a_source_of_unknown_form_that_grows_is_told_by_what_has_come() {
    let hello = r#"{"hello":1}"#;
    for (whole, first) in [
        (format!("{hello}\n{TA}\n{TA}\n"), hello.len() + 1),
        (format!("{hello}\n{TA}\n{TA}\n"), hello.len() + 20),
        (format!("{hello}{hello}\n[{TA},{TA}]\n"), 2 * hello.len() + 1),
    ] {
        let (_, report) = read(&whole.as_bytes()[..first]);
        assert!(report.cursor >= hello.len() as u64);
        let (kept, report) = go_on(&whole, report.cursor, usize::MAX);
        assert_eq!(
            (kept.rows().len(), report.quarantined.is_empty()),
            (2, true),
            "{report:?}"
        );
    }
    // The caller hands over less than the first row has.
    let long = format!("{{\"pad\":\"{}\"}}\n{TA}\n", "x".repeat(300 << 10));
    let (_, report) = read(&long);
    let (kept, _) = go_on(&format!("{long}{TA}\n"), report.cursor, 256 << 10);
    assert_eq!(kept.rows().len(), 1);
}
