//! What can be wrong with rows: one small source for each code, read.

use model::Code;
use model::codes::list as code;

use super::shown;
use crate::golden::flowglass;

const HEADER: &str =
    "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,sent";
const GOOD: &str = "2025-03-04T05:06:01Z,198.51.100.7,10.20.0.4,50111,443,TCP,Allow,Inbound,x";

/// Reads a source with these flags.
#[track_caller]
fn check(code: Code, exit: i32, source: impl AsRef<[u8]>, flags: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows"), source).unwrap();
    let arguments = [&["read", "rows", "--summary", "--top", "1"], flags].concat();
    assert_eq!(shown(code, folder.path(), &arguments).exit, exit, "{code}");
}

/// A good row and this one under a header.
fn under_a_header(row: &str) -> String {
    format!("{HEADER}\n{GOOD}\n{row}\n")
}

#[test]
fn values_that_are_put_aside() {
    for (why, from, to) in [
        (code::ROW_TIME, "2025-03-04T05:06:01Z", "soon"),
        (code::ROW_ADDRESS, "198.51.100.7", "client-7"),
        (code::ROW_PORT, "443", "70000"),
        (code::ROW_PROTOCOL, "TCP", "Quantum"),
        (code::ROW_DIRECTION, "Inbound", "Sideways"),
        (code::ROW_STATUS, "Allow", "Maybe"),
    ] {
        check(why, 0, under_a_header(&GOOD.replace(from, to)), &[]);
    }
    check(
        code::ROW_COUNTER,
        0,
        under_a_header(GOOD).replacen(",x", ",7", 1),
        &["--map", "BytesSrcToDest=sent"],
    );
}

#[test]
fn lines_that_are_put_aside() {
    check(code::ROW_FIELDS, 0, under_a_header(&format!("{GOOD},more")), &[]);
    check(
        code::ROW_QUOTE,
        0,
        under_a_header(&GOOD.replace("TCP", "T\"CP")),
        &[],
    );
    check(
        code::ROW_LONG,
        0,
        under_a_header(&GOOD.replace('x', &"y".repeat(2 << 20))),
        &[],
    );
    check(code::ODD_HEADER_AGAIN, 0, under_a_header(HEADER), &[]);
    check(code::ODD_LAST_LINE, 0, under_a_header("").trim_end(), &[]);
    let object = r#"{"time":"2025-03-04T05:06:01Z","sourceIP":"198.51.100.7","destinationIP":"10.20.0.4","destinationPort":443,"protocol":"T","flowState":"Deny","flowDirection":"I"}"#;
    check(code::ROW_LAYOUT, 0, format!("{object}\n{{\"a\":1}}\n"), &[]);
}

#[test]
fn names_that_are_not_there() {
    let good = under_a_header(GOOD);
    check(code::ROW_MAPPED, 3, &good, &["--map", "BytesSrcToDest=sant"]);
    check(code::ROW_COLUMN, 3, good.replacen("protocol", "l4", 1), &[]);
    let object = r#"{"time":"2025-03-04T05:06:01Z","sourceIP":"198.51.100.7","destinationIP":"10.20.0.4","destinationPort":443,"protocol":"T","flowState":"Deny","flowDirection":"I"}"#;
    check(code::ODD_MAPPED, 0, object, &["--map", "BytesSrcToDest=sent"]);
}

#[test]
fn a_last_row_that_may_be_half_a_row() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), under_a_header(GOOD).trim_end()).unwrap();
    let ingest = ["ingest", "rows.csv"];
    assert_eq!(shown(code::END_WAITS, folder.path(), &ingest).exit, 0);
    // Left alone for an hour it is taken for whole, and has grown after all.
    let file = std::fs::File::options()
        .write(true)
        .open(folder.path().join("rows.csv"))
        .unwrap();
    let hour = std::time::Duration::from_secs(3600);
    file.set_modified(std::time::SystemTime::now() - hour).unwrap();
    let output = flowglass().current_dir(folder.path()).args(ingest).output();
    assert!(output.unwrap().status.success());
    std::fs::write(
        folder.path().join("rows.csv"),
        under_a_header(&format!("{GOOD}yz")),
    )
    .unwrap();
    assert_eq!(shown(code::ODD_LAST_ROW, folder.path(), &ingest).exit, 0);
}

const ANALYTICS: &str = "SubType,FlowStartTime,SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,FlowStatus,SrcPublicIps,DeniedInFlows";

#[test]
fn rows_of_traffic_analytics() {
    let good = "FlowLog,3/4/2025 5:06:01 AM,198.51.100.7,10.20.0.4,22,T,I,D,,1";
    let listed = |list: &str| {
        format!("{ANALYTICS}\n{good}\nFlowLog,3/4/2025 5:06:01 AM,,10.20.0.4,22,T,I,D,{list},5\n")
    };
    check(code::ROW_ENTRIES, 0, listed("198.51.100.7|1|0"), &[]);
    check(
        code::ODD_ENTRY_SUMS,
        0,
        listed("198.51.100.7|1|0|0|0|0|0 198.51.100.8|1|0|0|0|0|0"),
        &[],
    );
    let status = "StatusMessage,,,,,,,,,";
    check(
        code::ODD_STATUS_ROW,
        0,
        format!("{ANALYTICS}\n{good}\n{status}\n"),
        &[],
    );
}

#[test]
fn tables_of_traffic_analytics_without_flows() {
    check(
        code::ROW_TABLE,
        3,
        "FaSchemaVersion,SubType,FlowType,Ip,Location\n3,FlowLog,AzurePublic,198.51.100.7,westeurope\n",
        &[],
    );
}

#[test]
fn times_of_a_zone() {
    let zoneless = under_a_header(GOOD).replace("01Z", "01");
    check(code::ROW_ZONE, 3, &zoneless, &[]);
    let twice = zoneless.replace("2025-03-04T05", "2025-10-26T02");
    check(code::ODD_LOCAL_TIME, 0, twice, &["--tz", "Europe/Berlin"]);
}

/// The options that a source needs come with the second try.
#[test]
fn a_source_that_is_read_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let zoneless = GOOD.replace("01Z", "02");
    std::fs::write(folder.path().join("rows.csv"), under_a_header(&zoneless)).unwrap();
    let first = flowglass()
        .current_dir(folder.path())
        .args(["ingest", "rows.csv"])
        .output()
        .unwrap();
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let arguments = ["ingest", "rows.csv", "--tz", "Europe/Berlin"];
    let second = shown(code::SOURCE_OTHERWISE, folder.path(), &arguments);
    assert_eq!(second.exit, 0);
}

#[test]
fn sources_that_are_refused_as_a_whole() {
    let shifted = r#"{"time":"2025-03-04T05:07:00Z","category":"FlowLogFlowEvent","startTime":"1741064761000","sourceAddress":"198.51.100.7","destinationAddress":"10.20.0.4","sourcePort":"50111","destinationPort":"443","transportProtocol":"6","deviceDirection":"I","deviceAction":"B","flowState":"NX"}"#;
    check(code::ROW_SHIFTED, 3, vec![shifted; 30].join("\n"), &[]);
    let document = r#"{"azure_network_watcher_vnet":{"log":{"category":"FlowLogFlowEvent"}},"source":{"ip":["198.51.100.7"]}}"#;
    check(code::ROW_ELASTIC, 3, document, &[]);
    check(code::ROWS_VALUE, 2, "", &["--format-in", "csv"]);
}
