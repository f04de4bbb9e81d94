//! The columns of `Flows`: one row per tuple, as logged.

use super::made::{column, computed, counter, envelope, tuple_field};
use super::{ColumnDef, Repr, TableDef, ValueType};

/// One row per tuple or per row of another form, lossless.
pub static FLOWS: TableDef = TableDef {
    name: "Flows",
    row: "one flow tuple, as logged by one network interface, or one row of another form; a Traffic Analytics row stands for several flows",
    partition: "FlowDate",
    columns: COLUMNS,
};

const COLUMNS: &[ColumnDef] = &[
    ColumnDef {
        kql_aliases: &["FlowStartTime", "FlowStartTime_t"],
        ..tuple_field(
            "TimeGenerated",
            ValueType::Instant,
            Repr::Plain,
            "When the tuple says it happened, UTC.",
            "tuple field 1, milliseconds",
            "tuple field 1, seconds",
        )
    },
    tuple_field(
        "FlowDate",
        ValueType::Day,
        Repr::Plain,
        "UTC day of TimeGenerated; the partition of the table. Never the day of the blob's path.",
        "from tuple field 1",
        "from tuple field 1",
    ),
    ColumnDef {
        meaning: "When Azure flushed the record that holds the tuple, UTC; 2 to 65 seconds after the tuple in real logs.",
        vnet: "records[].time",
        nsg: "records[].time",
        ..column("RecordTime", ValueType::Instant, Repr::Plain)
    },
    envelope(
        "MacAddress",
        "Network interface that reported the tuple, upper case with dashes. Null where the record has none.",
        "records[].macAddress",
        "records[].macAddress, else flows[].flows[].mac",
        &["MACAddress_s"],
    ),
    ColumnDef {
        kql_aliases: &["SrcIP_s", "SrcIpAddr", "SourceIP"],
        ..tuple_field(
            "SrcIp",
            ValueType::Text,
            Repr::Dictionary,
            "Address that opened the flow, as logged.",
            "tuple field 2",
            "tuple field 2",
        )
    },
    ColumnDef {
        kql_aliases: &["DestIP_s", "DstIpAddr", "DestinationIP"],
        ..tuple_field(
            "DestIp",
            ValueType::Text,
            Repr::Dictionary,
            "Address the flow was opened to, as logged.",
            "tuple field 3",
            "tuple field 3",
        )
    },
    ColumnDef {
        kql_aliases: &["SrcPortNumber", "SourcePort"],
        nullable: true,
        ..tuple_field(
            "SrcPort",
            ValueType::Int,
            Repr::Plain,
            "Source port. Null where it was dropped, as Traffic Analytics does.",
            "tuple field 4",
            "tuple field 4",
        )
    },
    ColumnDef {
        kql_aliases: &["DestPort_d", "DstPortNumber", "DestinationPort"],
        ..tuple_field(
            "DestPort",
            ValueType::Int,
            Repr::Plain,
            "Destination port.",
            "tuple field 5",
            "tuple field 5",
        )
    },
    ColumnDef {
        kql_aliases: &["L4Protocol_s", "NetworkProtocol", "Protocol"],
        ..tuple_field(
            "L4Protocol",
            ValueType::Text,
            Repr::Dictionary,
            "IANA keyword of the protocol (`TCP`, `UDP`); the number as text where IANA has no keyword.",
            "tuple field 6, a number",
            "tuple field 6, `T` or `U`",
        )
    },
    ColumnDef {
        kql_aliases: &["FlowDirection_s", "NetworkDirection"],
        ..tuple_field(
            "FlowDirection",
            ValueType::Text,
            Repr::Dictionary,
            "`Inbound` or `Outbound`, as the reporting network interface sees it.",
            "tuple field 7, `I` or `O`",
            "tuple field 7, `I` or `O`",
        )
    },
    ColumnDef {
        meaning: "State as logged: `B` begin, `C` continue, `E` end, `D` denied. Null in NSG version 1, which has no states.",
        vnet: "tuple field 8",
        nsg: "tuple field 9 (version 2); a denied flow is `B` here",
        ..column("FlowState", ValueType::Text, Repr::Dictionary)
    },
    ColumnDef {
        kql_aliases: &["FlowStatus_s", "DvcAction"],
        ..tuple_field(
            "FlowStatus",
            ValueType::Text,
            Repr::Dictionary,
            "`Allowed` or `Denied`.",
            "implied by the state: `D` is denied, anything else allowed",
            "tuple field 8, `A` or `D`",
        )
    },
    ColumnDef {
        meaning: "Encryption as logged: `X` encrypted, `NX` not, `NX_…` with the reason. Null in NSG flow logs.",
        vnet: "tuple field 9",
        nsg: "not logged",
        ..column("FlowEncryption", ValueType::Text, Repr::Dictionary)
    },
    counter(
        "PacketsSrcToDest",
        "packets",
        "Packets from source to destination since the previous tuple of the flow. Null: not reported.",
        "tuple field 10",
        "tuple field 10 (version 2)",
        &["OutboundPackets_d", "SrcPackets"],
    ),
    counter(
        "BytesSrcToDest",
        "bytes",
        "Bytes from source to destination since the previous tuple of the flow, headers included. Null: not reported.",
        "tuple field 11",
        "tuple field 11 (version 2)",
        &["OutboundBytes_d", "SrcBytes"],
    ),
    counter(
        "PacketsDestToSrc",
        "packets",
        "Packets from destination to source since the previous tuple of the flow. Null: not reported.",
        "tuple field 12",
        "tuple field 12 (version 2)",
        &["InboundPackets_d", "DstPackets"],
    ),
    counter(
        "BytesDestToSrc",
        "bytes",
        "Bytes from destination to source since the previous tuple of the flow, headers included. Null: not reported.",
        "tuple field 13",
        "tuple field 13 (version 2)",
        &["InboundBytes_d", "DstBytes"],
    ),
    envelope(
        "AclGroup",
        "Network security group or admin configuration that decided, in lower case as Traffic Analytics has it; `unspecified` for platform and encryption decisions.",
        "flows[].aclID",
        "records[].resourceId",
        &["NSGList_s"],
    ),
    envelope(
        "AclRule",
        "Name of the rule that decided, in lower case and without its prefix. Null where the log names none.",
        "flowGroups[].rule",
        "flows[].rule",
        &["NSGRule_s", "NetworkRuleName"],
    ),
    ColumnDef {
        nullable: false,
        ..envelope(
            "AclRuleKind",
            "`UserRule`, `DefaultRule`, `SecurityAdminRule`, `PlatformRule`, `Unspecified` or `Unknown`.",
            "prefix of flowGroups[].rule",
            "prefix of flows[].rule",
            &["NSGRuleType_s"],
        )
    },
    envelope(
        "AclIdLogged",
        "The deciding group as logged, letter by letter.",
        "flows[].aclID",
        "records[].resourceId",
        &[],
    ),
    envelope(
        "AclRuleLogged",
        "The rule as logged, prefix and letter case kept.",
        "flowGroups[].rule",
        "flows[].rule",
        &[],
    ),
    envelope(
        "TargetResourceId",
        "What the flow log is enabled on: a virtual network, subnet, network interface or network security group.",
        "records[].targetResourceID",
        "records[].resourceId",
        &[],
    ),
    envelope(
        "FlowLogResourceId",
        "The flow log resource. Null in NSG flow logs.",
        "records[].flowLogResourceID (or `resourceId`)",
        "not logged",
        &[],
    ),
    envelope(
        "FlowLogGuid",
        "GUID of the flow log resource.",
        "records[].flowLogGUID",
        "not logged",
        &[],
    ),
    envelope(
        "SystemId",
        "GUID of the network security group's system.",
        "not logged",
        "records[].systemId",
        &[],
    ),
    ColumnDef {
        nullable: false,
        ..envelope(
            "LogFormat",
            "The layout the row was read by: `vnet-4`, `nsg-2`, `nsg-1`, `ta-3`, `ta-2` or `flat`.",
            "from the envelope and the number of fields",
            "from the envelope and the number of fields",
            &[],
        )
    },
    tuple_field(
        "SourceId",
        ValueType::Long,
        Repr::Plain,
        "Code of the blob or file the tuple was read from; IngestLog names it.",
        "provenance",
        "provenance",
    ),
    tuple_field(
        "RecordOffset",
        ValueType::Long,
        Repr::Plain,
        "Byte offset of the record in the uncompressed source.",
        "provenance",
        "provenance",
    ),
    tuple_field(
        "TupleIndex",
        ValueType::Int,
        Repr::Plain,
        "Position of the tuple in its record, from 0.",
        "provenance",
        "provenance",
    ),
    tuple_field(
        "RecordHash",
        ValueType::Bytes,
        Repr::Dictionary,
        "128-bit hash of the record's content, the same whatever its key order, white space or wrapper.",
        "computed while reading",
        "computed while reading",
    ),
    tuple_field(
        "RecordOccurrence",
        ValueType::Int,
        Repr::Plain,
        "0 for the first record with this content in its source, 1 for the next, and so on.",
        "counted while reading",
        "counted while reading",
    ),
    ColumnDef {
        meaning: "Start of the last flow that an aggregated row stands for; TimeGenerated is that of the first. Null for tuples.",
        vnet: "not logged",
        nsg: "not logged",
        kql_aliases: &["FlowEndTime_t", "EventEndTime"],
        ..column("FlowEndTime", ValueType::Instant, Repr::Plain)
    },
    ColumnDef {
        unit: "flows",
        meaning: "Flows begun or denied that the row stands for. Null for tuples.",
        vnet: "not logged",
        nsg: "not logged",
        ..column("StartedFlows", ValueType::Long, Repr::Plain)
    },
    ColumnDef {
        unit: "flows",
        meaning: "Flows ended that the row stands for. Null for tuples.",
        vnet: "not logged",
        nsg: "not logged",
        kql_aliases: &["CompletedFlows_d"],
        ..column("CompletedFlows", ValueType::Long, Repr::Plain)
    },
    envelope(
        "AdditionalFields",
        "JSON object of every non-empty field that no other column holds, under its own name. Null for tuples.",
        "not logged",
        "not logged",
        &[],
    ),
    computed(
        "FlowId",
        "Stable identity of the row: record hash, occurrence and tuple index.",
        &[],
    ),
    computed(
        "L7Protocol",
        "IANA service name of the destination port: a guess from the port, not inspection.",
        &["L7Protocol_s"],
    ),
    computed(
        "SrcIpClass",
        "Class of SrcIp: `Private`, `AzurePlatform`, `Internet` and so on.",
        &[],
    ),
    computed(
        "DestIpClass",
        "Class of DestIp: `Private`, `AzurePlatform`, `Internet` and so on.",
        &[],
    ),
    computed(
        "TrafficCategory",
        "What governed the flow: `NetworkSecurityGroup`, `SecurityAdminRule`, `Platform` or `Encryption`.",
        &[],
    ),
    computed(
        "InitiatorConfidence",
        "How sure it is that the source began: `Logged`, `LikelyReversed` (from a well-known port to one that is lent to callers, as late replies are) or `Platform`.",
        &[],
    ),
    computed("InitiatorReason", "Why `InitiatorConfidence` says so.", &[]),
    computed(
        "FlowType",
        "What kind of traffic it is, as far as facts are loaded: `IntraVNet`, `ExternalPublic` and so on.",
        &["FlowType_s"],
    ),
    computed(
        "SrcVm",
        "Machine of who began the flow: `group/machine`, of a scale set `group/set_3`. Empty where no fact names it; `ambiguous: ...` where several may be meant.",
        &["VM1_s"],
    ),
    computed(
        "SrcNic",
        "Network interface of who began the flow: `group/interface`, of a scale set `group/set_3/interface`.",
        &["NIC1_s"],
    ),
    computed(
        "SrcMacAddress",
        "MAC address of the interface of who began the flow: the reporter's own, or the one that facts name.",
        &["SrcMacAddr"],
    ),
    computed(
        "SrcSubnet",
        "Subnet of who began the flow: `group/network/subnet`.",
        &["Subnet1_s"],
    ),
    computed(
        "SrcSubscription",
        "Subscription of who began the flow.",
        &["Subscription1_g"],
    ),
    computed("SrcRegion", "Region of who began the flow.", &["Region1_s"]),
    computed(
        "SrcLoadBalancer",
        "Load balancer whose frontend is who began the flow: `group/balancer`.",
        &["LoadBalancer1_s"],
    ),
    computed(
        "SrcServiceTags",
        "Service tags of the public address of who began the flow, the closest first, with blanks between them.",
        &[],
    ),
    computed(
        "SrcCountry",
        "Country of the public address of who began the flow: two letters of ISO 3166-1 in lower case, as Traffic Analytics writes them. Empty for private addresses and own public ones, and where no database that was loaded knows it.",
        &["SrcGeoCountry"],
    ),
    ColumnDef {
        value_type: ValueType::Long,
        ..computed(
            "SrcAsn",
            "Number of the autonomous system that announces the public address of who began the flow. Null where none is known.",
            &[],
        )
    },
    computed(
        "SrcAsnName",
        "Whose that autonomous system is, as the database spells it.",
        &[],
    ),
    computed(
        "DestVm",
        "Machine of whom the flow went to: `group/machine`. Empty where no fact names it; `ambiguous: ...` where several may be meant.",
        &["VM2_s"],
    ),
    computed(
        "DestNic",
        "Network interface of whom the flow went to: `group/interface`.",
        &["NIC2_s"],
    ),
    computed(
        "DestMacAddress",
        "MAC address of the interface of whom the flow went to: the reporter's own, or the one that facts name.",
        &["DstMacAddr"],
    ),
    computed(
        "DestSubnet",
        "Subnet of whom the flow went to: `group/network/subnet`.",
        &["Subnet2_s"],
    ),
    computed(
        "DestSubscription",
        "Subscription of whom the flow went to.",
        &["Subscription2_g"],
    ),
    computed("DestRegion", "Region of whom the flow went to.", &["Region2_s"]),
    computed(
        "DestLoadBalancer",
        "Load balancer whose frontend is whom the flow went to: `group/balancer`.",
        &["LoadBalancer2_s"],
    ),
    computed(
        "DestServiceTags",
        "Service tags of the public address of whom the flow went to, the closest first, with blanks between them.",
        &[],
    ),
    computed(
        "DestCountry",
        "Country of the public address of whom the flow went to: two letters of ISO 3166-1 in lower case, as Traffic Analytics writes them. Empty for private addresses and own public ones, and where no database that was loaded knows it.",
        &["DstGeoCountry"],
    ),
    ColumnDef {
        value_type: ValueType::Long,
        ..computed(
            "DestAsn",
            "Number of the autonomous system that announces the public address of whom the flow went to. Null where none is known.",
            &[],
        )
    },
    computed(
        "DestAsnName",
        "Whose that autonomous system is, as the database spells it.",
        &[],
    ),
    computed(
        "AzureRegion",
        "Region of a public address of Azure, from its service tag.",
        &["AzureRegion_s"],
    ),
    computed(
        "ThreatType",
        "What the other end is known for, where a list of addresses that was loaded names it.",
        &[],
    ),
    computed("ThreatDescription", "What that list says of it.", &[]),
    ColumnDef {
        value_type: ValueType::Bool,
        ..computed(
            "IsFlowCapturedAtUdrHop",
            "True where the flow only passed through: neither address is the reporting interface's own.",
            &["IsFlowCapturedAtUDRHop_b"],
        )
    },
];
