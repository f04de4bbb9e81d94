//! Headers and what is said of them: spellings that are one, and names that are not there.

use model::codes::list as code;

use super::{read, read_with};
use crate::RowOptions;
use crate::fuzz::Kept;
use crate::report::Report;

fn hashes(kept: &Kept) -> Vec<Option<String>> {
    let rows = kept.rows();
    rows.iter().map(|row| row["RecordHash"].clone()).collect()
}

const PORTAL: &str = "TimeGenerated [UTC],TimeProcessed [UTC],_TimeReceived [UTC],Seen [UTC],SubType,FlowStartTime [UTC],SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,FlowStatus\n\
    3/4/2025 5:06:01.250 AM,3/4/2025 5:10:00 AM,3/4/2025 5:11:00 AM,3/4/2025 5:12:00 AM,FlowLog,3/4/2025 5:06:01 AM,198.51.100.7,10.20.0.4,22,T,I,D\n";
const OTHER: &str = "FlowStatus,timegenerated,TimeProcessed,_TimeReceived,seen,SubType,FlowStartTime,SrcIp,DestIp,DestPort,L4Protocol,FlowDirection\n\
    D,2025-03-04T05:06:01.25Z,2025-03-04T05:10:00Z,2025-03-04T05:11:00Z,2025-03-04T05:12:00Z,FlowLog,2025-03-04T05:06:01Z,198.51.100.7,10.20.0.4,22,T,I\n";

#[test]
fn exports_with_and_without_zones_in_their_headers_hold_the_same_rows() {
    let (portal, report) = read(PORTAL);
    assert_eq!(report.counts.records, 1, "{:?}", report.quarantined);
    assert_eq!(hashes(&portal), hashes(&read(OTHER).0));
    // Names that differ in more are other names.
    assert_ne!(
        hashes(&portal),
        hashes(&read(OTHER.replace("_TimeReceived", "TimeReceived")).0)
    );
    // A field is shown under its own name.
    let row = &portal.rows()[0];
    assert!(
        row["AdditionalFields"]
            .as_deref()
            .unwrap()
            .contains("\"_TimeReceived [UTC]\":")
    );
}

#[test]
fn a_name_with_and_without_its_zone_is_two_fields() {
    let both = PORTAL.replace("Seen [UTC]", "_TimeReceived");
    let (one, _) = read(&both);
    assert_ne!(hashes(&one), hashes(&read(both.replace("5:12:00", "5:13:00")).0));
    assert_ne!(hashes(&one), hashes(&read(both.replace("5:11:00", "5:13:00")).0));
}

/// Reads with fields named by the caller.
fn mapped(input: &str, fields: &[&str]) -> (Kept, Report) {
    let mut options = RowOptions::default();
    for typed in fields {
        options.mapping.add(typed).unwrap();
    }
    read_with(input.as_bytes(), options, 64)
}

#[track_caller]
fn refused(input: &str, fields: &[&str], expected: &str) {
    let (kept, report) = mapped(input, fields);
    assert!(kept.rows().is_empty() && report.counts.records == 0 && report.cursor == 0);
    let (why, text) = report.refusal().unwrap();
    assert_eq!((why, text.as_str()), (code::ROW_MAPPED, expected));
}

const CSV: &str = "time,sourceIP,destinationIP,destinationPort,protocol,flowState,flowDirection,bytes,note\n\
    1756152681,10.0.0.4,20.1.2.3,443,TCP,Allow,Outbound,77,x\n";

#[test]
fn a_field_that_a_header_has_not_got_is_named() {
    refused(
        CSV,
        &["BytesSrcToDest=byts"],
        "its header has no field `byts` for BytesSrcToDest (nearest are `bytes`, `note`)",
    );
    refused(
        CSV,
        &["DestPort=nothere", "BytesSrcToDest=Bytes", "SrcPort=port"],
        "its header has no field `nothere` for DestPort (nearest are `note`, `destinationPort`), \
         and no field `port` for SrcPort (nearest are `note`, `destinationPort`)",
    );
    let (kept, report) = mapped(CSV, &["BytesSrcToDest=BYTES"]);
    assert_eq!((kept.rows().len(), report.refused), (1, None));
    // Half a header names nothing, and none of the rows is there yet.
    let cut = CSV.split("tes,note").next().unwrap();
    assert_eq!(mapped(cut, &["BytesSrcToDest=bytes"]).1.refused, None);
}

fn objects(count: usize, more: &str) -> String {
    let row = r#"{"time":1756152681,"sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","destinationPort":443,"protocol":"TCP","flowState":"Allow","flowDirection":"O""#;
    format!("{row}{more}}}\n").repeat(count)
}

#[test]
fn a_field_that_no_object_has_is_named() {
    let slip = "has no field `byts` for BytesSrcToDest (nearest are `bytes`, `note`)";
    let rows = objects(30, r#","bytes":7,"note":"x""#);
    refused(
        &rows,
        &["BytesSrcToDest=byts"],
        &format!("none of its first rows {slip}"),
    );
    // More rows than wait for one another.
    let many = objects(20_000, r#","bytes":7,"note":"x""#);
    refused(
        &many,
        &["BytesSrcToDest=byts"],
        &format!("none of its first rows {slip}"),
    );
    for count in [3, 30] {
        let who = if count == 3 {
            "none of its rows has"
        } else {
            "none of its first rows has"
        };
        refused(
            &objects(count, ""),
            &["DestPort=nothere"],
            &format!("{who} no field `nothere` for DestPort (nearest is `destinationPort`)"),
        );
    }
}

#[test]
fn a_field_that_objects_may_leave_out_is_noted() {
    for (rows, count) in [
        (objects(30, ""), 30),
        (objects(30, "") + &objects(1, r#","bytes":7"#), 31),
    ] {
        let (kept, report) = mapped(&rows, &["BytesSrcToDest=bytes"]);
        assert_eq!((kept.rows().len(), report.refused), (count, None));
        let noted: Vec<(&str, u64)> = report.oddities.names(code::ODD_MAPPED).collect();
        assert_eq!(noted, if count == 30 { vec![("bytes", 1)] } else { vec![] });
    }
}

#[test]
fn a_column_that_every_row_needs_and_the_header_has_not_got_is_named() {
    let without = |name: &str| CSV.replacen(name, "other", 1);
    for (input, column) in [
        (without("protocol"), "`protocol` (L4Protocol)"),
        (without("flowDirection"), "`FlowDirection`"),
        (without("time"), "`time` (TimeGenerated)"),
    ] {
        let (kept, report) = read(&input);
        assert!(kept.rows().is_empty());
        let expected = format!("its header has no column {column}");
        assert_eq!(report.refusal(), Some((code::ROW_COLUMN, expected)), "{input}");
    }
    let (_, report) = read(PORTAL.replace("DestPort", "Port"));
    let expected = "its header has no column `DestPort`".to_owned();
    assert_eq!(report.refusal(), Some((code::ROW_COLUMN, expected)));
    // A value that is missing is not a column that is missing.
    let (_, report) = read(CSV.replace(",TCP,", ",,"));
    assert_eq!(report.quarantined.count(code::ROW_PROTOCOL), 1);
}

#[test]
fn a_field_given_twice_is_noted_and_the_last_counts() {
    for other in ["sourceIP", "SOURCEIP", "source_ip"] {
        let csv = format!(
            "sourceIP,time,{other},destinationIP,destinationPort,protocol,flowState,flowDirection\n\
             10.0.0.9,1756152681,10.0.0.4,20.1.2.3,443,TCP,Allow,Outbound\n"
        );
        let (kept, report) = read(&csv);
        assert_eq!(kept.rows()[0]["SrcIp"].as_deref(), Some("10.0.0.4"));
        let noted: Vec<(&str, u64)> = report.oddities.names(code::ODD_DUPLICATE_KEY).collect();
        assert_eq!(noted, [("sourceIP", 1)], "{other}");
    }
    let twice = objects(1, r#","note":"x","note":"y""#);
    assert_eq!(read(&twice).1.oddities.count(code::ODD_DUPLICATE_KEY), 1);
    let (_, report) = read(CSV);
    assert_eq!(report.oddities.count(code::ODD_DUPLICATE_KEY), 0);
    // Of two names of a layout with one meaning the layout prefers one: nothing is odd about that.
    let (_, report) = read(
        PORTAL
            .replace("Seen [UTC]", "NSGList")
            .replace("SubType", "AclGroup"),
    );
    assert_eq!(report.oddities.count(code::ODD_DUPLICATE_KEY), 0);
}
