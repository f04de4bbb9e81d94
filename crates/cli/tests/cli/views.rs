//! Views of Traffic Analytics: written as it writes, and read back by whoever reads its rows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::golden::{Run, flowglass};
use crate::samples::samples;

type Row = BTreeMap<String, String>;

/// How each column is written; the patterns stand for the whole text.
const SPELLINGS: [(&str, &str); 25] = [
    ("SubType", "FlowLog"),
    ("FaSchemaVersion", "3"),
    ("Type", "NTANetAnalytics"),
    (
        "FlowType",
        "AzurePublic|ExternalPublic|IntraVNet|InterVNet|S2S|P2S|MaliciousFlow|UnknownPrivate|Unknown",
    ),
    ("FlowDirection", "Inbound|Outbound"),
    ("FlowStatus", "Allowed|Denied"),
    ("L4Protocol", "TCP|UDP"),
    ("L7Protocol", "Unknown|[A-Za-z0-9][A-Za-z0-9._+-]*"),
    ("MacAddress", "([0-9A-F]{2}-){5}[0-9A-F]{2}"),
    (
        "AclGroup",
        "Unspecified|[0-9a-f-]{36}|/subscriptions/[0-9a-f-]{36}/resourcegroups/[^A-Z/]+/providers/microsoft.network/[^A-Z]+",
    ),
    ("AclRule", "[^A-Z]+"),
    ("TargetResourceId", "[0-9a-f-]{36}(/[^A-Z/]+){2,3}"),
    (
        "TargetResourceType",
        "VirtualNetwork|Subnet|NetworkInterface|NetworkSecurityGroup",
    ),
    ("FlowLogResourceId", "[0-9a-f-]{36}(/[^A-Z/]+){3}"),
    (
        "FlowEncryption",
        "Encrypted|Unencrypted|Unsupported hardware|Software not ready|Drop due to no encryption|Discovery not supported|Destination on same host|Fall back to no encryption",
    ),
    ("SrcSubscription", "|[0-9a-f-]{36}"),
    ("DestSubscription", "|[0-9a-f-]{36}"),
    ("SrcNic", "|[^A-Z/]+/[^A-Z/]+"),
    ("DestVm", "|[^A-Z/]+/[^A-Z/]+"),
    ("SrcSubnet", "|([^A-Z/]+/){2}[^A-Z/]+"),
    ("SrcRegion", "|[a-z0-9]+"),
    ("AzureRegion", "|[a-z0-9]+"),
    ("Country", "|[a-z]{2}"),
    (
        "SrcPublicIps",
        r"|[0-9a-f.:]+(\|[0-9]+){6}( [0-9a-f.:]+(\|[0-9]+){6})*",
    ),
    (
        "DestPublicIps",
        r"|[0-9a-f.:]+(\|[0-9]+){6}( [0-9a-f.:]+(\|[0-9]+){6})*",
    ),
];

fn real_rows(folder: &Path) -> Vec<Row> {
    let file = folder.join("traffic-analytics/ntanetanalytics-real-rows.csv");
    let text = fs::read_to_string(file).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// A seeded world, and a query over it.
struct World(tempfile::TempDir, PathBuf);

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run: Run = flowglass()
            .current_dir(folder.path())
            .args(["demo", "--size", "tiny", "--hours", "3", "--start", "2026-01-02"])
            .output()
            .unwrap()
            .into();
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        let table = folder
            .path()
            .join("flowglass-demo/seed-1-tiny-3h-2026-01-02/table");
        Self(folder, table)
    }

    fn ask(&self, query: &str) -> String {
        let run: Run = flowglass()
            .current_dir(self.0.path())
            .args(["query", "--format", "ndjson", query, "--table"])
            .arg(&self.1)
            .output()
            .unwrap()
            .into();
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{query}");
        run.out
    }

    fn rows(&self, query: &str) -> Vec<Row> {
        let rows = self.ask(query);
        rows.lines()
            .map(|line| {
                let row: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
                let text = |value: Value| match value {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                row.into_iter().map(|(name, value)| (name, text(value))).collect()
            })
            .collect()
    }
}

/// What holds of a row of Traffic Analytics, whoever wrote it.
#[track_caller]
fn is_spelled_so(row: &Row) {
    for (column, pattern) in SPELLINGS {
        let whole = Regex::new(&format!("^({pattern})$")).unwrap();
        assert!(
            whole.is_match(&row[column]),
            "{column}: `{}` in {row:?}",
            row[column]
        );
    }
    let is_inbound = row["FlowDirection"] == "Inbound";
    let is_public = matches!(row["FlowType"].as_str(), "AzurePublic" | "ExternalPublic");
    let (other, list, own_list) = match is_inbound {
        true => ("SrcIp", "SrcPublicIps", "DestPublicIps"),
        false => ("DestIp", "DestPublicIps", "SrcPublicIps"),
    };
    // The public side is blank, and its addresses stand in a list.
    assert_eq!(row[other].is_empty(), is_public, "{row:?}");
    assert_eq!(row[list].is_empty(), !is_public, "{row:?}");
    assert_eq!(row[own_list], "", "{row:?}");
    let number = |column: &str| row[column].parse::<u64>().unwrap();
    if is_public {
        let sum = |at: usize| -> u64 {
            let entries = row[list].split(' ');
            entries
                .map(|entry| entry.split('|').nth(at).unwrap().parse::<u64>().unwrap())
                .sum()
        };
        let begun: u64 = [
            "AllowedInFlows",
            "DeniedInFlows",
            "AllowedOutFlows",
            "DeniedOutFlows",
        ]
        .map(number)
        .iter()
        .sum();
        let moved = [
            "PacketsSrcToDest",
            "PacketsDestToSrc",
            "BytesSrcToDest",
            "BytesDestToSrc",
        ]
        .map(number);
        assert_eq!((sum(1), sum(2)), (begun, number("CompletedFlows")), "{row:?}");
        assert_eq!([sum(3), sum(4), sum(5), sum(6)], moved, "{row:?}");
    }
    let (allowed, denied) = (row["FlowStatus"] == "Allowed", row["FlowStatus"] == "Denied");
    let counts = |column: &str, may: bool| assert!(may || number(column) == 0, "{column} in {row:?}");
    counts("AllowedInFlows", allowed && is_inbound);
    counts("AllowedOutFlows", allowed && !is_inbound);
    counts("DeniedInFlows", denied && is_inbound);
    counts("DeniedOutFlows", denied && !is_inbound);
}

#[test]
fn real_rows_and_those_of_the_view_are_written_alike() {
    let world = World::new();
    // Flow logs of security groups have no resource of their own.
    let ours = world.rows("NTANetAnalytics | where isnotempty(FlowLogResourceId)");
    assert!(ours.len() > 200, "{}", ours.len());
    for kind in ["AzurePublic", "ExternalPublic", "IntraVNet"] {
        assert!(ours.iter().any(|row| row["FlowType"] == kind), "{kind}");
    }
    ours.iter().for_each(is_spelled_so);
    let Some(folder) = samples("real rows of Traffic Analytics") else {
        return;
    };
    let real = real_rows(&folder);
    assert_eq!(real.len(), 7);
    for row in &real {
        is_spelled_so(row);
        // The view has all of their columns but the one of the export.
        for column in row.keys().filter(|column| *column != "_TimeReceived") {
            assert!(ours[0].contains_key(column), "{column}");
        }
    }
}

/// Whoever reads rows of Traffic Analytics reads those of the view: nothing is lost between.
#[test]
fn rows_of_the_view_are_read_back() {
    let world = World::new();
    fs::write(world.0.path().join("rows.ndjson"), world.ask("NTANetAnalytics")).unwrap();
    let run: Run = flowglass()
        .current_dir(world.0.path())
        .args(["ingest", "rows.ndjson", "--table", "back"])
        .output()
        .unwrap()
        .into();
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
    // A row with several public addresses is read as one row for each.
    let sums = "| summarize sum(BytesSrcToDest), sum(PacketsDestToSrc), dcount(AclRule), dcount(DestPort), dcount(MacAddress) by FlowDirection, FlowStatus | sort by FlowDirection asc, FlowStatus asc";
    let before = world.rows(&format!("NTANetAnalytics {sums}"));
    let back: Run = flowglass()
        .current_dir(world.0.path())
        .args([
            "query",
            "--format",
            "ndjson",
            "--table",
            "back",
            &format!("Flows {sums}"),
        ])
        .output()
        .unwrap()
        .into();
    let back: Vec<Row> = back
        .out
        .lines()
        .map(|line| {
            let row: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
            row.into_iter()
                .map(|(name, value)| {
                    (
                        name,
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    )
                })
                .collect()
        })
        .collect();
    assert_eq!(before, back);
}

/// Rows of the schema of network sessions, and of the resources, are there and say what the flows say.
#[test]
fn other_schemas_say_what_the_flows_say() {
    let world = World::new();
    let first = |query: &str| world.rows(query)[0].clone();
    let flows = first("Flows | summarize Bytes = sum(BytesSrcToDest + BytesDestToSrc)");
    let sessions = first("ASimNetworkSessionLogs | summarize Bytes = sum(NetworkBytes)");
    assert_eq!(flows, sessions);
    let denied = first("_Im_NetworkSession(eventresult = 'Failure') | count");
    let expected = first("Sessions | where FlowStatus == 'Denied' | count");
    assert_eq!(denied, expected);
    let resources = world.rows(
        "NTATopologyDetails | where TimeGenerated == datetime(2026-01-02) | summarize n = dcount(Name) by AzureResourceType | where AzureResourceType in ('NetworkInterface', 'VirtualMachine') | sort by AzureResourceType asc",
    );
    let machines: Vec<&str> = resources.iter().map(|row| row["n"].as_str()).collect();
    assert_eq!(machines, ["12", "12"]);
    let older = first(
        "AzureNetworkAnalytics_CL | where SubType_s == 'FlowLog' | summarize Flows = sum(AllowedInFlows_d + DeniedInFlows_d), Bytes = sum(InboundBytes_d + OutboundBytes_d)",
    );
    let newer = first(
        "NTANetAnalytics | summarize Flows = sum(AllowedInFlows + DeniedInFlows), Bytes = sum(BytesSrcToDest + BytesDestToSrc)",
    );
    let number = |row: &Row, column: &str| row[column].parse::<f64>().unwrap();
    for column in ["Flows", "Bytes"] {
        assert!(
            (number(&older, column) - number(&newer, column)).abs() < 0.5,
            "{older:?} {newer:?}"
        );
    }
    // Rules of a group and the rule that decided are joined by their names.
    let unknown = first(
        "Flows | where AclRuleKind in ('UserRule', 'DefaultRule') and LogFormat == 'vnet-4' | distinct AclGroup, AclRule | join kind=leftanti NsgRules on AclGroup, AclRule | count",
    );
    assert_eq!(unknown["Count"], "0");
}
