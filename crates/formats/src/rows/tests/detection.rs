//! The form of a source is that of its first object that has one, not of its first object.

use model::SourceId;
use model::codes::{Code, list as code};
use model::limits::{DETECT_BYTES_MAX, DETECT_OBJECTS_MAX};

use super::{read, read_with};
use crate::fuzz::Kept;
use crate::report::Report;
use crate::tests::random::Random;
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

const ADDRESS: &str = r#"{"TimeGenerated":"2025-08-25T20:11:21Z","FaSchemaVersion":"3","SubType":"FlowLog","FlowIntervalStartTime":"2025-08-25T20:00:00Z","FlowType":"AzurePublic","Ip":"20.1.2.3","Location":"westeurope"}"#;
const RESOURCE: &str = r#"{"TimeGenerated":"2025-08-25T20:11:21Z","SubType":"Topology","AzureResourceType":"Route","NextHopType":"Internet"}"#;

#[test]
fn tables_without_flows_are_refused_by_name() {
    for other in [ADDRESS, RESOURCE] {
        let (kept, report) = read([other; 30].join("\n"));
        assert_eq!((kept.rows().len(), report.refused), (0, None));
        assert_eq!(
            report.quarantined.iter().collect::<Vec<_>>(),
            [(code::ROW_TABLE, 30)]
        );
        behind(&[other; 60], TA, code::ROW_TABLE);
    }
    for csv in [
        "FaSchemaVersion,SubType,FlowType,Ip,Location\n3,FlowLog,AzurePublic,20.1.2.3,westeurope\n",
        "FASchemaVersion_s,SubType_s,FlowType_s,IP,Location\n2,FlowLog,AzurePublic,20.1.2.3,westeurope\n",
        "SubType,AzureResourceType,NextHopType\nTopology,Route,Internet\n",
    ] {
        let (kept, report) = read(csv);
        assert_eq!(report.refused, Some(code::ROW_TABLE), "{csv}");
        assert!(kept.quarantined.is_empty() && report.quarantined.is_empty());
    }
    // Exported together, a row of either is told by what it has.
    let header = "Type,FaSchemaVersion,SubType,FlowStartTime,SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,FlowStatus,Ip";
    let flow = "NTANetAnalytics,3,FlowLog,2025-08-25T20:11:21Z,10.0.0.1,10.0.0.2,80,T,I,A,";
    let address = "NTAIpDetails,3,FlowLog,,,,,,,,20.1.2.3";
    let topology = "AzureNetworkAnalytics_CL,2,Topology,,,,,,,,";
    let (kept, report) = read(format!("{header}\n{address}\n{flow}\n{topology}\n"));
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::ROW_TABLE, 2)]
    );
    // A flow without its time is still that.
    let (_, report) = read(format!(
        "{header}\n{flow}\n{}\n",
        flow.replace("2025-08-25T20:11:21Z", "")
    ));
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::ROW_TIME, 1)]
    );
}

#[test]
fn hits_of_a_search_are_rows_each() {
    let tuple = r#"{"timestamp":"2022-09-14T09:00:03.599Z","source":{"ip":"10.0.0.1","port":1},"destination":{"ip":"10.0.0.2","port":443},"protocol":"6","flow":{"direction":"Outbound","encryption":"NX","state":"Begin"}}"#;
    let hit = format!(
        r#"{{"_index":"x","_source":{{"azure_network_watcher_vnet":{{"log":{{"time":"2022-09-14T09:00:52.562Z","records":{{"flows":[{{"acl_id":"/A","groups":[{{"rule":"r","tuples":[{tuple}]}}]}}]}}}}}}}}}}"#
    );
    let answer = |hits: &str| {
        format!(
            r#"{{"took":1,"hits":{{"total":{{"value":2}},"hits":[{hits}],"max_score":1}},"aggregations":{{"a":[1]}}}}"#
        )
    };
    let whole = answer(&format!("{hit},{hit}"));
    let (kept, report) = read(&whole);
    assert_eq!(
        (kept.rows().len(), report.quarantined.is_empty()),
        (2, true),
        "{report:?}"
    );
    assert_eq!(report.counts.bytes_given_up, 0);
    crate::fuzz::any_input(whole.as_bytes());
    // Hits of something else, and no hits.
    let (_, report) = read(answer(r#"{"_source":{"message":"x"}}"#));
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::RECORD_UNKNOWN, 1)]
    );
    let (kept, report) = read(FLAT.replace('{', r#"{"hits":{"hits":3},"#));
    assert_eq!((kept.rows().len(), report.quarantined.is_empty()), (1, true));
}

/// Whatever stands beside whatever: the size of the window changes nothing, and reading on from the cursor
/// finds exactly the rest.
#[test]
fn any_mixture_is_read_the_same_way_however_it_comes() {
    let hybrid = AZURE.replace(
        r#""macAddress""#,
        r#""category":"NetworkSecurityGroupFlowEvent","macAddress""#,
    );
    let bad = FLAT.replace("443", "x");
    let long = format!(r#"{{"pad":"{}"}}"#, "x".repeat(5_000));
    let pieces = [
        TA,
        FLAT,
        AZURE,
        &hybrid,
        &bad,
        &long,
        ADDRESS,
        RESOURCE,
        r#"{"hello":1}"#,
        r#"{"properties":{"a":[1]}}"#,
        r#"{"hello" 1}"#,
        r#"{"records":["#,
        r#"{"took":1,"hits":{"n":1,"hits":["#,
        "[",
        "]",
        "}",
        r#"],"next":"x"}"#,
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "\"x\":1",
        "{",
    ];
    let mut random = Random(5);
    for _ in 0..3_000 {
        let mut input = String::new();
        for _ in 0..=random.next(6) {
            let at = usize::try_from(random.next(pieces.len() as u64)).unwrap();
            input.push_str(pieces[at]);
            input.push_str(["", ",", "\n", " "][usize::try_from(random.next(4)).unwrap()]);
        }
        crate::fuzz::any_input(input.as_bytes());
        crate::fuzz::same_as_twin(input.as_bytes());
    }
}

#[test]
fn behind_damage_reading_on_finds_no_more_than_reading_at_once() {
    for input in [
        format!("{{\"records\":[ {{ {FLAT},[,{FLAT},{{\"records\":[,"),
        format!("[ \"x\":1,{AZURE},[ {FLAT},"),
    ] {
        crate::fuzz::any_input(input.as_bytes());
    }
}
