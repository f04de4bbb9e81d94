//! Headers and what is said of them: spellings that are one, and names that are not there.

use super::read;
use crate::fuzz::Kept;

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
