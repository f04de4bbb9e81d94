//! Records of NSG flow logs, versions 1 and 2 (FORMATS.md 2.1).

use super::{Group, push_text};
use crate::world::FlowLog;
use std::io::Write;

/// Writes one record.
pub(crate) fn write_nsg_record(
    out: &mut Vec<u8>,
    log: &FlowLog,
    mac: &str,
    stamp: &str,
    version: u8,
    groups: &[Group<'_>],
) {
    let header = [
        ("time", stamp),
        ("systemId", log.guid.as_str()),
        ("macAddress", mac),
        ("category", "NetworkSecurityGroupFlowEvent"),
        ("resourceId", log.resource_id.as_str()),
        ("operationName", "NetworkSecurityGroupFlowEvents"),
    ];
    out.push(b'{');
    for (name, value) in header {
        push_text(out, name, value);
        out.push(b',');
    }
    // Writing to a vector cannot fail.
    let _ = write!(out, "\"properties\":{{\"Version\":{version},\"flows\":[");
    for (at, group) in groups.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
        push_text(out, "rule", &group.decision.rule);
        out.extend_from_slice(b",\"flows\":[{");
        push_text(out, "mac", mac);
        out.extend_from_slice(b",\"flowTuples\":[");
        out.extend_from_slice(&group.tuples);
        out.extend_from_slice(b"]}]}");
    }
    out.extend_from_slice(b"]}}");
}
