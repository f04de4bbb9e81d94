//! Flat records that carry the states of VNet flow logs.

use model::codes::list as code;

use super::{read, read_with};
use crate::fuzz::Kept;
use crate::report::Report;
use crate::{RowOptions, Zone};

fn row(state: &str, more: &str) -> String {
    format!(
        r#"{{"time":1756152681,"sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","sourcePort":1,"destinationPort":443,"protocol":"TCP","flowState":"{state}","flowDirection":"Outbound"{more}}}"#
    )
}

fn decided((kept, report): (Kept, Report)) -> Vec<String> {
    assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
    let text = |column: &Option<String>| column.clone().unwrap_or_else(|| "null".to_owned());
    let rows = kept.rows();
    let shown = rows.iter().map(|row| {
        format!(
            "{} {} {}",
            text(&row["FlowStatus"]),
            text(&row["FlowState"]),
            text(&row["AdditionalFields"])
        )
    });
    shown.collect()
}

#[test]
fn states_of_vnet_flow_logs_imply_the_decision() {
    for (logged, expected) in [
        ("B", "Allowed B null"),
        ("C", "Allowed C null"),
        ("E", "Allowed E null"),
        ("D", "Denied D null"),
        ("Begin", "Allowed B null"),
        ("Continuing", "Allowed C null"),
        ("End", "Allowed E null"),
        ("A", "Allowed null null"),
        ("Allow", "Allowed null null"),
        ("Deny", "Denied null null"),
    ] {
        assert_eq!(decided(read(row(logged, ""))), [expected], "{logged}");
    }
    let csv = "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,encryption\n\
        2025-08-25 20:11:21,10.0.0.4,20.1.2.3,1,443,6,B,O,NX\n\
        2025-08-25 20:11:22,10.0.0.4,20.1.2.3,1,443,6,D,O,NX\n";
    let options = RowOptions {
        zone: Some(Zone::UTC),
        ..RowOptions::default()
    };
    assert_eq!(
        decided(read_with(csv.as_bytes(), options, 64)),
        [
            r#"Allowed B {"encryption":"NX"}"#,
            r#"Denied D {"encryption":"NX"}"#
        ]
    );
}

#[test]
fn a_state_beside_a_decision_is_not_taken_for_one() {
    for more in [
        r#","action":"D""#,
        r#","verdict":"Deny""#,
        r#","a":"x","b":"allowed""#,
    ] {
        let (kept, report) = read(row("B", more));
        assert!(kept.rows().is_empty());
        assert_eq!(report.quarantined.count(code::ROW_STATUS), 1, "{more}");
    }
    // As the code's page says.
    let mut options = RowOptions::default();
    options.mapping.add("FlowStatus=action").unwrap();
    options.mapping.add("FlowState=flowState").unwrap();
    let input = row("B", r#","action":"D""#);
    assert_eq!(
        decided(read_with(input.as_bytes(), options, 64)),
        ["Denied B null"]
    );
}

#[test]
fn traffic_analytics_has_no_states_in_the_place_of_decisions() {
    let ta = r#"{"FlowStartTime":"2025-08-25T20:11:21Z","SrcIp":"192.0.2.1","DestIp":"10.0.0.4","DestPort":22,"L4Protocol":"T","FlowDirection":"I","FlowStatus":"B","SubType":"FlowLog","FaSchemaVersion":"3"}"#;
    assert_eq!(read(ta).1.quarantined.count(code::ROW_STATUS), 1);
    assert_eq!(
        decided(read(ta.replace("\"B\"", "\"D\"")))[0].split(' ').nth(1),
        Some("null")
    );
}
