//! A tuple in another program's envelope is judged as it is in Azure's own record.

use model::codes::list as code;

use super::read;

const VNET: &str = "1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,";
const NSG: &str = "1710413935,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,";

fn native(tuple: &str, more: &str) -> String {
    let tuple = format!(r#""rule":"UserRule_r","flowTuples":["{tuple}"]"#);
    format!(
        r#"{{"time":"2024-03-14T10:59:41Z","macAddress":"A",{more}"flowLogVersion":4,"flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{{tuple}}}]}}]}}}}"#
    )
}

fn native_nsg(tuple: &str, more: &str) -> String {
    let tuple = format!(r#""mac":"A","flowTuples":["{tuple}"]"#);
    format!(
        r#"{{"time":"2024-03-14T10:59:41Z",{more}"properties":{{"Version":2,"flows":[{{"rule":"UserRule_r","flows":[{{{tuple}}}]}}]}}}}"#
    )
}

fn sekoia(tuple: &str, version: &str, more: &str) -> String {
    format!(
        r#"{{"time":"2024-03-14T10:59:41Z","macAddress":"A",{more}"flowLogVersion":{version},"aclID":"a","rule":"UserRule_r","flow.0":"{tuple}"}}"#
    )
}

fn sumo(tuple: &str, more: &str) -> String {
    let f: Vec<&str> = tuple.split(',').collect();
    format!(
        r#"{{"time":"{}","acl_id":"a","rule_name":"UserRule_r","mac":"A",{more}"src_ip":"{}","dest_IP":"{}","src_port":"{}","dest_port":"{}","protocol":"{}","flow_direction":"{}","flow_state":"{}","flow_encryption_status":"{}","version":4}}"#,
        f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]
    )
}

fn connector(tuple: &str, more: &str) -> String {
    let f: Vec<&str> = tuple.split(',').collect();
    let state = f.get(8).copied().unwrap_or("");
    format!(
        r#"{{"time":"2024-03-14T10:59:41Z","nsgRuleName":"UserRule_r","mac":"A",{more}"startTime":"{}","sourceAddress":"{}","destinationAddress":"{}","sourcePort":"{}","destinationPort":"{}","transportProtocol":"{}","deviceDirection":"{}","deviceAction":"{}","flowState":"{state}","version":2.0}}"#,
        f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]
    )
}

/// What is odd: each code, how often, and its names.
fn odd(input: &str) -> Vec<String> {
    let (kept, report) = read(input);
    assert_eq!(kept.rows().len(), 1, "{input} {:?}", report.quarantined);
    let line = |(code, count): (model::Code, u64)| {
        let names: Vec<_> = report.oddities.names(code).map(|(name, _)| name).collect();
        format!("{code} {count} {}", names.join(" "))
    };
    report.oddities.iter().map(line).collect()
}

#[test]
fn notes_are_those_of_azures_own_records() {
    let vnet = [
        (VNET.to_owned(), ""),
        (VNET.replace("935827", "935"), ""),
        (VNET.replace(",6,", ",T,"), ""),
        (VNET.replace("NX", "NX_QUANTUM"), ""),
        (VNET.to_owned(), r#""newKey":1,"#),
        (
            VNET.replace("935827", "935").replace(",6,", ",U,"),
            r#""newKey":"x","#,
        ),
    ];
    for (tuple, more) in &vnet {
        let expected = odd(&native(tuple, more));
        assert_eq!(odd(&sekoia(tuple, "4", more)), expected, "{tuple}");
        assert_eq!(odd(&sumo(tuple, more)), expected, "{tuple}");
    }
    assert!(odd(&native(VNET, "")).is_empty());
    let nsg = [
        (NSG.to_owned(), ""),
        (NSG.replace("935,", "935827,"), ""),
        (NSG.replace(",T,", ",6,"), ""),
        (NSG.replace(",B,,,,", ""), ""),
        (NSG.to_owned(), r#""newkey":1,"#),
    ];
    for (tuple, more) in &nsg {
        let expected = odd(&native_nsg(tuple, more));
        assert_eq!(odd(&sekoia(tuple, "2", more)), expected, "{tuple}");
        assert_eq!(odd(&connector(tuple, more)), expected, "{tuple}");
    }
    assert!(odd(&native_nsg(NSG, "")).is_empty());
    // A time that is no number has the unit of its log.
    let dated = connector(NSG, "").replace(r#""1710413935""#, r#""2024-03-14T10:58:55Z""#);
    assert!(odd(&dated).is_empty());
}

#[test]
fn tuples_of_the_other_log_have_their_codes() {
    for (input, why) in [
        (sekoia(VNET, "2", ""), code::TUPLE_VNET_LAYOUT),
        (sekoia(NSG, "4", ""), code::TUPLE_LAYOUT),
        (
            sumo(VNET, "").replace("\"version\":4", "\"version\":2"),
            code::TUPLE_VNET_LAYOUT,
        ),
    ] {
        let (_, report) = read(&input);
        assert_eq!(
            report.quarantined.iter().collect::<Vec<_>>(),
            [(why, 1)],
            "{input}"
        );
    }
}

#[test]
fn all_tuples_that_an_event_numbers_are_read() {
    let second = VNET.replace("10.0.0.1", "10.0.0.9");
    let third = VNET.replace("10.0.0.1", "10.0.0.10");
    let event = sekoia(
        VNET,
        "4",
        &format!(r#""flow.10":"{third}","flow.1":"{second}","flow.2":null,"#),
    );
    let (kept, report) = read(&event);
    let shown: Vec<_> = kept
        .rows()
        .iter()
        .map(|row| {
            [&row["SrcIp"], &row["TupleIndex"], &row["AclRule"]]
                .map(|text| text.clone().unwrap())
                .join(" ")
        })
        .collect();
    assert_eq!(shown, ["10.0.0.1 0 r", "10.0.0.9 1 r", "10.0.0.10 2 r"]);
    assert!(report.oddities.is_empty(), "{:?}", report.oddities);
    assert_eq!((report.counts.records, report.counts.tuples_stored), (1, 3));
    // All of an event, or none.
    let (kept, report) = read(event.replace("10.0.0.9", "ten"));
    assert_eq!(
        (kept.rows().len(), report.quarantined.count(code::TUPLE_ADDRESS)),
        (0, 1)
    );
}
