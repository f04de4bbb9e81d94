//! Samples of real rows and events.

use super::read;
use crate::fuzz::Kept;
use crate::twin::Row;

/// A sample, or nothing where the samples are not at hand.
fn sample(name: &str) -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/").to_owned() + name;
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        eprintln!("skipped: rows::samples: `{name}` is not at hand");
    }
    text
}

fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(Option::as_deref).unwrap_or("null")
}

/// Columns of every row, as text.
fn columns(kept: &Kept, names: &[&str]) -> Vec<String> {
    let line = |row: &Row| {
        names
            .iter()
            .map(|name| text(row, name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    kept.rows().iter().map(line).collect()
}

#[test]
fn seven_real_rows_of_traffic_analytics() {
    let Some(csv) = sample("traffic-analytics/ntanetanalytics-real-rows.csv") else {
        return;
    };
    let (kept, report) = read(&csv);
    assert_eq!(report.counts.records, 7);
    assert_eq!(
        (report.counts.tuples_received, report.counts.tuples_stored),
        (10, 10)
    );
    assert!(
        report
            .oddities
            .iter()
            .all(|(code, _)| code == model::codes::list::ODD_LAST_LINE),
        "{:?}",
        report.oddities
    );
    let names = [
        "SrcIp",
        "DestIp",
        "SrcPort",
        "DestPort",
        "L4Protocol",
        "FlowDirection",
        "FlowStatus",
        "StartedFlows",
        "CompletedFlows",
        "PacketsSrcToDest",
        "PacketsDestToSrc",
        "BytesSrcToDest",
        "BytesDestToSrc",
        "AclRule",
        "AclRuleKind",
        "TupleIndex",
    ];
    assert_eq!(
        columns(&kept, &names),
        [
            "40.87.172.0 10.222.0.4 null 21893 TCP Inbound Allowed 1 1 1 1 128 60 platformrule PlatformRule 0",
            "10.222.0.4 23.39.174.184 null 443 TCP Outbound Allowed 1 1 16 18 1922 6187 allowinternetoutbound DefaultRule 0",
            "10.222.0.4 23.48.104.147 null 443 TCP Outbound Allowed 1 1 15 17 1855 6073 allowinternetoutbound DefaultRule 1",
            "10.222.0.4 23.212.249.153 null 443 TCP Outbound Allowed 1 1 17 19 1981 6289 allowinternetoutbound DefaultRule 2",
            "10.222.0.4 23.212.251.198 null 443 TCP Outbound Allowed 1 1 14 17 1796 6078 allowinternetoutbound DefaultRule 3",
            "35.203.210.116 172.18.0.4 null 10002 TCP Inbound Denied 1 0 0 0 0 0 denyallinbound DefaultRule 0",
            "10.222.0.4 10.222.0.5 null 10257 TCP Inbound Allowed 132 131 1574 3108 232730 3511122 allowvnetinbound DefaultRule 0",
            "10.244.4.2 10.244.3.12 null 53 UDP Inbound Allowed 18 18 18 18 3590 5483 allowvnetinbound DefaultRule 0",
            "10.244.4.2 10.244.3.12 null 53 UDP Outbound Allowed 18 18 18 18 3590 5483 allowvnetoutbound DefaultRule 0",
            "35.203.210.162 172.18.0.4 null 109 TCP Inbound Denied 1 0 0 0 0 0 denyallinbound DefaultRule 0",
        ]
    );
    let rows = kept.rows();
    let first = &rows[0];
    let at = |column, time: &str| {
        let expected = crate::names::time(time.as_bytes()).unwrap().to_string();
        assert_eq!(text(first, column), expected, "{column}");
    };
    at("TimeGenerated", "2025-08-25T19:06:57.584Z");
    at("FlowEndTime", "2025-08-25T19:07:03.373Z");
    at("RecordTime", "2025-08-25T20:11:21.937Z");
    for (column, expected) in [
        ("MacAddress", "00-0D-3A-98-82-CE"),
        ("FlowEncryption", "NX"),
        ("FlowState", "null"),
        ("AclGroup", "unspecified"),
        ("AclIdLogged", "Unspecified"),
        ("LogFormat", "ta-3"),
        (
            "TargetResourceId",
            "ebb79bc0-aa86-44a7-8111-cabbe0c43993/ch1-contososh360clusterrg/ch1-vnetnonmon",
        ),
    ] {
        assert_eq!(text(first, column), expected);
    }
    further_fields_hold_the_rest(&csv, first);
}

/// Every non-empty cell that no other column holds, and none besides.
fn further_fields_hold_the_rest(csv: &str, row: &Row) {
    let mut lines = csv::Reader::from_reader(csv.as_bytes());
    let header = lines.headers().unwrap().clone();
    let cells = lines.records().next().unwrap().unwrap();
    let held = [
        "TimeGenerated",
        "FlowStartTime",
        "FlowEndTime",
        "DestIp",
        "SrcPublicIps",
        "DestPort",
        "L4Protocol",
        "FlowDirection",
        "FlowStatus",
        "MacAddress",
        "TargetResourceId",
        "FlowLogResourceId",
        "FlowEncryption",
        "AllowedInFlows",
        "DeniedInFlows",
        "AllowedOutFlows",
        "DeniedOutFlows",
        "CompletedFlows",
        "PacketsDestToSrc",
        "PacketsSrcToDest",
        "BytesDestToSrc",
        "BytesSrcToDest",
        "AclGroup",
        "AclRule",
    ];
    let expected: serde_json::Map<_, _> = header
        .iter()
        .zip(&cells)
        .filter(|(name, value)| !value.is_empty() && !held.contains(name))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let got: serde_json::Map<_, _> = serde_json::from_str(text(row, "AdditionalFields")).unwrap();
    assert_eq!(got, expected);
    assert_eq!(got["FlowType"], "AzurePublic");
}

#[test]
fn events_of_sekoia() {
    let names = [
        "TimeGenerated",
        "SrcIp",
        "DestIp",
        "SrcPort",
        "DestPort",
        "L4Protocol",
        "FlowDirection",
        "FlowState",
        "FlowStatus",
        "FlowEncryption",
        "BytesSrcToDest",
        "AclRule",
        "AclRuleKind",
        "LogFormat",
        "MacAddress",
    ];
    for (name, expected) in [
        (
            "vnet-test_1",
            "1663146003599000 1.2.3.4 192.0.2.180 23956 443 TCP Outbound B Allowed NX 0 allowinternetoutbound DefaultRule vnet-4 11-22-33-44-55-66",
        ),
        (
            "vnet-test_2",
            "1663146003606000 1.2.3.4 192.0.2.180 23956 443 TCP Outbound E Allowed NX 767 allowinternetoutbound DefaultRule vnet-4 11-22-33-44-55-66",
        ),
        (
            "vnet-test_3",
            "1663145998065000 8.7.6.5 1.2.3.4 55188 22 TCP Inbound D Denied NX 0 blockhighrisktcpportsfrominternet SecurityAdminRule vnet-4 11-22-33-44-55-66",
        ),
        (
            "nsg-test_begin",
            "1493763938000000 1.2.3.4 5.6.7.8 35370 23 TCP Inbound B Allowed null null allowvnetoutbound DefaultRule nsg-2 DB-83-1E-FE-C3-76",
        ),
    ] {
        let Some(file) = sample(&format!("enveloped/{name}.json")) else {
            return;
        };
        let document: serde_json::Value = serde_json::from_str(&file).unwrap();
        let event = document["input"]["message"].as_str().unwrap();
        let (kept, report) = read(event);
        assert_eq!(columns(&kept, &names), [expected], "{:?}", report.quarantined);
        assert_eq!(text(&kept.rows()[0], "AdditionalFields"), "null");
    }
}
