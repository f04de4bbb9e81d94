//! Where the columns of `Flows` come from in rows that are no tuples: Traffic Analytics and flat records.
//!
//! Kept apart from the column table for its length; a test holds the two together.

use super::ColumnDef;

/// Where a column comes from in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSource {
    /// Name of the column.
    pub column: &'static str,
    /// In a Traffic Analytics row; the older table has the same names with a suffix for their type.
    pub ta: &'static str,
    /// In a flat record; `--map` names any other field.
    pub flat: &'static str,
}

/// Where a stored column of `Flows` comes from in rows.
#[must_use]
pub fn row_source(column: &ColumnDef) -> Option<&'static RowSource> {
    SOURCES.iter().find(|source| source.column == column.name)
}

macro_rules! sources {
    ($($column:literal: $ta:literal, $flat:literal;)+) => {
        const SOURCES: &[RowSource] = &[$(RowSource { column: $column, ta: $ta, flat: $flat }),+];
    };
}

sources! {
    "TimeGenerated": "FlowStartTime", "time";
    "FlowDate": "from FlowStartTime", "from time";
    "RecordTime": "TimeGenerated, else TimeProcessed, else FlowStartTime", "time";
    "MacAddress": "MacAddress", "`--map`";
    "SrcIp": "SrcIp, or an entry of SrcPublicIps", "sourceIP";
    "DestIp": "DestIp, or an entry of DestPublicIps", "destinationIP";
    "SrcPort": "not in the row", "sourcePort";
    "DestPort": "DestPort", "destinationPort";
    "L4Protocol": "L4Protocol, `T` or `TCP`", "protocol";
    "FlowDirection": "FlowDirection, `I` or `Inbound`", "flowDirection";
    "FlowState": "not in the row", "`--map`";
    "FlowStatus": "FlowStatus, `A` or `Allowed`", "flowState, `Allow` or `Deny`";
    "FlowEncryption": "FlowEncryption, its words as the log's values", "`--map`";
    "PacketsSrcToDest": "PacketsSrcToDest (OutboundPackets_d), or the entry's", "`--map`";
    "BytesSrcToDest": "BytesSrcToDest (OutboundBytes_d), or the entry's", "`--map`";
    "PacketsDestToSrc": "PacketsDestToSrc (InboundPackets_d), or the entry's", "`--map`";
    "BytesDestToSrc": "BytesDestToSrc (InboundBytes_d), or the entry's", "`--map`";
    "AclGroup": "AclGroup (NSGList_s)", "`--map`";
    "AclRule": "AclRule (NSGRule_s)", "`--map`";
    "AclRuleKind": "NSGRuleType_s, else from the rule's name", "trafficCategory";
    "AclIdLogged": "AclGroup", "`--map` of AclGroup";
    "AclRuleLogged": "AclRule", "`--map` of AclRule";
    "TargetResourceId": "TargetResourceId", "`--map`";
    "FlowLogResourceId": "FlowLogResourceId", "`--map`";
    "FlowLogGuid": "not in the row", "`--map`";
    "SystemId": "not in the row", "`--map`";
    "LogFormat": "`ta-3`, `ta-2` with suffixes", "`flat`";
    "SourceId": "provenance", "provenance";
    "RecordOffset": "provenance", "provenance";
    "TupleIndex": "position of the entry, else 0", "0";
    "RecordHash": "computed while reading", "computed while reading";
    "RecordOccurrence": "counted while reading", "counted while reading";
    "FlowEndTime": "FlowEndTime", "`--map`";
    "StartedFlows": "sum of AllowedInFlows, DeniedInFlows, AllowedOutFlows and DeniedOutFlows, or the entry's", "`--map`";
    "CompletedFlows": "CompletedFlows, or the entry's", "`--map`";
    "AdditionalFields": "everything else", "everything else";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FLOWS;

    #[test]
    fn every_stored_column_says_where_it_comes_from_in_rows() {
        let stored: Vec<&str> = FLOWS.stored_columns().map(|column| column.name).collect();
        let said: Vec<&str> = SOURCES.iter().map(|source| source.column).collect();
        assert_eq!(said, stored);
        assert!(
            FLOWS
                .column("FlowId")
                .is_some_and(|column| row_source(column).is_none())
        );
    }
}
