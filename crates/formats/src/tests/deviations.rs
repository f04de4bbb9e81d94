//! Each way in which real logs differ from the documentation, and from one another.

use model::codes::list as code;

use super::*;

#[test]
fn key_order_changes_nothing_not_even_the_hash() {
    let docs = vnet_record("", TUPLE);
    let alphabetical = format!(
        r#"{{"category":"FlowLogFlowEvent","flowLogGUID":"g","flowLogResourceID":"/F","flowLogVersion":4,"flowRecords":{{"flows":[{{"flowGroups":[{{"flowTuples":[{TUPLE}],"rule":"UserRule_Allow_Web"}}],"aclID":"/Sub/NSG"}}]}},"macAddress":"6045bdba5272","operationName":"FlowLogFlowEvent","targetResourceID":"/t","time":"2024-03-14T10:59:41.5119837Z"}}"#
    );
    let (one, _) = read(&docs);
    let (two, _) = read(&alphabetical);
    assert_eq!(one.rows(), two.rows());
    assert_eq!(column(&one, "AclRule"), ["allow_web"]);
    assert_eq!(column(&one, "AclRuleLogged"), ["UserRule_Allow_Web"]);
    assert_eq!(column(&one, "AclGroup"), ["/sub/nsg"]);
    assert_eq!(column(&one, "AclIdLogged"), ["/Sub/NSG"]);
    assert_eq!(column(&one, "MacAddress"), ["60-45-BD-BA-52-72"]);
}

#[test]
fn a_record_time_that_no_calendar_has_is_none() {
    let right = "2024-03-14T10:59:41.5119837Z";
    for wrong in [
        "2024-02-30T10:59:41Z",
        "2023-02-29T10:59:41Z",
        "2024-04-31T10:59:41Z",
    ] {
        let (kept, report) = read(&vnet_record("", TUPLE).replace(right, wrong));
        assert_eq!(report.oddities.count(code::ODD_TIME), 1, "{wrong}");
        assert_eq!(kept.rows().len(), 1);
        assert!(kept.rows().iter().all(|row| row["RecordTime"].is_none()));
    }
}

#[test]
fn every_wrapper_gives_the_same_rows() {
    let record = vnet_record("", TUPLE);
    let bare = read(&record).0;
    let hashes = column(&bare, "RecordHash");
    for wrapped in [
        format!(r#"{{"records":[{record}]}}"#),
        format!("[{record}]"),
        format!("\n  {record}\n"),
        format!("\u{feff}{record}"),
        format!(r#"{{"records":[{{"records":[{record}]}}]}}"#),
    ] {
        let (kept, report) = read(&wrapped);
        assert_eq!(column(&kept, "RecordHash"), hashes, "{wrapped}");
        assert_eq!(report.counts.records, 1, "{wrapped}");
    }
}

#[test]
fn json_lines_and_records_one_after_another() {
    let (a, b) = (
        vnet_record("", TUPLE),
        vnet_record(r#","x":1"#, &format!("{TUPLE},{TUPLE}")),
    );
    for text in [
        format!("{a}\n{b}"),
        format!("{a}{b}"),
        format!("{a},\r\n{b}\n"),
        format!("[{a},{b}]"),
    ] {
        let (kept, report) = read_damaged(&text);
        assert_eq!(kept.rows().len(), 3, "{text}");
        assert_eq!((report.counts.records, report.counts.bytes_given_up), (2, 0));
    }
}

/// For text that is not well-formed JSON: the twin has no opinion.
fn read_damaged(text: &str) -> (Kept, Report) {
    fuzz::any_input(text.as_bytes());
    fuzz::read(text.as_bytes(), 0, 1 << 16)
}

#[test]
fn a_fragment_that_starts_with_a_comma() {
    let record = vnet_record("", TUPLE);
    let (kept, report) = read_damaged(&format!(",{record},{record}]}}"));
    assert_eq!(kept.rows().len(), 2);
    assert_eq!(report.oddities.count(code::ODD_LEADING_COMMA), 1);
    assert_eq!(report.oddities.count(code::ODD_REPEATED_RECORD), 1);
    assert_eq!(column(&kept, "RecordOccurrence"), ["0", "1"]);
    assert_eq!(report.counts.bytes_given_up, 0);
}

#[test]
fn a_byte_order_mark_is_noted() {
    let (_, report) = read(&format!("\u{feff}{}", vnet_record("", TUPLE)));
    assert_eq!(report.oddities.count(code::ODD_BOM), 1);
}

#[test]
fn nested_records_are_flattened() {
    let inner = vnet_record("", TUPLE);
    let outer = vnet_record(&format!(r#","records":[{inner}]"#), TUPLE);
    let (kept, report) = read(&format!(r#"{{"records":[{outer}]}}"#));
    assert_eq!(kept.rows().len(), 2);
    assert_eq!(report.counts.records, 2);
    assert_eq!(report.oddities.count(code::ODD_NESTED), 1);
}

#[test]
fn empty_lists_make_no_rows_and_no_errors() {
    for text in [
        r#"{"records":[]}"#,
        r#"{"category":"FlowLogFlowEvent","flowRecords":{"flows":[]}}"#,
        r#"{"category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[]}]}}"#,
        r#"{"category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"r","flowTuples":[]}]}]}}"#,
        r#"{"properties":{"Version":1,"flows":[{"rule":"DefaultRule_DenyAllInBound","flows":[]}]}}"#,
        r#"{"flowRecords":{"flows":null}}"#,
    ] {
        let (kept, report) = read(text);
        assert!(
            kept.rows().is_empty() && kept.quarantined.is_empty(),
            "{text} {:?}",
            kept.quarantined
        );
        assert_eq!(report.counts.tuples_received, 0);
    }
}

#[test]
fn seconds_and_milliseconds_are_told_by_magnitude() {
    let (kept, report) = read(&vnet_record(
        "",
        r#""1710413935,10.1.1.70,10.1.1.4,1,80,6,O,C,NX,7,1158,12,8143""#,
    ));
    assert_eq!(column(&kept, "TimeGenerated"), ["1710413935000000"]);
    assert_eq!(report.oddities.count(code::ODD_SECONDS), 1);
    let nsg = r#"{"time":"2024-03-14T10:59:41Z","properties":{"Version":2,"flows":[{"rule":"UserRule_a","flows":[{"mac":"6045BDBA5272","flowTuples":["1710413935827,10.1.1.70,10.1.1.4,1,80,T,O,A,B,1,2,3,4"]}]}]}}"#;
    let (kept, report) = read(nsg);
    assert_eq!(column(&kept, "TimeGenerated"), ["1710413935827000"]);
    assert_eq!(report.oddities.count(code::ODD_MILLISECONDS), 1);
}

#[test]
fn tuples_of_the_wrong_length_are_quarantined_with_their_place() {
    let bad = [
        "1710413935827,10.1.1.70,10.1.1.4,1,80,6,O,B",
        "1710413935827,10.1.1.70,10.1.1.4,1,80,6,O,B,NX",
        "1710413935827,10.1.1.70,10.1.1.4,1,80,6,O,B,NX,0,0,0",
        "1710413935827,10.1.1.70,10.1.1.4,1,80,6,O,B,,,,,,",
    ];
    for tuple in bad {
        let text = vnet_record("", &format!("{TUPLE},\"{tuple}\",{TUPLE}"));
        let (kept, report) = read(&text);
        assert_eq!(column(&kept, "TupleIndex"), ["0", "2"]);
        let [item] = kept.quarantined.as_slice() else {
            panic!("{:?}", kept.quarantined)
        };
        assert_eq!(item.code, code::TUPLE_FIELDS);
        assert_eq!(item.tuple_index, Some(1));
        assert_eq!(item.raw, tuple.as_bytes());
        let place = item.offset as usize;
        assert_eq!(&text[place..place + tuple.len()], tuple);
        assert_eq!(
            (report.counts.tuples_received, report.counts.tuples_quarantined),
            (3, 1)
        );
    }
}

fn nsg_record(header: &str, tuples: &str) -> String {
    format!(
        r#"{{"time":"2018-11-13T12:00:35.0000000Z"{header},"properties":{{"Version":2,"flows":[{{"rule":"UserRule_x","flows":[{{"mac":"000D3AF87856","flowTuples":[{tuples}]}}]}}]}}}}"#
    )
}

#[test]
fn nsg_tuples_of_the_wrong_length_are_quarantined() {
    let whole = "1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,A,E,1,66,1,66";
    let fields: Vec<&str> = whole.split(',').collect();
    for count in [9, 12] {
        let text = nsg_record("", &format!("\"{whole}\",\"{}\"", fields[..count].join(",")));
        let (kept, report) = read(&text);
        assert_eq!(
            (kept.rows().len(), report.quarantined.count(code::TUPLE_FIELDS)),
            (1, 1),
            "{count}"
        );
    }
    let (kept, report) = read(&nsg_record("", &format!("\"{whole},7\"")));
    assert_eq!(
        (kept.rows().len(), report.quarantined.count(code::TUPLE_FIELDS)),
        (0, 1)
    );
}

#[test]
fn an_nsg_record_without_system_category_or_resource_is_accepted() {
    let tuple = r#""1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,A,E,1,66,1,66""#;
    let (kept, report) = read(&nsg_record("", tuple));
    assert_eq!(column(&kept, "SystemId"), ["null"]);
    assert_eq!(column(&kept, "MacAddress"), ["00-0D-3A-F8-78-56"]);
    assert_eq!((report.counts.records, report.counts.tuples_quarantined), (1, 0));
    let (kept, _) = read(&nsg_record(r#","systemId":"s""#, tuple));
    assert_eq!(column(&kept, "SystemId"), ["s"]);
}

#[test]
fn missing_mac_category_and_system_are_accepted() {
    let text = format!(
        r#"{{"time":"2024-03-14T10:59:41.5Z","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"x","flowTuples":[{TUPLE}]}}]}}]}}}}"#
    );
    let (kept, report) = read(&text);
    assert_eq!(column(&kept, "MacAddress"), ["null"]);
    assert_eq!(column(&kept, "AclRuleKind"), ["SecurityAdminRule"]);
    assert_eq!(report.oddities.count(code::ODD_MAC), 1);
}

#[test]
fn resource_id_stands_in_for_the_flow_log() {
    let text = format!(
        r#"{{"time":"2024-03-14T10:59:41.5Z","macAddress":"6045BDBA5272","resourceId":"/R","flowRecords":{{"flows":[{{"aclID":"00000000-0000-0000-0000-000000000000","flowGroups":[{{"rule":"PlatformRule","flowTuples":[{TUPLE}]}}]}}]}}}}"#
    );
    let (kept, _) = read(&text);
    assert_eq!(column(&kept, "FlowLogResourceId"), ["/R"]);
    assert_eq!(column(&kept, "AclGroup"), ["unspecified"]);
    assert_eq!(column(&kept, "AclRuleKind"), ["PlatformRule"]);
}

#[test]
fn protocol_letters_in_a_vnet_log_are_flagged() {
    let (kept, report) = read(&vnet_record(
        "",
        r#""1710413935827,10.1.1.70,10.1.1.4,1,80,T,O,B,NX,0,0,0,0""#,
    ));
    assert_eq!(column(&kept, "L4Protocol"), ["TCP"]);
    assert_eq!(report.oddities.count(code::ODD_PROTOCOL_LETTER), 1);
}

#[test]
fn a_hybrid_that_azure_never_wrote_is_refused() {
    let (kept, report) = read(&vnet_record(
        "",
        r#""1710413935,10.1.1.70,10.1.1.4,1,80,T,O,A,B,1,2,3,4""#,
    ));
    assert!(kept.rows().is_empty());
    assert_eq!(report.quarantined.count(code::TUPLE_LAYOUT), 1);
}

#[test]
fn skew_is_noted_and_far_tuples_are_quarantined_whichever_way_the_keys_stand() {
    let hour_off = r#""1710410335827,10.1.1.70,10.1.1.4,1,80,6,O,B,NX,0,0,0,0""#;
    let year_off = r#""1678791535827,10.1.1.70,10.1.1.4,1,80,6,O,B,NX_LOCAL_DST,,5,,""#;
    let text = vnet_record("", &format!("{TUPLE},{hour_off},{year_off},{TUPLE}"));
    let late = text
        .replace(r#""time":"2024-03-14T10:59:41.5119837Z","#, "")
        .replace(r#"]}]}}"#, r#"]}]},"time":"2024-03-14T10:59:41.5119837Z"}"#);
    assert!(late.ends_with("9837Z\"}"), "{late}");
    let mut hashes = Vec::new();
    for text in [text, late] {
        let (kept, report) = read(&text);
        assert_eq!(column(&kept, "TupleIndex"), ["0", "1", "3"]);
        assert_eq!(report.oddities.count(code::ODD_SKEW), 1);
        assert_eq!(report.quarantined.count(code::TUPLE_TIME_FAR), 1);
        assert_eq!(kept.quarantined[0].raw, year_off.trim_matches('"').as_bytes());
        hashes.push(column(&kept, "RecordHash"));
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[test]
fn skew_is_noted_from_six_seconds_before_to_ten_minutes_after() {
    // The record was flushed at 10:59:41.5.
    let flushed = 1_710_413_981_500_i64;
    for (after_millis, noted) in [
        (5_000, 0),
        (5_001, 1),
        (60_000, 1),
        (0, 0),
        (-599_999, 0),
        (-600_000, 0),
        (-600_001, 1),
    ] {
        let tuple = format!(
            "\"{},10.1.1.70,10.1.1.4,1,80,6,O,B,NX,0,0,0,0\"",
            flushed + after_millis
        );
        let text = vnet_record("", &tuple).replace("41.5119837Z", "41.5Z");
        let (kept, report) = read(&text);
        assert_eq!(kept.rows().len(), 1);
        assert_eq!(
            report.oddities.count(code::ODD_SKEW),
            noted,
            "{after_millis} ms after its flush"
        );
    }
}

#[test]
fn impossible_years_are_quarantined() {
    let text = vnet_record(
        "",
        r#""0,10.1.1.70,10.1.1.4,1,80,6,O,B,NX,0,0,0,0","253402300799000,10.1.1.70,10.1.1.4,1,80,6,O,B,NX,0,0,0,0""#,
    );
    let (_, report) = read(&text);
    assert_eq!(report.quarantined.count(code::TUPLE_TIME_RANGE), 2);
}

#[test]
fn unknown_keys_versions_and_values_are_counted_by_name() {
    let text = vnet_record(
        r#","newKey":{"deep":[1,2]},"newKey2":1"#,
        r#""1710413935827,10.1.1.70,10.1.1.4,1,80,6,O,B,NX_QUANTUM,0,0,0,0""#,
    )
    .replace("\"flowLogVersion\":4", "\"flowLogVersion\":5");
    let (kept, report) = read(&text);
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(
        report.oddities.names(code::ODD_KEY).collect::<Vec<_>>(),
        [("newKey", 1), ("newKey2", 1)]
    );
    assert_eq!(
        report.oddities.names(code::ODD_VERSION).collect::<Vec<_>>(),
        [("5", 1)]
    );
    assert_eq!(
        report.oddities.names(code::ODD_ENCRYPTION).collect::<Vec<_>>(),
        [("NX_QUANTUM", 1)]
    );
    assert_eq!(column(&kept, "FlowEncryption"), ["NX_QUANTUM"]);
}

#[test]
fn what_is_new_in_the_wrapper_is_counted() {
    let record = vnet_record("", TUPLE);
    let (kept, report) = read(&format!(
        r#"{{"schemaVersion":"9","records":[{record}],"nextLink":"x"}}"#
    ));
    assert_eq!(kept.rows().len(), 1);
    let names: Vec<_> = report.oddities.names(code::ODD_KEY).collect();
    assert_eq!(names, [("nextLink", 1), ("schemaVersion", 1)]);
    for text in [r#"{"records":"abc"}"#, r#"{"records":{}}"#] {
        assert_eq!(read(text).1.quarantined.count(code::RECORD_SHAPE), 1, "{text}");
    }
}

#[test]
fn the_other_diagnostic_categories_are_refused_by_name() {
    for category in ["NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"] {
        let text = format!(
            r#"{{"records":[{{"category":"{category}","properties":{{"ruleName":"x","direction":"In"}}}}]}}"#
        );
        let (kept, report) = read(&text);
        assert!(kept.rows().is_empty());
        assert_eq!(report.quarantined.count(code::RECORD_CATEGORY), 1, "{category}");
        // Which of them it was.
        let names: Vec<_> = report.quarantined.names(code::RECORD_CATEGORY).collect();
        assert_eq!(names, [(category, 1)]);
    }
}

#[test]
fn arity_wins_over_version_in_nsg_logs() {
    let text = r#"{"time":"2024-03-14T10:59:41Z","properties":{"Version":2,"flows":[{"rule":"old","flows":[{"flowTuples":["1710413935,10.1.1.70,10.1.1.4,1,80,T,O,A"]}]}]},"macAddress":"6045BDBA5272"}"#;
    let (kept, report) = read(text);
    assert_eq!(column(&kept, "LogFormat"), ["nsg-1"]);
    assert_eq!(column(&kept, "MacAddress"), ["60-45-BD-BA-52-72"]);
    assert_eq!(report.oddities.count(code::ODD_ARITY), 1);
    assert_eq!(report.oddities.count(code::ODD_RULE), 1);
}

#[test]
fn exact_duplicates_within_a_record_are_real_traffic() {
    let (kept, _) = read(&vnet_record("", &format!("{TUPLE},{TUPLE},{TUPLE}")));
    assert_eq!(column(&kept, "TupleIndex"), ["0", "1", "2"]);
}

#[test]
fn escaped_text_reads_as_what_it_means() {
    let (kept, _) = read(&vnet_record(
        "",
        r#""1710413935827\u002c10.1.1.70,10.1.1.4,55490,80,6,O,E,N\u0058,3,406,3,614""#,
    ));
    assert_eq!(column(&kept, "SrcIp"), ["10.1.1.70"]);
    let plain = read(&vnet_record("", TUPLE)).0;
    assert_eq!(column(&kept, "RecordHash"), column(&plain, "RecordHash"));
}

#[test]
fn an_unprefixed_rule_is_an_admin_rule_in_vnet_logs_and_unknown_in_nsg_logs() {
    let (kept, _) = read(&vnet_record("", TUPLE).replace("UserRule_Allow_Web", "BlockHighRisk"));
    assert_eq!(column(&kept, "AclRuleKind"), ["SecurityAdminRule"]);
    let (kept, _) = read(&vnet_record("", TUPLE).replace("UserRule_Allow_Web", "UserRule"));
    assert_eq!(
        (column(&kept, "AclRuleKind"), column(&kept, "AclRule")),
        (vec!["UserRule".into()], vec!["null".into()])
    );
}
