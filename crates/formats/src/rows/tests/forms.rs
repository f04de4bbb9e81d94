//! Each layout in each form it comes in, and each refusal.

use model::Code;
use model::codes::list as code;

use super::{read, read_with};
use crate::fuzz::Kept;
use crate::report::Report;
use crate::twin::Row;
use crate::{FormatIn, RowOptions, Zone};

fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(Option::as_deref).unwrap_or("null")
}

/// Columns of the rows, as text.
fn shown(kept: &Kept, names: &str) -> Vec<String> {
    let line = |row: &Row| {
        names
            .split(' ')
            .map(|name| text(row, name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    kept.rows().iter().map(line).collect()
}

const BASICS: &str =
    "TimeGenerated SrcIp DestIp SrcPort DestPort L4Protocol FlowDirection FlowStatus LogFormat";

fn rows_of(options: RowOptions) -> impl Fn(&str) -> (Kept, Report) {
    move |input| read_with(input.as_bytes(), options.clone(), 64)
}

const FLAT: [&str; 2] = [
    r#"{"time":"2025-08-25T20:11:21Z","sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","sourcePort":50000,"destinationPort":443,"protocol":"TCP","flowState":"Allow","flowDirection":"Outbound","trafficCategory":"SecurityAdminRule"}"#,
    r#"{"time":1756152681000,"sourceIP":"fd00::1","destinationIP":"10.0.0.5","sourcePort":"1","destinationPort":"22","protocol":"U","flowState":"Deny","flowDirection":"Inbound","trafficCategory":"ExternalPublic","note":"x"}"#,
];

const FLAT_CSV: &str = "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,trafficCategory,note\n\
    8/25/2025 8:11:21 PM,10.0.0.4,20.1.2.3,50000,443,TCP,Allow,Outbound,SecurityAdminRule,\n\
    1756152681,fd00::1,10.0.0.5,1,22,UDP,Deny,Inbound,ExternalPublic,x\n";

#[test]
fn flat_records_in_every_form() {
    let expected = [
        "1756152681000000 10.0.0.4 20.1.2.3 50000 443 TCP Outbound Allowed flat",
        "1756152681000000 fd00::1 10.0.0.5 1 22 UDP Inbound Denied flat",
    ];
    let [one, two] = FLAT;
    let (lines, _) = read(format!("{one}\n{two}\n"));
    for input in [
        format!("{one}\r\n{two}"),
        format!("[{one},\n {two}]"),
        format!("{{\"count\":2,\"records\":[{one},{two}],\"next\":{{\"a\":[1]}}}}"),
        format!("\u{feff}{{\"records\":[{one}]}}{{\"records\":[{two}]}}"),
    ] {
        let (kept, report) = read(&input);
        assert_eq!(shown(&kept, BASICS), expected, "{input}");
        assert_eq!(shown(&kept, "RecordHash"), shown(&lines, "RecordHash"));
        assert_eq!(
            (report.counts.records, report.counts.bytes_given_up),
            (2, 0),
            "{input}"
        );
    }
    let (csv, _) = rows_of(RowOptions {
        zone: Some(Zone::UTC),
        ..RowOptions::default()
    })(FLAT_CSV);
    assert_eq!(shown(&csv, BASICS), expected);
    // The same content has the same hash, however it is written.
    assert_eq!(shown(&csv, "RecordHash")[0], shown(&lines, "RecordHash")[0]);
    assert_eq!(
        shown(&lines, "AclRuleKind AdditionalFields RecordTime"),
        [
            "SecurityAdminRule null 1756152681000000",
            r#"Unknown {"trafficCategory":"ExternalPublic","note":"x"} 1756152681000000"#,
        ]
    );
}

#[test]
fn fields_of_other_names_are_named() {
    let mut options = RowOptions::default();
    for typed in [
        "TimeGenerated=when",
        "SrcIp=client",
        "DestIp=server",
        "DestPort=svc",
        "FlowStatus=verdict",
        "FlowDirection=dir",
        "L4Protocol=proto",
        "BytesSrcToDest=sent",
    ] {
        options.mapping.add(typed).unwrap();
    }
    let read = rows_of(options);
    let expected = ["1756152681000000 10.0.0.4 20.1.2.3 null 443 TCP Outbound Allowed flat"];
    let (csv, _) = read(
        "when;client;server;svc;verdict;dir;proto;sent;time\n1756152681;10.0.0.4;20.1.2.3;443;A;O;6;99;later\n",
    );
    assert_eq!(shown(&csv, BASICS), expected);
    assert_eq!(
        shown(&csv, "BytesSrcToDest AdditionalFields"),
        [r#"99 {"time":"later"}"#]
    );
    let (json, _) = read(
        r#"{"when":1756152681,"client":"10.0.0.4","server":"20.1.2.3","svc":443,"verdict":"allow","dir":"out","proto":"tcp"}"#,
    );
    assert_eq!(shown(&json, BASICS), expected);
}

const OLD_HEADER: &str = "SubType_s,FASchemaVersion_s,FlowStartTime_t,FlowEndTime_t,TimeProcessed_t,SrcIP_s,DestIP_s,DestPort_d,L4Protocol_s,FlowDirection_s,FlowStatus_s,NSGList_s,NSGRule_s,NSGRuleType_s,MACAddress_s,AllowedInFlows_d,DeniedInFlows_d,AllowedOutFlows_d,DeniedOutFlows_d,InboundPackets_d,OutboundPackets_d,InboundBytes_d,OutboundBytes_d,CompletedFlows_d,SrcPublicIPs_s,DestPublicIPs_s,FlowType_s";

#[test]
fn the_older_table_with_its_suffixes_letters_and_decimals() {
    let (kept, report) = read(format!(
        "{OLD_HEADER}\nFlowLog,2,2019-10-01T10:00:05Z,2019-10-01T10:50:00Z,2019-10-01T11:05:00Z,10.0.0.4,,443.0,T,O,A,s/rg/nsg-web,UserRule_my_rule,User Defined,000D3A112233,0,0,3.0,0,12.0,10.0,1200.0,1.0E+3,2.0,,192.0.2.7|2|2|10|12|1000|1200 192.0.2.8|1|0|0|0|0|0,ExternalPublic\n"
    ));
    assert!(
        report.oddities.is_empty() && report.quarantined.is_empty(),
        "{report:?}"
    );
    assert_eq!(
        shown(
            &kept,
            "SrcIp DestIp SrcPort DestPort L4Protocol FlowDirection FlowStatus LogFormat StartedFlows CompletedFlows PacketsSrcToDest BytesSrcToDest PacketsDestToSrc BytesDestToSrc TupleIndex"
        ),
        [
            "10.0.0.4 192.0.2.7 null 443 TCP Outbound Allowed ta-2 2 2 10 1000 12 1200 0",
            "10.0.0.4 192.0.2.8 null 443 TCP Outbound Allowed ta-2 1 0 0 0 0 0 1",
        ]
    );
    let around = "s/rg/nsg-web my_rule UserRule s/rg/nsg-web UserRule_my_rule 00-0D-3A-11-22-33 null";
    assert_eq!(
        shown(
            &kept,
            "AclGroup AclRule AclRuleKind AclIdLogged AclRuleLogged MacAddress FlowEncryption"
        ),
        [around, around]
    );
    let hashes = shown(&kept, "RecordHash RecordOffset RecordTime");
    assert_eq!(hashes[0], hashes[1]);
}

const TA: &str = r#""FlowStartTime":"2025-08-25T20:11:21Z","DestIp":"10.0.0.4","DestPort":22,"L4Protocol":"T","FlowDirection":"I","FlowStatus":"D","SubType":"FlowLog","FaSchemaVersion":"3""#;

#[test]
fn what_a_list_says_is_held_against_the_row() {
    let row = |denied: u64| {
        format!(
            r#"{{{TA},"SrcPublicIps":"192.0.2.1|1|0|0|0|0|0 192.0.2.2|1|0|0|0|0|0","DeniedInFlows":{denied},"AllowedInFlows":7}}"#
        )
    };
    let (kept, report) = read(row(2));
    assert_eq!(report.oddities.count(code::ODD_ENTRY_SUMS), 1);
    // A count that contradicts direction and decision is not lost.
    let further = r#"{"SubType":"FlowLog","FaSchemaVersion":"3","AllowedInFlows":7}"#;
    assert_eq!(
        shown(&kept, "StartedFlows AdditionalFields"),
        [format!("1 {further}"), format!("1 {further}")]
    );
    let exact = row(2).replace(r#","AllowedInFlows":7"#, "");
    assert!(read(exact).1.oddities.is_empty());
}

#[test]
fn rows_that_carry_no_flow_are_skipped_and_counted() {
    let row = format!(r#"{{{TA},"SrcIp":"192.0.2.1"}}"#);
    let status = r#"{"SubType":"StatusMessage","FaSchemaVersion":"3","Status":"Completed"}"#;
    for input in [
        format!("{status}\n{row}\n{status}\n"),
        format!("[{row},{status},{status}]"),
    ] {
        let (kept, report) = read(&input);
        assert_eq!((kept.rows().len(), report.counts.records), (1, 3), "{input}");
        assert_eq!(report.oddities.count(code::ODD_STATUS_ROW), 2);
        assert!(report.quarantined.is_empty());
    }
}

/// One event, one tuple.
#[track_caller]
fn tuple(event: &str, expected: &str) -> Kept {
    let (kept, report) = read(event);
    let names = "TimeGenerated SrcIp DestIp SrcPort DestPort L4Protocol FlowDirection FlowState FlowStatus FlowEncryption BytesSrcToDest BytesDestToSrc AclRule LogFormat";
    assert_eq!(
        shown(&kept, names),
        [expected],
        "{:?} {:?}",
        report.refused,
        report.quarantined
    );
    kept
}

const CONNECTOR: &str = r#"{"time":"2024-03-14T10:41:41Z","category":"NetworkSecurityGroupFlowEvent","operationName":"NetworkSecurityGroupFlowEvents","resourceId":"/SUB/NSG","version":2.0,"nsgRuleName":"UserRule_x","mac":"000D3A112233","startTime":"1710413935","sourceAddress":"10.0.0.1","destinationAddress":"10.0.0.2","sourcePort":"1","destinationPort":"2","transportProtocol":"T","deviceDirection":"I","deviceAction":"A","flowState":"E","packetsStoD":"1","bytesStoD":"100","packetsDtoS":"2","bytesDtoS":"200"}"#;

#[test]
fn records_of_the_connector() {
    let expected = "1710413935000000 10.0.0.1 10.0.0.2 1 2 TCP Inbound E Allowed null 100 200 x nsg-2";
    let kept = tuple(CONNECTOR, expected);
    assert_eq!(
        shown(&kept, "AclGroup RecordTime MacAddress"),
        ["/sub/nsg 1710412901000000 00-0D-3A-11-22-33"]
    );
    tuple(&format!("{{\"records\":[{CONNECTOR}]}}"), expected);
    let first = CONNECTOR.replace(
        r#""flowState":"E","packetsStoD":"1","bytesStoD":"100","packetsDtoS":"2","bytesDtoS":"200""#,
        r#""x":1"#,
    );
    tuple(
        &first,
        "1710413935000000 10.0.0.1 10.0.0.2 1 2 TCP Inbound null Allowed null null null x nsg-1",
    );
}

#[test]
fn events_of_splunk_as_object_and_as_text() {
    let expected = "1710413935827000 10.0.0.1 10.0.0.2 1 2 TCP Inbound E Allowed NX 100 200 x vnet-4";
    let event = r#"{"time":1710413935827,"sourceAddress":"10.0.0.1","destinationAddress":"10.0.0.2","sourcePort":"1","destinationPort":"2","protocol":"6","deviceDirection":"I","flowState":"E","encryption":"NX","packetsStoD":1,"bytesStoD":100,"packetsDtoS":2,"bytesDtoS":200,"flowLogVersion":4,"mac":"000D3A112233","aclID":"a","rule":"UserRule_x"}"#;
    tuple(
        &format!(r#"{{"event":{event},"sourcetype":"s","time":1}}"#),
        expected,
    );
    let as_text = serde_json::to_string(event).unwrap();
    tuple(&format!(r#"{{"event":{as_text},"sourcetype":"s"}}"#), expected);
    let whole = r#"{"event":{"flowTuple":"1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,E,NX,1,100,2,200","rule":"UserRule_x","flowLogVersion":4}}"#;
    tuple(whole, expected);
}

#[test]
fn entries_of_new_relic_are_read_by_their_tuple() {
    let expected = "1710413935827000 10.0.0.1 10.0.0.2 1 2 TCP Inbound E Allowed NX 100 200 x vnet-4";
    // The attributes are taken apart wrongly; the tuple is what Azure wrote.
    let entry = r#"{"timestamp":1710413935827000,"message":"1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,E,NX,1,100,2,200","attributes":{"category":"FlowLogFlowEvent","aclID":"a","rule":"UserRule_x","srcAddr":"10.0.0.1","action":"E","state":"NX"}}"#;
    tuple(entry, expected);
    tuple(&format!(r#"[{{"common":{{"a":1}},"logs":[{entry}]}}]"#), expected);
    let apart = r#"{"timestamp":1710413935827,"attributes":{"srcAddr":"10.0.0.1","destAddr":"10.0.0.2","srcPort":1,"destPort":2,"protocol":"TCP","direction":"Inbound","flowState":"End","encryption":"NX","packetsSrcToDest":1,"bytesSrcToDest":100,"packetsDestToSrc":2,"bytesDestToSrc":200,"aclID":"a","rule":"UserRule_x"}}"#;
    tuple(apart, expected);
}

#[test]
fn events_of_sumo_logic() {
    let nsg = r#"{"time":"1710413935","sys_id":"g","category":"NetworkSecurityGroupFlowEvent","resource_id":"/S","event_name":"NetworkSecurityGroupFlowEvents","rule_name":"DefaultRule_y","mac":"000D3A112233","src_ip":"10.0.0.1","dest_IP":"10.0.0.2","src_port":"1","dest_port":"2","protocol":"U","traffic_destination":"O","traffic_a/d":"D","version":2,"flow_state":"B","num_packets_sent_src_to_dest":null,"bytes_sent_src_to_dest":null,"num_packets_sent_dest_to_src":null,"bytes_sent_dest_to_src":null}"#;
    let kept = tuple(
        nsg,
        "1710413935000000 10.0.0.1 10.0.0.2 1 2 UDP Outbound B Denied null null null y nsg-2",
    );
    // The envelope names no time of its record.
    assert_eq!(shown(&kept, "RecordTime SystemId"), ["1710413935000000 g"]);
    let vnet = r#"{"acl_id":"/A","bytes_sent_dest_to_src":"200","bytes_sent_src_to_dest":"100","category":"FlowLogFlowEvent","dest_IP":"10.0.0.2","dest_port":"2","flowLogGUID":"g","flow_direction":"I","flow_encryption_status":"NX","flow_state":"E","mac":"000D3A112233","num_packets_sent_dest_to_src":"2","num_packets_sent_src_to_dest":"1","protocol":"6","rule_name":"UserRule_x","src_ip":"10.0.0.1","src_port":"1","time":"1710413935827","version":4}"#;
    tuple(
        vnet,
        "1710413935827000 10.0.0.1 10.0.0.2 1 2 TCP Inbound E Allowed NX 100 200 x vnet-4",
    );
}

/// The source is refused as a whole: nothing stored, nothing put aside, one code.
#[track_caller]
fn refused(input: &str, why: Code) {
    let (kept, report) = read(input);
    assert_eq!(report.refused, Some(why), "{:?}", report.quarantined);
    assert!(kept.batches.is_empty() && kept.quarantined.is_empty());
    assert_eq!((report.counts.tuples_received, report.cursor), (0, 0));
    assert!(report.quarantined.is_empty() && report.oddities.is_empty());
}

#[test]
fn shifted_layouts_are_refused_by_name() {
    // As a converter makes it that reads VNet tuples by the layout of NSG tuples.
    let shifted = |action: &str, state: &str| {
        CONNECTOR
            .replace(r#""deviceAction":"A""#, &format!(r#""deviceAction":"{action}""#))
            .replace(r#""flowState":"E""#, &format!(r#""flowState":"{state}""#))
    };
    for (action, state) in [
        ("B", "NX"),
        ("C", "X"),
        ("E", "NX_FALLBACK"),
        ("D", "NX"),
        ("A", "NX"),
    ] {
        refused(&shifted(action, state), code::ROW_SHIFTED);
        refused(
            &format!("[{}]", vec![shifted(action, state); 50].join(",")),
            code::ROW_SHIFTED,
        );
    }
    refused(&FLAT[0].replace("\"Allow\"", "\"NX\""), code::ROW_SHIFTED);
    // Among good ones they are put aside one by one.
    let (kept, report) = read(format!(
        "{}\n{CONNECTOR}\n{}\n",
        shifted("B", "NX"),
        shifted("E", "NX")
    ));
    assert_eq!((kept.rows().len(), report.refused), (1, None));
    assert_eq!(report.quarantined.count(code::ROW_SHIFTED), 2);
    assert_eq!(kept.quarantined[0].offset, 0);
    assert_eq!(kept.quarantined[0].raw, shifted("B", "NX").into_bytes());
}

#[test]
fn times_without_a_zone_are_refused_and_read_with_one() {
    refused(
        FLAT_CSV.replace("1756152681,", "8/25/2025 8:11:21 PM,").as_str(),
        code::ROW_ZONE,
    );
    let zoned = |zone: &str| {
        let read = rows_of(RowOptions {
            zone: Zone::parse(zone),
            ..RowOptions::default()
        });
        shown(&read(FLAT_CSV).0, "TimeGenerated")[0].clone()
    };
    assert_eq!(zoned("UTC"), "1756152681000000");
    assert_eq!(
        zoned("Europe/Berlin"),
        (1_756_152_681_000_000_i64 - 7_200_000_000).to_string()
    );
    // Traffic Analytics keeps universal time, unless the header says that it was exported otherwise.
    let local = "FlowStartTime [Local Time],L4Protocol,FlowDirection,FlowStatus,SrcIp,DestIp,DestPort\n8/25/2025 8:11:21 PM,T,I,A,10.0.0.1,10.0.0.2,80\n";
    refused(local, code::ROW_ZONE);
    let (kept, _) = read(local.replace("Local Time", "UTC"));
    assert_eq!(shown(&kept, "TimeGenerated"), ["1756152681000000"]);
    let (kept, report) = rows_of(RowOptions {
        zone: Zone::parse("Europe/Berlin"),
        ..RowOptions::default()
    })(&local.replace("8/25/2025 8:11:21 PM", "10/26/2025 2:30:00 AM"));
    assert_eq!(
        (kept.rows().len(), report.oddities.count(code::ODD_LOCAL_TIME)),
        (1, 1)
    );
}

/// A bad row between good ones: put aside with its code, its place and its text.
#[track_caller]
fn aside(bad: &str, why: Code) {
    let [good, _] = FLAT;
    let (kept, report) = read(format!("{good}\n{bad}\n{good}\n"));
    assert_eq!(report.quarantined.iter().collect::<Vec<_>>(), [(why, 1)], "{bad}");
    assert_eq!(kept.rows().len(), 2);
    let item = &kept.quarantined[0];
    assert_eq!(
        (item.offset, item.length),
        (good.len() as u64 + 1, bad.len() as u64)
    );
    assert_eq!(item.raw, bad.as_bytes());
}

#[test]
fn each_bad_value_has_its_code() {
    let [good, _] = FLAT;
    for (from, to, why) in [
        ("2025-08-25T20:11:21Z", "soon", code::ROW_TIME),
        ("2025-08-25T20:11:21Z", "2014-08-25T20:11:21Z", code::ROW_TIME),
        ("2025-08-25T20:11:21Z", "2024-02-30T00:00:00Z", code::ROW_TIME),
        ("2025-08-25T20:11:21Z", "2/30/2024 8:11:21.937 PM", code::ROW_TIME),
        ("2025-08-25T20:11:21Z", "2025-08-25T20:11:21", code::ROW_ZONE),
        ("10.0.0.4", "10.0.0.400", code::ROW_ADDRESS),
        ("10.0.0.4", "", code::ROW_ADDRESS),
        ("443", "70000", code::ROW_PORT),
        ("443", "null", code::ROW_PORT),
        ("50000", "-1", code::ROW_PORT),
        ("\"TCP\"", "\"Quantum\"", code::ROW_PROTOCOL),
        ("Outbound", "Sideways", code::ROW_DIRECTION),
        ("\"Allow\"", "\"Q\"", code::ROW_STATUS),
        ("\"Allow\"", "\"\"", code::ROW_STATUS),
        ("\"Allow\"", "\"NX\"", code::ROW_SHIFTED),
    ] {
        aside(&good.replace(from, to), why);
    }
    aside(r#"{"a":1}"#, code::ROW_LAYOUT);
    let ta = format!(r#"{{{TA},"SrcIp":"192.0.2.1"}}"#);
    for (with, why) in [
        (r#""SrcPublicIps":"192.0.2.1|1|0","#, code::ROW_ENTRIES),
        (
            r#""SrcIp":"192.0.2.1","PacketsSrcToDest":1.5,"#,
            code::ROW_COUNTER,
        ),
        (r#""SrcIp":"192.0.2.1","DeniedInFlows":-1,"#, code::ROW_COUNTER),
    ] {
        let bad = format!("{{{with}{TA}}}");
        let (kept, report) = read(format!("{ta}\n{bad}\n"));
        assert_eq!(report.quarantined.iter().collect::<Vec<_>>(), [(why, 1)], "{bad}");
        assert_eq!(kept.rows().len(), 1);
    }
}

#[test]
fn hybrids_that_azure_never_wrote_and_documents_without_tuples() {
    let hybrid = CONNECTOR
        .replace("NetworkSecurityGroupFlowEvents", "FlowLogFlowEvent")
        .replace("NetworkSecurityGroupFlowEvent", "FlowLogFlowEvent");
    let (kept, report) = read(format!("{CONNECTOR}\n{hybrid}\n"));
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::TUPLE_LAYOUT, 1)]
    );
    assert_eq!(kept.rows().len(), 1);
    let in_text = r#"{"time":"2024-03-14T10:41:41Z","flowLogVersion":4,"rule":"x","flow.0":"1710413935,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,"}"#;
    assert_eq!(read(in_text).1.quarantined.count(code::TUPLE_LAYOUT), 1);
    refused(
        r#"{"azure_network_watcher_vnet":{"log":{"category":"FlowLogFlowEvent","records":1}},"source":{"ip":["10.0.0.1"]}}"#,
        code::ROW_ELASTIC,
    );
}

#[test]
fn documents_of_elastic_with_their_tuples() {
    let tuple = |ip: &str, state: &str, sent: u64| {
        format!(
            r#"{{"timestamp":"2022-09-14T09:00:03.599Z","source":{{"ip":"{ip}","port":23956}},"destination":{{"ip":"10.0.0.2","port":443}},"protocol":"6","flow":{{"direction":"Outbound","encryption":"NX","state":"{state}"}},"bytes":{{"sent":{sent},"received":0}},"packets":{{"sent":1,"received":0}}}}"#
        )
    };
    let document = |flows: &str| {
        format!(
            r#"{{"@timestamp":"x","azure_network_watcher_vnet":{{"log":{{"category":"FlowLogFlowEvent","flow_log":{{"guid":"g","version":"4"}},"mac_address":"00-22-48-7B-C2-05","records":{{"flows":{flows}}},"time":"2022-09-14T09:00:52.562Z"}}}},"source":{{"ip":["10.0.0.1"]}}}}"#
        )
    };
    let (one, two, three) = (
        tuple("10.0.0.1", "Begin", 0),
        tuple("10.0.0.3", "End", 2217),
        tuple("10.0.0.4", "Denied", 0),
    );
    let flows = format!(
        r#"[{{"groups":[{{"tuples":[{one},{two}],"rule":"DefaultRule_x"}}],"acl_id":"/A"}},{{"acl_id":"B","groups":[{{"rule":"admin","tuples":[{three}]}}]}}]"#
    );
    let (kept, report) = read(document(&flows));
    let names = "TimeGenerated SrcIp DestPort FlowState FlowStatus BytesSrcToDest AclIdLogged AclRule AclRuleKind TupleIndex LogFormat MacAddress RecordTime";
    let rest = "vnet-4 00-22-48-7B-C2-05 1663146052562000";
    assert_eq!(
        shown(&kept, names),
        [
            format!("1663146003599000 10.0.0.1 443 B Allowed 0 /A x DefaultRule 0 {rest}"),
            format!("1663146003599000 10.0.0.3 443 E Allowed 2217 /A x DefaultRule 1 {rest}"),
            format!("1663146003599000 10.0.0.4 443 D Denied 0 B admin SecurityAdminRule 2 {rest}"),
        ],
        "{report:?}"
    );
    let hit = format!(r#"{{"_index":"logs","_source":{}}}"#, document(&flows));
    assert_eq!(read(hit).0.rows().len(), 3);
    refused(&document("[]"), code::ROW_ELASTIC);
    // All tuples of a document, or none.
    let torn = document(&flows.replace("10.0.0.3", "ten"));
    let (kept, report) = read(format!("{}\n{torn}", document(&flows)));
    assert_eq!(
        (kept.rows().len(), report.quarantined.count(code::TUPLE_ADDRESS)),
        (3, 1)
    );
}

#[test]
fn lines_that_are_no_rows() {
    let header = FLAT_CSV.lines().next().unwrap();
    let good = "1756152681,fd00::1,10.0.0.5,1,22,UDP,Deny,Inbound,x,x";
    for (bad, why) in [
        ("1756152681,fd00::1", code::ROW_FIELDS),
        (&*format!("{good},more"), code::ROW_FIELDS),
        (&*good.replace("fd00::1", "fd\"00::1"), code::ROW_QUOTE),
        (&*good.replace("fd00::1", "\"fd00::1"), code::ROW_QUOTE),
        (&*good.replace("fd00::1", "\"fd00::1\" "), code::ROW_QUOTE),
        (&*format!("{good}{}", "\0".repeat(40)), code::HOLE),
    ] {
        let bad = if why == code::HOLE {
            format!("x{}", "\0".repeat(40))
        } else {
            bad.to_owned()
        };
        let (kept, report) = read(format!("{header}\n{good}\n{bad}\n{good}\n\n{good}"));
        assert_eq!(report.quarantined.iter().collect::<Vec<_>>(), [(why, 1)], "{bad}");
        assert_eq!(kept.rows().len(), 3, "{bad}");
        assert_eq!(kept.quarantined[0].raw, format!("{bad}\n").into_bytes());
        assert_eq!(report.oddities.count(code::ODD_LAST_LINE), 1);
        assert_eq!(report.oddities.count(code::ODD_REPEATED_RECORD), 2);
    }
    let (kept, report) = read(format!("{header}\n{good}\n{header}\n{good}\n"));
    assert_eq!(
        (kept.rows().len(), report.oddities.count(code::ODD_HEADER_AGAIN)),
        (2, 1)
    );
    assert_eq!(shown(&kept, "RecordOccurrence"), ["0", "1"]);
}

#[test]
fn a_form_that_the_caller_names_is_believed() {
    let named = |form| {
        rows_of(RowOptions {
            form,
            ..RowOptions::default()
        })
    };
    // As Azure's records these rows are of no known layout, one by one.
    let (_, report) = named(FormatIn::Azure)(FLAT[0]);
    assert_eq!(report.quarantined.count(code::RECORD_UNKNOWN), 1);
    let (_, report) = named(FormatIn::Sumo)(&[FLAT[0]; 20].join("\n"));
    assert!(report.refused.is_some());
    let (kept, _) = named(FormatIn::Flat)(FLAT[0]);
    assert_eq!(kept.rows().len(), 1);
}
