//! Records that are half a VNet and half an NSG flow log: Azure never wrote them, so no half is believed.

use model::codes::list as code;

use crate::fuzz;

const VNET: &str = r#""flowRecords":{"flows":[{"aclID":"/A","flowGroups":[{"rule":"r","flowTuples":["1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,"]}]}]}"#;
const NSG: &str = r#""properties":{"Version":2,"flows":[{"rule":"DefaultRule_r","flows":[{"mac":"m","flowTuples":["1710413935,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,"]}]}]}"#;
const VNET_CATEGORY: &str = r#""category":"FlowLogFlowEvent","flowLogVersion":4"#;
const NSG_CATEGORY: &str = r#""category":"networkSecurityGroupFlowEvent""#;

fn record(parts: &[&str]) -> String {
    format!(
        r#"{{"time":"2024-03-14T10:59:41.5119837Z","macAddress":"A",{}}}"#,
        parts.join(",")
    )
}

/// One entry for the record and nothing stored of it; the records around it are.
#[track_caller]
fn refused(hybrid: &str, tuples: u64) {
    let good = [record(&[VNET_CATEGORY, VNET]), record(&[NSG, NSG_CATEGORY])];
    let input = format!(r#"{{"records":[{},{hybrid},{}]}}"#, good[0], good[1]);
    let (kept, report) = fuzz::read(input.as_bytes(), 0, 64);
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::RECORD_HYBRID, 1)],
        "{hybrid}"
    );
    assert_eq!((kept.rows().len(), kept.quarantined.len()), (2, 1), "{hybrid}");
    assert_eq!(kept.quarantined[0].raw, hybrid.as_bytes());
    assert_eq!(report.counts.tuples_quarantined, tuples, "{hybrid}");
    assert!(report.oddities.is_empty(), "{hybrid}: {:?}", report.oddities);
    fuzz::any_input(input.as_bytes());
    fuzz::same_as_twin(input.as_bytes());
}

#[test]
fn flows_under_the_category_of_the_other_log() {
    for (category, flows) in [(VNET_CATEGORY, NSG), (NSG_CATEGORY, VNET)] {
        refused(&record(&[category, flows]), 1);
        refused(&record(&[flows, category]), 1);
    }
    // Its tuples are of the layout that its category promises: that is said once, for the record.
    let tuple = "1710413935,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,";
    let nsg_in_vnet = VNET.replace("1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,", tuple);
    refused(&record(&[NSG_CATEGORY, &nsg_in_vnet]), 1);
}

#[test]
fn flows_in_the_layouts_of_both_logs() {
    for category in [VNET_CATEGORY, NSG_CATEGORY, r#""systemId":"s""#] {
        refused(&record(&[category, VNET, NSG]), 1);
        refused(&record(&[NSG, VNET, category]), 1);
    }
}

#[test]
fn half_of_nothing_is_no_half() {
    for parts in [
        [VNET_CATEGORY, VNET, r#""properties":{"flows":null}"#],
        [NSG_CATEGORY, NSG, r#""flowRecords":null"#],
        [VNET_CATEGORY, VNET, r#""properties":{"Version":4}"#],
        [r#""category":"Other""#, NSG, r#""x":1"#],
    ] {
        let (kept, report) = fuzz::read(record(&parts).as_bytes(), 0, 64);
        assert_eq!((kept.rows().len(), report.quarantined.is_empty()), (1, true));
    }
}

#[test]
fn a_tuple_of_the_other_log_is_named_for_what_it_is() {
    let nsg = NSG.replace(
        "1710413935,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,",
        "1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,",
    );
    let (kept, report) = fuzz::read(record(&[NSG_CATEGORY, &nsg]).as_bytes(), 0, 64);
    assert!(kept.rows().is_empty());
    assert_eq!(
        report.quarantined.iter().collect::<Vec<_>>(),
        [(code::TUPLE_VNET_LAYOUT, 1)]
    );
}
