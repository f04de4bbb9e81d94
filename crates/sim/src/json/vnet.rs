//! Records of VNet flow logs, version 4, in the three orders of keys that are seen (FORMATS.md 1.1 and 1.3).

use super::{Group, push_text};
use crate::world::{AclLayout, FlowLog, KeyOrder};

const CATEGORY: &str = "FlowLogFlowEvent";

/// Writes one record.
pub(crate) fn write_vnet_record(
    out: &mut Vec<u8>,
    log: &FlowLog,
    mac: &str,
    stamp: &str,
    groups: &[Group<'_>],
) {
    let keys: [&str; 9] = match log.key_order {
        KeyOrder::Documented => [
            "time",
            "flowLogVersion",
            "flowLogGUID",
            "macAddress",
            "category",
            "flowLogResourceID",
            "targetResourceID",
            "operationName",
            "flowRecords",
        ],
        KeyOrder::Observed => [
            "time",
            "flowLogGUID",
            "macAddress",
            "category",
            "flowLogResourceID",
            "targetResourceID",
            "flowLogVersion",
            "operationName",
            "flowRecords",
        ],
        KeyOrder::Alphabetical => [
            "category",
            "flowLogGUID",
            "flowLogResourceID",
            "flowLogVersion",
            "flowRecords",
            "macAddress",
            "operationName",
            "targetResourceID",
            "time",
        ],
    };
    for (at, key) in keys.into_iter().enumerate() {
        out.push(if at == 0 { b'{' } else { b',' });
        match key {
            "time" => push_text(out, key, stamp),
            "flowLogVersion" => out.extend_from_slice(b"\"flowLogVersion\":4"),
            "flowLogGUID" => push_text(out, key, &log.guid),
            "macAddress" => push_text(out, key, mac),
            "flowLogResourceID" => push_text(out, key, &log.resource_id),
            "targetResourceID" => push_text(out, key, &log.target_id),
            "flowRecords" => write_flows(out, log, groups),
            _ => push_text(out, key, CATEGORY),
        }
    }
    out.push(b'}');
}

fn write_flows(out: &mut Vec<u8>, log: &FlowLog, groups: &[Group<'_>]) {
    out.extend_from_slice(b"\"flowRecords\":{\"flows\":[");
    let mut open: Option<&str> = None;
    for group in groups {
        let acl_id = group.decision.acl_id.as_str();
        let joins = log.acl_layout == AclLayout::EntryPerAcl && open == Some(acl_id);
        if joins {
            out.push(b',');
        } else {
            out.extend_from_slice(if open.is_some() { b"]},{" } else { b"{" });
            push_text(out, "aclID", acl_id);
            out.extend_from_slice(b",\"flowGroups\":[");
        }
        open = Some(acl_id);
        write_group(out, log.key_order == KeyOrder::Alphabetical, group);
    }
    out.extend_from_slice(if open.is_some() { b"]}]}" } else { b"]}" });
}

fn write_group(out: &mut Vec<u8>, alphabetical: bool, group: &Group<'_>) {
    out.push(b'{');
    if !alphabetical {
        push_text(out, "rule", &group.decision.rule);
        out.push(b',');
    }
    out.extend_from_slice(b"\"flowTuples\":[");
    out.extend_from_slice(&group.tuples);
    out.push(b']');
    if alphabetical {
        out.push(b',');
        push_text(out, "rule", &group.decision.rule);
    }
    out.push(b'}');
}
